/** A car dealer's centre with fictional people, for looking at screens. */
import type { ConversationSummary, Me, Snapshot, Task, Worker } from "@parlons/client/types.ts";

/** The pictures need fewer fields than the API has. */
const as = <T>(value: unknown): T => value as T;

export const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString();

export function me(query: URLSearchParams): Me {
  const role = (query.get("role") ?? "agent") as "agent";
  return as<Me>({
    user: {
      id: "u-me",
      name: "Inès Laurent",
      email: "ines@delmas.example",
      role,
      locale: (query.get("lang") ?? "en") as "en",
      theme: (query.get("theme") ?? "light") as "light",
    },
    worker_id: "w-me",
    workspace_id: "ws",
    tenant: { id: "t", name: "Delmas Automobiles" },
    firms: [
      { id: "f1", name: "Delmas Occasion" },
      { id: "f2", name: "Delmas Neuf" },
    ],
  });
}

const QUEUES = ["Financing", "New cars", "Parts", "Used cars", "Workshop"];
const STATES = "missed,lost,wrap,wrap,on3,on1,on2,on1,on1,on2,on1,ready,ready,ready,break,break,off,off".split(",");
const NAMES =
  "Paul Renaud,Léa Colin,Sophie Martin,Jade Perrin,Chloé Fontaine,Thomas Girard,Yves Roche,Nadia Cherif,Lucie Moreau,Mina Okoye,Omar Diallo,Amel Haddad,Malik Sy,Rose Vidal,Anna Kowal,Éric Noël,Tom Weber,Zoé Blanc".split(
    ",",
  );

function worker(id: string, name: string, state: string, index: number): Worker {
  const chats = Number(/^on(\d)/.exec(state)?.[1] ?? (state === "lost" ? 1 : 0));
  const activity = { missed: "miss", wrap: "wrap", break: "rest", off: "out" }[state] ?? "on";
  return as<Worker>({
    ...{
      id,
      name,
      firm_ids: ["f1"],
      activity_id: activity,
      activity_since: ago([70, 8, 292, 41, 122, 680, 80][index % 7]! * (1 + index / 6)),
    },
    ...{ reachable: state !== "lost", user_id: `u-${id}` },
    attributes: {
      skills: [["sales", "financing"], ["workshop"], ["sales"]][index % 3],
      languages: ["fr", "en"],
    },
    channels: {
      chat: { capacity: 3, assigned: chats, reserved: 0, available: true },
    },
  });
}

type Brief = [
  id: string,
  name: string,
  text: string,
  who: "customer" | "agent",
  waited: number,
  more?: Partial<ConversationSummary>,
];

function conversation([id, name, text, who, waited, more]: Brief): ConversationSummary {
  return {
    ...{
      id,
      status: "open",
      firm_id: "f1",
      queue_id: "q3",
      channel: "webchat",
      subject: "",
      language: "fr",
    },
    customer: { id: `cu-${id}`, name, address: null, lives_on: null },
    last_message: { id: `${id}-m`, who, name, text },
    ...{
      last_message_at: ago(waited),
      last_customer_message_at: ago(waited),
      first_unanswered_at: who === "customer" ? ago(waited) : null,
    },
    ...{
      unread_count: 0,
      message_count: 7,
      agent_read_number: 6,
      customer_read_number: 5,
      lead_task_id: `t-${id}`,
      not_served_reason: null,
    },
    assigned: { user_id: "u-me", worker_id: "w-me", name: "Inès Laurent" },
    ...{
      opened_at: ago(520),
      parked_until_at: null,
      wrapup_since_at: null,
      closed_at: null,
      disposition_id: null,
      tags: [],
      version: 1,
    },
    ...more,
  };
}

const BRIEFS: Brief[] = [
  [
    "c1",
    "Claire Rousseau",
    "Financement plutôt. Et je pourrais l’essayer samedi ?",
    "customer",
    48,
    {
      customer: {
        id: "cu-c1",
        name: "Claire Rousseau",
        address: "c.rousseau@exemple.fr",
        lives_on: {
          url: "https://shop.example/solene-5/financement",
          title: "Simuler mon financement",
          since_at: ago(190),
        },
      },
    },
  ],
  ["c2", "Julien Petit", "Parfait, je passe à 17 h 30", "customer", 40, { unread_count: 1 }],
  ["c3", "Emma Whitfield", "I can confirm the part exchange", "agent", 9600, { language: "en" }],
  ["c4", "Garage Fabre", "La pièce part ce soir", "agent", 7200, { status: "parked", assigned: null }],
];

