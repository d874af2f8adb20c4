/** The sections of the settings, in the order of the list at the left. A part of the desk joins by one line here. */
import type { ParseKeys } from "i18next";
import {
  BadgeCheck,
  CalendarClock,
  CircleDot,
  ClipboardCheck,
  Database,
  DoorOpen,
  FileText,
  Gauge,
  Grid3x3,
  HeartPulse,
  History,
  KeyRound,
  Layers,
  Lightbulb,
  Mailbox,
  type LucideIcon,
  MessageCircle,
  MessageSquareText,
  PanelRight,
  PhoneForwarded,
  PhoneMissed,
  Rows3,
  ScrollText,
  Split,
  Store,
  Users,
  Webhook,
  Workflow,
} from "lucide-react";
import type { ComponentType } from "react";
import { fetchPart } from "../i18n/index.ts";

export interface SectionProps {
  /** The thing chosen: the part of the address behind the section. */
  name: string | null;
  /** Every field of it, where a page of its own shows the most important ones. */
  all: boolean;
  /** Its versions, where it has some. */
  versions: boolean;
  /** It is being drawn, over the whole width. */
  edit: boolean;
}

/** Under which headings the sections stand, in order. */
export const GROUPS = ["team", "work", "ways", "system"] as const;

export interface Section {
  id: string;
  group: (typeof GROUPS)[number];
  label: ParseKeys;
  icon: LucideIcon;
  /** The page, as a default export; it fills the sheet right of the list and scrolls by itself. */
  load: () => Promise<{ default: ComponentType<SectionProps> }>;
  least: "administrator" | "supervisor";
  /** A right it needs besides; then whoever has it sees it. */
  right?: string;
}

const ofKind = (kind: string) => () => import("./KindPage.tsx").then((page) => page.pageOfKind(kind));

export const SECTIONS: Section[] = [
  { id: "people", group: "team", label: "staff.title", icon: Users, load: () => import("../people/PeoplePage.tsx"), least: "supervisor", right: "people" },
  { id: "roles", group: "team", label: "staff.roles", icon: BadgeCheck, load: () => import("../people/RolesPage.tsx"), least: "supervisor", right: "people" },
  { id: "keys", group: "team", label: "staff.keys", icon: KeyRound, load: () => import("../people/KeysPage.tsx"), least: "supervisor", right: "keys" },
  { id: "audit", group: "team", label: "staff.audit", icon: ScrollText, load: () => import("../people/AuditPage.tsx"), least: "supervisor", right: "audit" },
  { id: "queues", group: "work", label: "routing.queue.all", icon: Rows3, load: () => import("../routing/QueuesPage.tsx"), least: "administrator" },
  { id: "workflows", group: "work", label: "routing.workflow.all", icon: Split, load: () => import("../routing/WorkflowsPage.tsx"), least: "administrator" },
  { id: "skills", group: "work", label: "routing.skills.title", icon: Grid3x3, load: () => import("../routing/SkillsPage.tsx"), least: "supervisor" },
  { id: "activities", group: "work", label: "settings.kind.activity.many", icon: CircleDot, load: ofKind("activity"), least: "administrator" },
  { id: "channels", group: "work", label: "settings.kind.task_channel.many", icon: Layers, load: ofKind("task_channel"), least: "administrator" },
  { id: "replies", group: "work", label: "comfort.replies.title", icon: MessageSquareText, load: () => import("../replies/RepliesPage.tsx"), least: "supervisor" },
  { id: "surveys", group: "work", label: "settings.kind.survey.many", icon: ClipboardCheck, load: ofKind("survey"), least: "administrator" },
  { id: "intents", group: "work", label: "settings.kind.intent.many", icon: Lightbulb, load: () => import("../intents/IntentsPage.tsx"), least: "administrator" },
  { id: "recontact", group: "work", label: "settings.kind.recontact.many", icon: PhoneMissed, load: ofKind("recontact"), least: "administrator" },
  { id: "firms", group: "ways", label: "settings.kind.firm.many", icon: Store, load: ofKind("firm"), least: "administrator" },
  { id: "hours", group: "ways", label: "settings.kind.hours.many", icon: CalendarClock, load: ofKind("hours"), least: "administrator" },
  { id: "entries", group: "ways", label: "settings.kind.entry_point.many", icon: DoorOpen, load: ofKind("entry_point"), least: "administrator" },
  { id: "widgets", group: "ways", label: "settings.kind.widget.many", icon: MessageCircle, load: () => Promise.all([import("./KindPage.tsx"), import("./WidgetBeside.tsx")]).then(([page, more]) => page.pageOfKind("widget", { beside: more.WidgetBeside })), least: "administrator" },
  { id: "accounts", group: "ways", label: "settings.kind.channel.many", icon: Mailbox, load: ofKind("channel"), least: "administrator" },
  { id: "lookups", group: "ways", label: "settings.kind.lookup.many", icon: Database, load: () => Promise.all([import("./KindPage.tsx"), import("../systems/LookupBeside.tsx")]).then(([page, more]) => page.pageOfKind("lookup", { beside: more.LookupBeside })), least: "administrator" },
  { id: "panels", group: "ways", label: "settings.kind.panel.many", icon: PanelRight, load: ofKind("panel"), least: "administrator" },
  { id: "flows", group: "ways", label: "settings.kind.flow.many", icon: Workflow, load: () => import("../flows/FlowsPage.tsx"), least: "administrator" },
  { id: "trunks", group: "ways", label: "settings.kind.trunk.many", icon: PhoneForwarded, load: ofKind("trunk"), least: "administrator" },
  { id: "workspace", group: "system", label: "settings.kind.workspace.many", icon: Gauge, load: ofKind("workspace"), least: "administrator" },
  { id: "webhooks", group: "system", label: "staff.webhooks", icon: Webhook, load: () => Promise.all([import("../webhooks/WebhooksPage.tsx"), fetchPart("hooks")]).then(([page]) => page), least: "administrator", right: "webhooks" },
  { id: "history", group: "system", label: "settings.history.title", icon: History, load: () => import("./HistoryPage.tsx"), least: "administrator" },
  { id: "text", group: "system", label: "settings.text.title", icon: FileText, load: () => import("./TextPage.tsx"), least: "administrator" },
  { id: "health", group: "system", label: "operations.title", icon: HeartPulse, load: () => import("../operations/HealthPage.tsx"), least: "administrator" },
];

/** What somebody sees in the list: by where he stands, and by the right that a section asks for. */
export const sectionsFor = (role: string | undefined, rights: readonly string[] = []): Section[] =>
  SECTIONS.filter((each) =>
    each.right
      ? rights.includes(each.right)
      : role === "administrator" || (role === "supervisor" && each.least === "supervisor"),
  );
