/** The thin rail: only places that exist, help, and me. On narrow screens it becomes the bar at the bottom. */
import { Tooltip, UnstyledButton } from "@mantine/core";
import { useSnapshot } from "@parlons/sync/store.ts";
import { Mark } from "@parlons/ui/Mark.tsx";
import { Activity, AudioLines, BookOpen, CircleHelp, ClipboardCheck, Inbox, Send, Settings, Users } from "lucide-react";
import type { MouseEvent, ReactNode } from "react";
import { address, go, type Route } from "../data/route.ts";
import { offers } from "../data/select.ts";
import { useMay, useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import type { Command } from "../keys/keymap.ts";
import { keyLabel } from "../keys/useKeys.ts";
import { inHouse, unreadIn } from "../team/discussions.ts";
import { MeMenu } from "./MeMenu.tsx";
import styles from "./shell.module.css";

interface PlaceProps {
  to: Route;
  here: boolean;
  name: string;
  command: Command;
  icon: ReactNode;
  lamp?: boolean;
  /** What the lamp stands for, said with the name. */
  news?: string;
}

function Place({ to, here, name, command, icon, lamp, news }: PlaceProps) {
  const follow = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <Tooltip label={`${news ?? name} (${keyLabel(command)})`} position="right">
      <UnstyledButton
        component="a"
        href={address(to)}
        onClick={follow}
        className={styles.place}
        aria-current={here ? "page" : undefined}
        aria-label={news ?? name}
      >
        {icon}
        {lamp && <span className={styles.placeLamp} />}
      </UnstyledButton>
    </Tooltip>
  );
}

export function Rail({ page }: { page: Route["page"] }) {
  const { t } = useTexts();
  const me = useSession((session) => session.me);
  const unread = useSnapshot(unreadIn);
  const knocking = useSnapshot((snapshot) => offers(snapshot, me?.worker_id ?? null).length > 0);
  const [steers, figures] = [useMay("steer"), useMay("figures")];
  return (
    <nav className={styles.rail} aria-label={t("shell.places")}>
      <span className={styles.mark}>
        <Mark size={24} />
      </span>
      <Place
        to={{ page: "desk", conversation: null }}
        here={page === "desk"}
        name={t("place.desk")}
        command="goDesk"
        icon={<Inbox size={18} />}
        lamp={knocking && page !== "desk"}
      />
      {inHouse(me) && (
        <Place
          to={{ page: "colleagues", discussion: null }}
          here={page === "colleagues"}
          name={t("place.colleagues")}
          command="goColleagues"
          icon={<Users size={18} />}
          lamp={unread > 0}
          news={unread > 0 ? t("team.place", { count: unread }) : undefined}
        />
      )}
      {me?.user.role !== "agent" && (
        <Place
          to={{ page: "live" }}
          here={page === "live" || page === "left"}
          name={t("place.live")}
          command="goLive"
          icon={<Activity size={18} />}
        />
      )}
      <Place to={{ page: "knowledge", article: null }} here={page === "knowledge"} name={t("place.knowledge")} command="goKnowledge" icon={<BookOpen size={18} />} />
      {steers && <Place to={{ page: "sends", send: null }} here={page === "sends"} name={t("place.sends")} command="goSends" icon={<Send size={18} />} />}
      {figures && <Place to={{ page: "surveys" }} here={page === "surveys"} name={t("place.surveys")} command="goSurveys" icon={<ClipboardCheck size={18} />} />}
      {me?.user.role !== "agent" && (
        <Place
          to={{ page: "prompts" }}
          here={page === "prompts"}
          name={t("place.prompts")}
          command="goPrompts"
          icon={<AudioLines size={18} />}
        />
      )}
      {me?.user.role !== "agent" && (
        <Place
          to={{ page: "settings", section: null, name: null }}
          here={page === "settings"}
          name={t("place.settings")}
          command="goSettings"
          icon={<Settings size={18} />}
        />
      )}
      <span className={styles.space} />
      <Place
        to={{ page: "keys" }}
        here={page === "keys"}
        name={t("place.keys")}
        command="help"
        icon={<CircleHelp size={18} />}
      />
      <MeMenu />
    </nav>
  );
}
