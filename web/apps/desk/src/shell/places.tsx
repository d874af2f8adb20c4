/** The places of the desk that this person may go to, for the palette. */
import {
  Activity,
  AudioLines,
  BookOpen,
  CircleHelp,
  ClipboardCheck,
  Headset,
  Inbox,
  ListChecks,
  type LucideIcon,
  PhoneMissed,
  Send,
  Settings,
  Users,
} from "lucide-react";
import { useMemo } from "react";
import { go, type Route } from "../data/route.ts";
import { may, useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { useHasVoice } from "../phone/usePhoneShift.ts";
import { inHouse } from "../team/discussions.ts";
import type { Entry } from "./acts.tsx";

export function usePlaces(): Entry[] {
  const { t } = useTexts();
  const me = useSession((session) => session.me);
  const voice = useHasVoice();
  return useMemo(() => {
    const leads = me?.user.role !== "agent";
    const place = (id: string, name: string, Icon: LucideIcon, to: Route, open = true): Entry[] =>
      open ? [{ id, name, side: t("palette.place"), icon: <Icon size={16} />, run: () => go(to) }] : [];
    return [
      ...place("desk", t("place.desk"), Inbox, { page: "desk", conversation: null }),
      ...place("live", t("place.live"), Activity, { page: "live" }, leads),
      ...place("colleagues", t("place.colleagues"), Users, { page: "colleagues", discussion: null }, inHouse(me)),
      ...place("keys", t("place.keys"), CircleHelp, { page: "keys" }),
      ...place("phone", t("place.phone"), Headset, { page: "phone" }, voice),
      ...place("sends", t("place.sends"), Send, { page: "sends", send: null }, may("steer")),
      ...place("surveys", t("place.surveys"), ClipboardCheck, { page: "surveys" }, may("figures")),
      ...place("knowledge", t("place.knowledge"), BookOpen, { page: "knowledge", article: null }),
      ...place("left", t("place.left"), PhoneMissed, { page: "left" }, may("read")),
      ...place("prompts", t("place.prompts"), AudioLines, { page: "prompts" }, leads),
      ...place("settings", t("place.settings"), Settings, { page: "settings", section: null, name: null }, leads),
      ...place("welcome", t("welcome.name"), ListChecks, { page: "welcome", step: null }, me?.user.role === "administrator"),
    ];
  }, [me, voice, t]);
}
