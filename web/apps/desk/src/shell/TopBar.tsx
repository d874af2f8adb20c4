/** State first (the first tab stop), then search; what is free to the right; the broken line in words. */
import { UnstyledButton } from "@mantine/core";
import { useLive, useSnapshot } from "@parlons/sync/store.ts";
import { time } from "@parlons/ui/format.ts";
import { Kbd } from "@parlons/ui/Portrait.tsx";
import { Search } from "lucide-react";
import { Suspense } from "react";
import { useSession } from "../data/session.ts";
import { useUi } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { keyLabel } from "../keys/useKeys.ts";
import { myCall, supervised } from "../phone/calls.ts";
import { DialButton } from "../phone/DialButton.tsx";
import { PhoneChip } from "../phone/PhoneChip.tsx";
import { loadCallBar, usePhone } from "../phone/state.ts";
import { fetched } from "./fetched.ts";
import { StateMenu } from "./StateMenu.tsx";
import styles from "./shell.module.css";

const CallBar = fetched(loadCallBar);

/** "2 / 3 chats": how much of each channel is in hand. */
function Load() {
  const { t } = useTexts();
  const workerId = useSession((session) => session.me?.worker_id);
  const channels = useSnapshot((snapshot) => (workerId ? snapshot.workers[workerId]?.channels : undefined));
  const shown = Object.entries(channels ?? {}).filter(
    ([name, load]) => load.capacity > 0 && load.available && (name === "chat" || load.assigned > 0),
  );
  if (shown.length === 0) return null;
  const text = shown.map(([name, load]) => {
    const label =
      name === "chat"
        ? t("channel.chats")
        : name === "voice"
          ? t("channel.calls")
          : name === "default"
            ? t("channel.tasks")
            : name;
    return `${load.assigned} / ${load.capacity} ${label}`;
  });
  return <span className={`${styles.load} num`}>{text.join(" · ")}</span>;
}

function Connection() {
  const { t, locale } = useTexts();
  const status = useLive((live) => live.status);
  const heardAt = useLive((live) => live.heardAt);
  if (status !== "lost") return null;
  return (
    <p className={styles.lost} role="status">
      {heardAt ? t("shell.reconnecting", { time: time(heardAt, locale) }) : t("shell.connecting")}
    </p>
  );
}

function SearchBox() {
  const { t } = useTexts();
  return (
    <UnstyledButton
      className={styles.search}
      onClick={() => useUi.setState({ palette: true })}
      aria-label={t("shell.search")}
      aria-haspopup="dialog"
    >
      <Search size={16} />
      <span>{t("shell.search")}</span>
      <Kbd>{keyLabel("palette")}</Kbd>
    </UnstyledButton>
  );
}

/** Whether the call bar stands in the place of search. */
export function useOnCall(): boolean {
  const workerId = useSession((session) => session.me?.worker_id ?? null);
  const legId = usePhone((phone) => phone.legId);
  return useSnapshot((snapshot) => Boolean(myCall(snapshot, workerId) ?? supervised(snapshot, legId, workerId)));
}

export function TopBar() {
  const onCall = useOnCall();
  return (
    <header className={styles.top} data-call={onCall || undefined}>
      <StateMenu />
      {onCall && (
        <Suspense>
          <CallBar />
        </Suspense>
      )}
      <SearchBox />
      {!onCall && <Connection />}
      <span className={styles.space} />
      {!onCall && <Load />}
      <PhoneChip />
      <DialButton />
    </header>
  );
}
