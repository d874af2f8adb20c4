/** What is to be known of the draft: it is back, it stands elsewhere too, colleagues have theirs, it could not be kept. */
import { Button, Modal } from "@mantine/core";
import { when } from "@parlons/ui/format.ts";
import { type ReactNode, useMemo, useState } from "react";
import { attempt } from "../../data/actions.ts";
import { useTexts } from "../../i18n/index.ts";
import styles from "./builder.module.css";
import { differences } from "./difference.ts";
import { draftBy, type Written } from "./drafts.ts";
import { goOnWith, keepThis } from "./keeping.ts";
import { Changes } from "./Publish.tsx";
import { discard, useBuilder } from "./store.ts";
import { isDict } from "./value.ts";
import { isRead, read } from "./yaml.ts";

export function Notices() {
  const { t, locale } = useTexts();
  const { restored, base, others, clash, unkept, live } = useBuilder();
  const [beside, setBeside] = useState<Written | null>(null);
  const now = live?.state.version ?? 0;
  const look = async (who: string) => setBeside((await attempt(draftBy(live?.state.id ?? "", who))) ?? null);
  return (
    <>
      {unkept && <Notice bad words={t(unkept === "server" ? "drawn.keptHere" : "drawn.unkept")} />}
      {restored && !clash && (
        <Notice bad={base !== now} words={t(base === now ? "drawn.restored" : "drawn.restoredOld", { when: when(restored, locale), from: base, live: now })}>
          <Act words={t("drawn.discard")} act={discard} />
        </Notice>
      )}
      {clash && (
        <Notice bad words={t("drawn.elsewhere", { when: when(clash.at, locale) })}>
          <Act words={t("drawn.compareDrafts")} act={() => setBeside(clash)} />
          <Act words={t("drawn.keepThis")} act={keepThis} />
        </Notice>
      )}
      {others.map((other) => (
        <Notice key={other.user_id} words={t("drawn.hasDraft", { author: other.author, when: when(other.at, locale), from: other.version })}>
          <Act words={t("drawn.compareDrafts")} act={() => void look(other.user_id)} />
        </Notice>
      ))}
      {beside && <Beside other={beside} close={() => setBeside(null)} />}
    </>
  );
}

function Notice({ words, bad, children }: { words: string; bad?: boolean; children?: ReactNode }) {
  return (
    <div className={styles.notice} role="status" data-tone={bad ? "warn" : undefined}>
      <p>{words}</p>
      {children}
    </div>
  );
}

const Act = ({ words, act }: { words: string; act: () => void }) => (
  <Button variant="default" size="compact-sm" onClick={act}>
    {words}
  </Button>
);

/** Another draft beside the one that is open. */
function Beside({ other, close }: { other: Written; close: () => void }) {
  const { t } = useTexts();
  const flow = useBuilder((state) => state.draft.flow);
  const changes = useMemo(() => {
    const found = read(other.text);
    return isRead(found) && isDict(found.value) ? differences(flow, found.value) : null;
  }, [other, flow]);
  return (
    <Modal opened onClose={close} size="lg" title={t(other.mine ? "drawn.ofElsewhere" : "drawn.draftOf", { author: other.author })}>
      <div className={styles.side}>
        {changes === null ? <pre className={styles.raw}>{other.text}</pre> : changes.length === 0 ? <p className={styles.quiet}>{t("drawn.alike")}</p> : <Changes changes={changes} />}
        <div className={styles.acts}>
          <Button
            onClick={() => {
              goOnWith(other);
              close();
            }}
          >
            {t("drawn.goOnWith")}
          </Button>
          <Button variant="default" onClick={close}>
            {t("drawn.leaveIt")}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
