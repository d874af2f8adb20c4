/** The sign of each kind of step; one that is new gets a plain box. */
import { BookOpen, Bot, BotMessageSquare, Box, CalendarClock, CalendarPlus, CircleDot, ClipboardCheck, Globe, Hash, KeyRound, Languages, type LucideIcon, MessageSquareText, PhoneCall, PhoneForwarded, PhoneOff, Send, ShieldCheck, Sparkles, Split, StickyNote, UserSearch, Users, Variable, Voicemail } from "lucide-react";

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
  understand: Sparkles,
  one_time_code: KeyRound,
  authenticate: ShieldCheck,
  send: Send,
  survey: ClipboardCheck,
  bot: Bot,
  book: CalendarPlus,
  articles: BookOpen,
  voice_bot: BotMessageSquare,
};

export function KindIcon({ kind, size = 16 }: { kind: string; size?: number }) {
  const Icon = ICONS[kind] ?? Box;
  return <Icon size={size} aria-hidden />;
}
