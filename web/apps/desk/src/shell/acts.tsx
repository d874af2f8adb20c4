/** What can be done now, for the palette: every command of the keymap that somebody on screen stands for, and the settings. */
import { useSnapshot } from "@parlons/sync/store.ts";
import { BellOff, Settings, Zap } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { go } from "../data/route.ts";
import { offers } from "../data/select.ts";
import { useSession } from "../data/session.ts";
import { useUi } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import type { Command } from "../keys/keymap.ts";
import { keyLabel, perform, standing } from "../keys/useKeys.ts";
import { sectionsFor } from "../settings/sections.ts";

export interface Entry {
  id: string;
  name: string;
  side: string;
  icon: ReactNode;
  run: () => void;
  /** Another step before anything happens. */
  next?: Stage;
}

/** One step of an act of several: what is asked, and the answers. */
export interface Stage {
  prompt: string;
  entries: (text: string) => Entry[];
  /** What is typed is said, not looked for. */
  free?: boolean;
}

/** The palette itself, what it lists by other names (places, states), and steps that make no sense from a list. */
const ELSEWHERE: Command[] = ["palette", "state", "help", "next", "previous", "send"];
const RETURN_MS = 60;

/** After the palette has given the focus back: what the act focuses keeps it. */
const later = (run: () => void) => () => void setTimeout(run, RETURN_MS);

export function useActs(): Entry[] {
  const { t } = useTexts();
  const me = useSession((session) => session.me);
  const offered = useSnapshot((snapshot) => offers(snapshot, me?.worker_id ?? null).length > 0);
  const undo = useUi((ui) => ui.toast?.undo !== undefined);
  const [commands] = useState(standing);
  return useMemo(() => {
    const idle: Command[] = [...(offered ? [] : (["take", "refuse"] as const)), ...(undo ? [] : (["undo"] as const))];
    const acts = commands
      .filter((each) => !ELSEWHERE.includes(each) && !idle.includes(each) && !each.startsWith("go"))
      .map((each) => ({
        id: `act-${each}`,
        name: t(`keys.command.${each}`),
        side: keyLabel(each),
        icon: <Zap size={16} />,
        run: later(() => perform(each)),
      }));
    const settings = sectionsFor(me?.user.role).map((each) => ({
      id: `settings-${each.id}`,
      name: t(each.label) as string,
      side: t("place.settings"),
      icon: <Settings size={16} />,
      run: () => go({ page: "settings", section: each.id, name: null }),
    }));
    const sounds = {
      id: "sounds",
      name: t("comfort.sounds.title"),
      side: t("palette.place"),
      icon: <BellOff size={16} />,
      run: () => go({ page: "sounds" }),
    };
    return [...acts, sounds, ...settings];
  }, [commands, offered, undo, me, t]);
}
