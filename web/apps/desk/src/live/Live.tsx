/** The supervisor's page: alarms in sentences, queues, who waits, calls, people by who needs help, not served. */
import "@mantine/core/styles/Checkbox.css";
import "@mantine/core/styles/NumberInput.css";
import { Button } from "@mantine/core";
import type { Layout, Section } from "@parlons/client/floor.ts";
import { useLive } from "@parlons/sync/store.ts";
import { timeSeconds } from "@parlons/ui/format.ts";
import { Lamp } from "@parlons/ui/Portrait.tsx";
import { Monitor, PhoneMissed } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { WhyPanel } from "../context/WhyPanel.tsx";
import { useNow } from "../data/clock.ts";
import { address, go, type Route } from "../data/route.ts";
import { useMay, useSession } from "../data/session.ts";
import { useUi } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { Alarm } from "./Alarm.tsx";
import { Arrange } from "./Arrange.tsx";
import { Calls } from "./Calls.tsx";
import styles from "./live.module.css";
import { changeLayout, useLayout } from "./layout.ts";
import { MessageMenu } from "./MessageMenu.tsx";
import { NotServed } from "./NotServed.tsx";
import { People } from "./People.tsx";
import { Queues } from "./Queues.tsx";
import { Tiles } from "./Tiles.tsx";
import { useFloor } from "./useFloor.ts";
import { Waiting } from "./Waiting.tsx";

/** To another place: the wall, or those who left before an answer and could be lost for good. */
function PlaceLink({ place, icon, name }: { place: Route; icon: ReactNode; name: string }) {
  return (
    <Button
      component="a"
      variant="default"
      className={styles.tool}
      leftSection={icon}
      href={address(place)}
      aria-label={name}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        go(place);
      }}
    >
      <span>{name}</span>
    </Button>
  );
}

function Head({ layout }: { layout: Layout }) {
  const { t, locale } = useTexts();
  const firms = useSession((session) => session.me?.firms ?? []);
  const tenant = useSession((session) => session.me?.tenant.name ?? "");
  const [steers, reads] = [useMay("steer"), useMay("read")];
  const lost = useLive((live) => live.status === "lost");
  const heardAt = useLive((live) => (live.status === "lost" ? live.heardAt : 0));
  const now = useNow();
  const which = firms.length > 1 ? t("live.allFirms", { tenant }) : (firms[0]?.name ?? tenant);
  return (
    <header className={styles.head}>
      <h1>{t("place.live")}</h1>
      <span className={styles.which}>{which}</span>
      <span className={`${styles.now} num`}>
        {lost ? t("live.lastSeen", { time: timeSeconds(heardAt, locale) }) : <Lamp />}{" "}
        {!lost && timeSeconds(now, locale)}
      </span>
      {reads && <PlaceLink place={{ page: "left" }} icon={<PhoneMissed size={15} />} name={t("place.left")} />}
      {steers && <MessageMenu />}
      <Arrange layout={layout} />
      <PlaceLink place={{ page: "wall" }} icon={<Monitor size={15} />} name={t("floor.wall.name")} />
    </header>
  );
}

function Body({ layout }: { layout: Layout }) {
  const { t } = useTexts();
  const { lines, here, off, waiting, unserved } = useFloor(layout);
  const steers = useMay("steer");
  const parts: Record<Section, () => ReactNode> = {
    queues: () => (layout.view === "tiles" ? <Tiles lines={lines} people={here} /> : <Queues lines={lines} people={here} />),
    waiting: () => waiting.length > 0 && <Waiting tasks={waiting} />,
    calls: () => <Calls />,
    people: () => <People here={here} off={off} order={layout.order} onOrder={(order) => changeLayout({ order })} />,
    unserved: () => <NotServed items={unserved} />,
  };
  return (
    <div className={styles.body} tabIndex={0} role="region" aria-label={t("place.live")}>
      <Alarm lines={lines} people={here} quiet={!steers} />
      {layout.sections.map((section) => (
        <div key={section}>{parts[section]()}</div>
      ))}
      {layout.sections.length === 0 && <p className={styles.none}>{t("floor.layout.empty")}</p>}
    </div>
  );
}

export default function Live() {
  const { t } = useTexts();
  const dim = useLive((live) => live.status === "lost");
  const why = useUi((ui) => ui.why);
  const layout = useLayout();
  useEffect(() => {
    document.title = `${t("place.live")} · Parlons`;
  }, [t]);
  return (
    <div className={styles.page} data-why={why ? "" : undefined}>
      <div className={styles.sheet} data-dim={dim || undefined}>
        {layout && <Head layout={layout} />}
        {layout && <Body layout={layout} />}
      </div>
      {why && <WhyPanel target={why} onClose={() => useUi.setState({ why: null })} />}
    </div>
  );
}
