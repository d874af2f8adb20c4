/** The frame of every signed-in page: skip link, rail, top bar, the page, toasts, live regions, keys. */
import { useSnapshot } from "@parlons/sync/store.ts";
import { lazy, Suspense, useEffect } from "react";
import { refuse, take } from "../data/actions.ts";
import { go, useRoute } from "../data/route.ts";
import { offers } from "../data/select.ts";
import { useSession } from "../data/session.ts";
import { undoLast, useUi } from "../data/ui.ts";
import { connect } from "../data/wire.ts";
import { useTexts } from "../i18n/index.ts";
import { Inbox } from "../inbox/Inbox.tsx";
import { listenForKeys, useCommand } from "../keys/useKeys.ts";
import { usePhoneShift } from "../phone/usePhoneShift.ts";
import { Announcer } from "./Announcer.tsx";
import { Rail } from "./Rail.tsx";
import styles from "./shell.module.css";
import { Toaster } from "./Toaster.tsx";
import { TopBar, useOnCall } from "./TopBar.tsx";

const LivePage = lazy(() => import("../live/Live.tsx"));
const KeysPage = lazy(() => import("../keys/KeysPage.tsx"));
const PhonePage = lazy(() => import("../phone/PhonePage.tsx"));
const PromptsPage = lazy(() => import("../prompts/PromptsPage.tsx"));
const CallTrouble = lazy(() => import("../phone/Trouble.tsx"));
const Palette = lazy(() => import("./Palette.tsx"));

/** Keys that work on every page. */
function useShellKeys(): void {
  const me = useSession((session) => session.me);
  const first = useSnapshot((snapshot) => offers(snapshot, me?.worker_id ?? null)[0]?.reservation.id);
  useCommand("take", () => first && void take(first));
  useCommand("refuse", () => first && void refuse(first));
  useCommand("undo", undoLast);
  useCommand("goDesk", () => go({ page: "desk", conversation: null }));
  useCommand("goLive", () => go({ page: "live" }), me?.user.role !== "agent");
  useCommand("goPrompts", () => go({ page: "prompts" }), me?.user.role !== "agent");
  useCommand("help", () => go({ page: "keys" }));
  useCommand("palette", () => useUi.setState({ palette: true }));
}

export function Shell() {
  const { t } = useTexts();
  const route = useRoute();
  const role = useSession((session) => session.me?.user.role);
  const palette = useUi((ui) => ui.palette);
  useEffect(connect, []);
  useEffect(listenForKeys, []);
  useShellKeys();
  usePhoneShift();
  const onCall = useOnCall();
  const live = route.page === "live" && role !== "agent";
  return (
    <div
      className={styles.shell}
      data-page={route.page}
      data-open={route.page === "desk" && route.conversation ? "" : undefined}
    >
      <a href="#main" className="skip">
        {t("shell.skip")}
      </a>
      <Rail page={live ? "live" : route.page} />
      <TopBar />
      {onCall && (
        <Suspense>
          <CallTrouble />
        </Suspense>
      )}
      <main id="main" tabIndex={-1} className={styles.main}>
        <Suspense>
          {live ? (
            <LivePage />
          ) : route.page === "keys" ? (
            <KeysPage />
          ) : route.page === "prompts" && role !== "agent" ? (
            <PromptsPage />
          ) : route.page === "phone" ? (
            <PhonePage />
          ) : (
            <Inbox id={route.page === "desk" ? route.conversation : null} />
          )}
        </Suspense>
      </main>
      <Toaster />
      <Announcer />
      {palette && (
        <Suspense>
          <Palette />
        </Suspense>
      )}
    </div>
  );
}
