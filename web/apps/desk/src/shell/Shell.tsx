/** The frame of every signed-in page: skip link, rail, top bar, the page, toasts, live regions, keys. */
import { useSnapshot } from "@parlons/sync/store.ts";
import { Suspense, useEffect } from "react";
import { refuse, take } from "../data/actions.ts";
import { go, useRoute } from "../data/route.ts";
import { offers } from "../data/select.ts";
import { useMay, useSession } from "../data/session.ts";
import { undoLast, useUi } from "../data/ui.ts";
import { connect } from "../data/wire.ts";
import { useTexts } from "../i18n/index.ts";
import { Inbox } from "../inbox/Inbox.tsx";
import { listenForKeys, useCommand } from "../keys/useKeys.ts";
import { MemoBar } from "../live/MemoBar.tsx";
import { listenToPush } from "../push/push.ts";
import { inHouse } from "../team/discussions.ts";
import { usePhoneShift } from "../phone/usePhoneShift.ts";
import { Announcer } from "./Announcer.tsx";
import { Rail } from "./Rail.tsx";
import { fetched } from "./fetched.ts";
import styles from "./shell.module.css";
import { Toaster } from "./Toaster.tsx";
import { TopBar, useOnCall } from "./TopBar.tsx";

const LivePage = fetched(() => import("../live/Live.tsx"));
const WallPage = fetched(() => import("../live/Wall.tsx"));
const TeamPage = fetched(() => import("../team/TeamPage.tsx"));
const KeysPage = fetched(() => import("../keys/KeysPage.tsx"));
const SoundsPage = fetched(() => import("../keys/SoundsPage.tsx"));
const PhonePage = fetched(() => import("../phone/PhonePage.tsx"));
const PromptsPage = fetched(() => import("../prompts/PromptsPage.tsx"));
const SendsPage = fetched(() => import("../sends/SendsPage.tsx"));
const KnowledgePage = fetched(() => import("../knowledge/KnowledgePage.tsx"));
const LeftPage = fetched(() => import("../left/LeftPage.tsx"));
const SurveysPage = fetched(() => import("../surveys/SurveysPage.tsx"));
const SettingsPage = fetched(() => import("../settings/SettingsPage.tsx"));
const WelcomePage = fetched(() => import("../welcome/WelcomePage.tsx"));
const CallTrouble = fetched(() => import("../phone/Trouble.tsx"));
const Palette = fetched(() => import("./Palette.tsx"));

/** Keys that work on every page. */
function useShellKeys(): void {
  const me = useSession((session) => session.me);
  const first = useSnapshot((snapshot) => offers(snapshot, me?.worker_id ?? null)[0]?.reservation.id);
  const [steers, figures] = [useMay("steer"), useMay("figures")];
  useCommand("take", () => first && void take(first));
  useCommand("refuse", () => first && void refuse(first));
  useCommand("undo", undoLast);
  useCommand("goDesk", () => go({ page: "desk", conversation: null }));
  useCommand("goLive", () => go({ page: "live" }), me?.user.role !== "agent");
  useCommand("goColleagues", () => go({ page: "colleagues", discussion: null }), inHouse(me));
  useCommand("goSends", () => go({ page: "sends", send: null }), steers);
  useCommand("goSurveys", () => go({ page: "surveys" }), figures);
  useCommand("goKnowledge", () => go({ page: "knowledge", article: null }));
  useCommand("goLeft", () => go({ page: "left" }), useMay("read"));
  useCommand("goPrompts", () => go({ page: "prompts" }), me?.user.role !== "agent");
  useCommand("goSettings", () => go({ page: "settings", section: null, name: null }), me?.user.role !== "agent");
  useCommand("help", () => go({ page: "keys" }));
  useCommand("palette", () => useUi.setState({ palette: true }));
}

export function Shell() {
  const { t } = useTexts();
  const route = useRoute();
  const role = useSession((session) => session.me?.user.role);
  const [steers, figures, reads] = [useMay("steer"), useMay("figures"), useMay("read")];
  const palette = useUi((ui) => ui.palette);
  useEffect(connect, []);
  useEffect(listenToPush, []);
  useEffect(listenForKeys, []);
  useShellKeys();
  usePhoneShift();
  const onCall = useOnCall();
  const live = route.page === "live" && role !== "agent";
  if (route.page === "wall" && role !== "agent")
    return (
      <>
        <Suspense>
          <WallPage />
        </Suspense>
        <Announcer />
      </>
    );
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
      <div className={styles.note}>
        {onCall && (
          <Suspense>
            <CallTrouble />
          </Suspense>
        )}
        <MemoBar />
      </div>
      <main id="main" tabIndex={-1} className={styles.main}>
        <Suspense>
          {live ? (
            <LivePage />
          ) : route.page === "colleagues" ? (
            <TeamPage id={route.discussion} />
          ) : route.page === "keys" ? (
            <KeysPage />
          ) : route.page === "prompts" && role !== "agent" ? (
            <PromptsPage />
          ) : route.page === "sends" && steers ? (
            <SendsPage id={route.send} />
          ) : route.page === "surveys" && figures ? (
            <SurveysPage />
          ) : route.page === "knowledge" ? (
            <KnowledgePage id={route.article} />
          ) : route.page === "left" && reads ? (
            <LeftPage />
          ) : route.page === "settings" && role !== "agent" ? (
            <SettingsPage section={route.section} name={route.name} all={route.all ?? false} versions={route.versions ?? false} edit={route.edit ?? false} />
          ) : route.page === "welcome" && role === "administrator" ? (
            <WelcomePage step={route.step} />
          ) : route.page === "sounds" ? (
            <SoundsPage />
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
