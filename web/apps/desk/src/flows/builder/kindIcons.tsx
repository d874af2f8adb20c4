/** The sign of each kind of step; one that is new gets a plain box. */
import { Box, CalendarClock, CircleDot, Globe, Hash, Languages, type LucideIcon, MessageSquareText, PhoneCall, PhoneForwarded, PhoneOff, Split, StickyNote, UserSearch, Users, Variable, Voicemail } from "lucide-react";

const ICONS: Record<string, LucideIcon> = {
  say: MessageSquareText,
  ask: Hash,
  branch: Split,
  hours: CalendarClock,
  language: Languages,
  set: Variable,
  http: Globe,
  lookup_customer: UserSearch,
  queue: Users,
  callback: PhoneCall,
  voicemail: Voicemail,
  transfer: PhoneForwarded,
  record: CircleDot,
  end: PhoneOff,
  note: StickyNote,
};

export function KindIcon({ kind, size = 16 }: { kind: string; size?: number }) {
  const Icon = ICONS[kind] ?? Box;
  return <Icon size={size} aria-hidden />;
}
