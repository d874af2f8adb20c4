/** The thin rail: only places that exist, help, and me. On narrow screens it becomes the bar at the bottom. */
import { Tooltip, UnstyledButton } from "@mantine/core";
import { useSnapshot } from "@parlons/sync/store.ts";
import { Mark } from "@parlons/ui/Mark.tsx";
import { Activity, AudioLines, CircleHelp, Inbox } from "lucide-react";
import type { MouseEvent, ReactNode } from "react";
import { address, go, type Route } from "../data/route.ts";
import { offers } from "../data/select.ts";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import type { Command } from "../keys/keymap.ts";
import { keyLabel } from "../keys/useKeys.ts";
import { MeMenu } from "./MeMenu.tsx";
import styles from "./shell.module.css";

interface PlaceProps {
  to: Route;
  here: boolean;
  name: string;
  command: Command;
  icon: ReactNode;
  lamp?: boolean;
}

function Place({ to, here, name, command, icon, lamp }: PlaceProps) {
  const follow = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <Tooltip label={`${name} (${keyLabel(command)})`} position="right">
      <UnstyledButton
        component="a"
        href={address(to)}
        onClick={follow}
        className={styles.place}
        aria-current={here ? "page" : undefined}
        aria-label={name}
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
  const knocking = useSnapshot((snapshot) => offers(snapshot, me?.worker_id ?? null).length > 0);
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
      {me?.user.role !== "agent" && (
        <Place
          to={{ page: "live" }}
          here={page === "live"}
          name={t("place.live")}
          command="goLive"
          icon={<Activity size={18} />}
        />
      )}
      {me?.user.role !== "agent" && (
        <Place
          to={{ page: "prompts" }}
          here={page === "prompts"}
          name={t("place.prompts")}
          command="goPrompts"
          icon={<AudioLines size={18} />}
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
