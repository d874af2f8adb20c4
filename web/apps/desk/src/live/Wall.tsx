/** The floor on a display on the wall: no rail, large type, nothing to press but the way back (a link, and Escape). */
import { useLive } from "@parlons/sync/store.ts";
import { timeSeconds } from "@parlons/ui/format.ts";
import { Lamp } from "@parlons/ui/Portrait.tsx";
import { useEffect } from "react";
import type { Layout } from "@parlons/client/floor.ts";
import { useNow } from "../data/clock.ts";
import { address, go } from "../data/route.ts";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { Alarm } from "./Alarm.tsx";
import styles from "./live.module.css";
import { useLayout } from "./layout.ts";
import { People } from "./People.tsx";
import { Queues } from "./Queues.tsx";
import { Tiles } from "./Tiles.tsx";
import { useFloor } from "./useFloor.ts";
import look from "./wall.module.css";

const back = () => go({ page: "live" });

function Body({ layout }: { layout: Layout }) {
  const { lines, here, off } = useFloor(layout);
  const List = layout.view === "tiles" ? Tiles : Queues;
  return (
    <>
      <Alarm lines={lines} people={here} quiet />
      <List lines={lines} people={here} quiet />
      <People here={here} off={off} order={layout.order} quiet />
    </>
  );
}

export default function Wall() {
  const { t, locale } = useTexts();
  const tenant = useSession((session) => session.me?.tenant.name ?? "");
  const lost = useLive((live) => live.status === "lost");
  const heardAt = useLive((live) => (live.status === "lost" ? live.heardAt : 0));
  const now = useNow();
  const layout = useLayout();
  useEffect(() => {
    document.title = `${t("floor.wall.name")} · Parlons`;
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && back();
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [t]);
  return (
    <main className={look.wall} data-dim={lost || undefined}>
      <header className={look.head}>
        <h1>{tenant}</h1>
        <span className={`${look.now} num`}>
          {lost ? t("live.lastSeen", { time: timeSeconds(heardAt, locale) }) : <Lamp />}{" "}
          {!lost && timeSeconds(now, locale)}
        </span>
        <a
          href={address({ page: "live" })}
          className={look.back}
          onClick={(event) => {
            event.preventDefault();
            back();
          }}
        >
          {t("floor.wall.back")}
        </a>
      </header>
      <div className={`${styles.body} ${look.body}`} tabIndex={0} role="region" aria-label={t("floor.wall.name")}>
        {layout && <Body layout={layout} />}
      </div>
    </main>
  );
}
