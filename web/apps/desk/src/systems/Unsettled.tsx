/** Where a person decides: two values of one thing, and changes that the system did not take. Both values stay until then. */
import { Button } from "@mantine/core";
import { before } from "@parlons/ui/format.ts";
import { attempt } from "../data/actions.ts";
import { useTexts } from "../i18n/index.ts";
import { type InSystem, labelOf, settle, settleWrite, shownValue, type Write } from "./records.ts";
import styles from "./systems.module.css";

interface Props {
  customerId: string;
  one: InSystem;
  reload: (fresh?: boolean) => Promise<void>;
}

type Keep = "ours" | "theirs";

export function Unsettled({ customerId, one, reload }: Props) {
  const { t, locale } = useTexts();
  const act = async (what: Promise<unknown>) => {
    if (await attempt(what.then(() => true))) await reload();
  };
  const said = (to: string) => {
    const field = one.fields.find((each) => each.to === to);
    if (field && Object.keys(field.label).length) return labelOf(field, locale);
    return to.startsWith("attributes.") ? to.slice("attributes.".length) : t(`systems.to.${to as "name"}`);
  };
  return (
    <>
      {one.differences.map(({ to, ours, theirs }) => (
        <Two
          key={to}
          name={one.name}
          what={said(to)}
          ours={ours}
          theirs={theirs}
          keep={(which) => void act(settle(customerId, one.lookup_id, to, which))}
        />
      ))}
      {one.writes.map((write) => (
        <NotTaken key={write.id} one={one} write={write} keep={(which) => void act(settleWrite(customerId, write.id, which))} />
      ))}
    </>
  );
}

interface TwoProps {
  name: string;
  what: string;
  /** Ours is not what stands here, but what somebody wanted to write there. */
  wanted?: boolean;
  ours: unknown;
  theirs: unknown;
  keep: (which: Keep) => void;
}

function Two({ name, what, wanted, ours, theirs, keep }: TwoProps) {
  const { t } = useTexts();
  const shown = (value: unknown) => shownValue(value) || t("systems.empty");
  return (
    <div className={styles.two} role="group" aria-label={t("systems.differs", { what })}>
      <b>{t("systems.differs", { what })}</b>
      <span>{t(wanted ? "systems.wanted" : "systems.ours", { value: shown(ours) })}</span>
      <span>{t("systems.theirs", { name, value: shown(theirs) })}</span>
      <div className={styles.acts}>
        <Button size="compact-xs" variant="default" aria-label={t("systems.oursOf", { what })} onClick={() => keep("ours")}>
          {t("systems.keepOurs")}
        </Button>
        <Button size="compact-xs" variant="default" aria-label={t("systems.theirsOf", { what })} onClick={() => keep("theirs")}>
          {t("systems.keepTheirs")}
        </Button>
      </div>
    </div>
  );
}

function NotTaken({ one, write, keep }: { one: InSystem; write: Write; keep: (which: Keep) => void }) {
  const { t, locale } = useTexts();
  const { name } = one;
  if (write.state === "waiting") return null;
  const label = (field: string) => labelOf(one.fields.find((each) => each.name === field) ?? { name: field, label: {}, to: "", edit: false }, locale);
  if (write.state === "conflict")
    return (
      <>
        <p className={styles.bad}>{t("systems.conflict")}</p>
        {Object.entries(write.values).map(([field, ours]) => (
          <Two key={field} name={name} what={label(field)} wanted ours={ours} theirs={write.theirs[field]} keep={keep} />
        ))}
      </>
    );
  const contact = write.kind === "contact";
  return (
    <div className={styles.two} role="group" aria-label={t("systems.refused", { name, reason: write.reason })}>
      <b>{t(contact ? "systems.refusedContact" : "systems.refused", { name, reason: write.reason })}</b>
      {Object.entries(write.values).map(([field, value]) => (
        <span key={field}>
          {before(label(field), locale)} {shownValue(value) || t("systems.empty")}
        </span>
      ))}
      <div className={styles.acts}>
        <Button size="compact-xs" variant="default" onClick={() => keep("ours")}>
          {t("systems.tryAgain")}
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => keep("theirs")}>
          {t("systems.giveUp")}
        </Button>
      </div>
    </div>
  );
}
