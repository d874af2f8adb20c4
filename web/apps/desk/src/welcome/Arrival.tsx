/** What became of the newest contact of a channel, in a sentence, while one tries it; and the remedy when nobody would answer. */
import { Alert, Button } from "@mantine/core";
import type { Snapshot } from "@parlons/client/types.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { go } from "../data/route.ts";
import { workerShape } from "../data/select.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./welcome.module.css";

function Nobody() {
  const { t } = useTexts();
  return (
    <Alert color="ambre" title={t("welcome.nobody")}>
      <p>{t("welcome.nobodyHelp")}</p>
      <Button variant="default" mt={8} onClick={() => go({ page: "welcome", step: "people" })}>
        {t("welcome.toPeople")}
      </Button>
    </Alert>
  );
}

/** The newest open chat: who has it, null while nobody does, undefined where there is none. */
function chatHeldBy(snapshot: Snapshot): string | null | undefined {
  const newest = Object.values(snapshot.conversations)
    .filter((each) => each.channel === "webchat" && each.status === "open")
    .sort((a, b) => b.opened_at.localeCompare(a.opened_at))[0];
  return newest && (newest.assigned?.name ?? null);
}

/** The same of the newest call. */
function callHeldBy(snapshot: Snapshot): string | null | undefined {
  const newest = Object.values(snapshot.calls ?? {})
    .filter((each) => each.direction === "in")
    .sort((a, b) => b.started_at.localeCompare(a.started_at))[0];
  if (!newest) return undefined;
  return newest.agent_at && newest.worker_id ? (snapshot.workers[newest.worker_id]?.name ?? null) : null;
}

const HELD_BY = { webchat: chatHeldBy, voice: callHeldBy };

export function Arrival({ channel }: { channel: keyof typeof HELD_BY }) {
  const { t } = useTexts();
  const holder = useSnapshot(HELD_BY[channel]);
  const somebody = useSnapshot((snapshot) =>
    Object.values(snapshot.workers).some((each) => ["ready", "contact"].includes(workerShape(each, snapshot.activities))),
  );
  const text =
    holder === undefined ? t("welcome.quiet") : holder ? t("welcome.taken", { name: holder }) : t("welcome.waits");
  return (
    <>
      {!somebody && <Nobody />}
      <p role="status" className={styles.standing} data-tone={holder ? "ok" : undefined}>
        {text}
      </p>
    </>
  );
}
