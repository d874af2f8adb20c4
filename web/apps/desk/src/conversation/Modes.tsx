/** Who will read it: the customer, by one of the ways there are, or only the team. */
import { ActionIcon, Menu } from "@mantine/core";
import type { Way } from "@parlons/client/channels.ts";
import { Check, ChevronDown, Lock } from "lucide-react";
import { useNow } from "../data/clock.ts";
import { useTexts } from "../i18n/index.ts";
import { keyLabel } from "../keys/useKeys.ts";
import { WayIcon } from "../shell/ChannelIcon.tsx";
import styles from "./composer.module.css";
import type { Chosen } from "./useWay.ts";
import { freedom, wayKey } from "./ways.ts";
import { addressText, refusalText, wayName } from "./wayWords.ts";

function Line({ way, now }: { way: Way; now: number }) {
  const { t, locale } = useTexts();
  const free = freedom(way, now);
  return (
    <>
      {wayName(way, t)} <span className={styles.to}>{addressText(way)}</span>
      {free !== "free" && <span className={styles.why}>{refusalText(way, free, t, locale)}</span>}
    </>
  );
}

function Ways({ ways, way, choose }: Chosen) {
  const { t } = useTexts();
  const now = useNow();
  return (
    <Menu position="top-start" width="min(340px, calc(100vw - 24px))" returnFocus>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={30} aria-label={t("channels.another")} title={t("channels.another")}>
          <ChevronDown size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown aria-label={t("channels.another")}>
        {ways.map((each) => (
          <Menu.Item
            key={wayKey(each)}
            leftSection={<WayIcon way={each} />}
            rightSection={each === way ? <Check size={16} aria-label={t("channels.chosen")} /> : null}
            disabled={freedom(each, now) === "none"}
            onClick={() => choose(each)}
          >
            <Line way={each} now={now} />
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

interface Props {
  chosen: Chosen;
  note: boolean;
  /** One cannot write to the customer now. */
  shut: boolean;
  setNote: (note: boolean) => void;
}

export function Modes({ chosen, note, shut, setNote }: Props) {
  const { t } = useTexts();
  const { way, ways } = chosen;
  return (
    <div className={styles.modes} role="group" aria-label={t("composer.kind")}>
      <button type="button" aria-pressed={!note} disabled={shut} onClick={() => setNote(false)}>
        <WayIcon way={way} color="inherit" /> {wayName(way, t)}
      </button>
      {ways.length > 1 && !shut && !note && <Ways {...chosen} />}
      <button type="button" aria-pressed={note} onClick={() => setNote(true)} title={keyLabel("note")}>
        <Lock size={15} aria-hidden="true" /> {t("composer.note")}
      </button>
    </div>
  );
}