const OTHERS: Brief[] = [
  ["c5", "Nora Belkacem", "Reprise d’une Vela 2 de 2021 ?", "customer", 100, { assigned: null, queue_id: "q0" }],
  ["c6", "Marc Lefort", "Demande de financement 48 mois", "customer", 221, { assigned: null, queue_id: "q0" }],
  [
    "c7",
    "Yann Kervella",
    "Quelqu’un ?",
    "customer",
    1800,
    { assigned: null, not_served_reason: "ttl", lead_task_id: null },
  ],
  [
    "c8",
    "Lea Mercier",
    "Merci beaucoup",
    "agent",
    300,
    { assigned: { user_id: "u-w5", worker_id: "w5", name: "Thomas Girard" } },
  ],
];

function task(id: string, status: Task["status"], queue_id: string, waited: number, more: Partial<Task> = {}): Task {
  return as<Task>({
    ...{
      id,
      status,
      priority: 0,
      queue_id,
      workflow_id: "wf",
      channel: "chat",
      conversation_id: id.slice(2),
      firm_id: "f1",
    },
    ...{
      created_at: ago(waited),
      entered_queue_at: ago(waited),
      worker_id: null,
      title: null,
    },
    ...more,
  });
}

export function snapshot(query: URLSearchParams): Snapshot {
  const leads = query.get("role") === "supervisor";
  const empty = query.has("empty");
  const activities = Object.fromEntries(
    [
      ["on", "Available", true],
      ["rest", "Break", false],
      ["wrap", "Wrap-up", false],
      ["miss", "Missed", false],
      ["out", "Offline", false],
    ].map(([id, name, available]) => [id, { id, name, available }]),
  ) as Snapshot["activities"];
  const queues = Object.fromEntries(
    QUEUES.map((name, index) => [
      `q${index}`,
      {
        id: `q${index}`,
        name,
        firm_id: "f1",
        waiting: 0,
        oldest_entered_at: null,
        target_seconds: index ? 60 : 30,
      },
    ]),
  );
  const state = query.get("state") ?? "on2";
  const workers = Object.fromEntries(
    [
      worker("w-me", "Inès Laurent", state, 5),
      ...NAMES.map((name, index) => worker(`w${index}`, name, STATES[index]!, index)),
    ].map((each) => [each.id, each]),
  );
  const conversations: Snapshot["conversations"] = {};
  const tasks: Snapshot["tasks"] = {};
  const reservations: Snapshot["reservations"] = {};
  if (!empty) for (const brief of [...BRIEFS, ...(leads ? OTHERS : [])]) conversations[brief[0]] = conversation(brief);
  if (!empty)
    for (const id of ["c1", "c2", "c3"])
      tasks[`t-${id}`] = task(`t-${id}`, "assigned", "q3", 500, {
        worker_id: "w-me",
      });
  if (!empty && leads)
    for (const [id, waited] of [
      ["c5", 100],
      ["c6", 221],
    ] as const)
      tasks[`t-${id}`] = task(`t-${id}`, "pending", "q0", waited);
  if (query.has("offer")) {
    conversations.c9 = conversation([
      "c9",
      "David Okafor",
      "Is the Vela 3 still for sale? I tried it on Saturday.",
      "customer",
      38,
      { assigned: null, language: "en" },
    ]);
    tasks["t-c9"] = task("t-c9", "reserved", "q3", 38);
    reservations.r9 = as({
      id: "r9",
      task_id: "t-c9",
      worker_id: "w-me",
      status: "pending",
      created_at: ago(6),
      expires_at: ago(-24),
      queue_id: "q3",
    });
    if (!leads) setTimeout(() => delete conversations.c9, 0);
  }
  return as<Snapshot>({ activities, queues, workers, tasks, reservations, conversations });
}
