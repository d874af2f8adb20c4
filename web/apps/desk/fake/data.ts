/** A car dealer's centre with fictional people, for looking at screens. */
import type {
  ConversationFull,
  ConversationSummary,
  Journey,
  LiveQueue,
  Me,
  Message,
  Snapshot,
  Task,
  Why,
  Worker,
} from "@parlons/client/types.ts";

const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString();

export function me(query: URLSearchParams): Me {
  const role = (query.get("role") ?? "agent") as "agent";
  return {
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
  };
}

const QUEUES = ["Financing", "New cars", "Parts", "Used cars", "Workshop"];
const STATES = [
  "missed",
  "lost",
  "wrap",
  "wrap",
  "on3",
  "on1",
  "on2",
  "on1",
  "on1",
  "on2",
  "on1",
  "ready",
  "ready",
  "ready",
  "break",
  "break",
  "off",
  "off",
];
const NAMES =
  "Paul Renaud,Léa Colin,Sophie Martin,Jade Perrin,Chloé Fontaine,Thomas Girard,Yves Roche,Nadia Cherif,Lucie Moreau,Mina Okoye,Omar Diallo,Amel Haddad,Malik Sy,Rose Vidal,Anna Kowal,Éric Noël,Tom Weber,Zoé Blanc".split(
    ",",
  );

function worker(id: string, name: string, state: string, index: number): Worker {
  const chats = Number(/^on(\d)/.exec(state)?.[1] ?? (state === "lost" ? 1 : 0));
  const activity = { missed: "miss", wrap: "wrap", break: "rest", off: "out" }[state] ?? "on";
  return {
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
  };
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
  return {
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
  };
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
    reservations.r9 = {
      id: "r9",
      task_id: "t-c9",
      worker_id: "w-me",
      status: "pending",
      created_at: ago(6),
      expires_at: ago(-24),
      queue_id: "q3",
    };
    if (!leads) setTimeout(() => delete conversations.c9, 0);
  }
  return { activities, queues, workers, tasks, reservations, conversations };
}

const SAID: [string, Message["author"]["kind"], number][] = [
  ["Vous avez des hybrides à moins de 25 000 € ?", "customer", 500],
  ["Trois sont en parc à Toulouse, de 19 900 à 24 500 €. Je vous montre ?", "bot", 490],
  ["", "system", 300],
  [
    "Bonjour, la Solène 5 hybride à 23 490 € est-elle toujours à Toulouse ? Je la regarde depuis hier.",
    "customer",
    260,
  ],
  [
    "Bonjour Claire, oui : elle est en parc à Toulouse Nord, révisée la semaine dernière. Vous pensez à un achat comptant ou à un financement ?",
    "agent",
    200,
  ],
  ["Financement plutôt. Et je pourrais l’essayer samedi ?", "customer", 48],
];

export function full(state: Snapshot, id: string): ConversationFull {
  const summary = state.conversations[id]!;
  const messages = SAID.map(
    ([text, kind, at], index): Message => ({
      ...{
        id: `${id}-m${index}`,
        conversation_id: id,
        number: index + 1,
        direction: kind === "customer" ? "in" : "out",
        channel: "webchat",
      },
      author: {
        kind,
        id: kind === "agent" ? "u-me" : kind,
        name: kind === "customer" ? summary.customer.name : kind === "agent" ? "Inès Laurent" : "",
      },
      text: kind === "system" ? "L’assistant a répondu à 2 questions, puis a passé la main" : text,
      attachments:
        index === 3
          ? [
              {
                id: "f",
                name: "reprise.pdf",
                size: 1234567,
                content_type: "application/pdf",
              },
            ]
          : [],
      ...{ notice: null, client_id: null, at: ago(at) },
    }),
  );
  return {
    ...summary,
    customer_details: {
      ...{
        id: summary.customer.id,
        firm_id: "f1",
        name: summary.customer.name,
        language: summary.language,
        created_at: ago(90000),
        version: 1,
      },
      attributes: { Véhicule: "Vela 2, 2019", Préfère: "SMS, après 17 h" },
      addresses: [
        { id: "a", kind: "phone", value: "+33 6 41 20 77 35", verified: true },
        {
          id: "b",
          kind: "email",
          value: "c.rousseau@exemple.fr",
          verified: false,
        },
      ],
    },
    disposition_note: "",
    legs: [],
    messages,
    messages_before: null,
    notes: [
      {
        id: "n1",
        conversation_id: id,
        author_user_id: "u-w5",
        author_name: "Thomas Girard",
        text: "Préparation possible jeudi soir si l’accord arrive avant mercredi midi.",
        at: ago(4000),
      },
    ],
    drafts:
      id === "c2"
        ? [
            {
              conversation_id: id,
              channel: "webchat",
              text: "Entendu, à tout à l’heure",
              saved_at: ago(60),
            },
          ]
        : [],
    dispositions: {
      required: true,
      items: [
        { id: "d1", name: { fr: "Essai pris", en: "Test drive booked" } },
        { id: "d2", name: { fr: "À rappeler", en: "To call back" } },
        { id: "d3", name: { fr: "Sans suite", en: "No further step" } },
      ],
    },
  };
}

export function journey(): Journey {
  const page = (id: string, title: string, seconds: number, description?: string) => ({
    id,
    kind: "page",
    data: { title, url: `https://shop.example/${id}`, description },
    at: ago(seconds),
    until_at: null,
  });
  return {
    lives_on: {
      url: "https://shop.example/solene-5/financement",
      title: "Simuler mon financement",
      since_at: ago(190),
    },
    items: [
      page("p4", "Simuler mon financement", 120, "36 mois · apport 4 000 €"),
      page("p3", "Solène 5 Hybride", 400),
      page("p2", "Hybrides d’occasion", 580),
      page("p1", "Accueil", 620),
    ],
  };
}

export function statistics(state: Snapshot): { queues: LiveQueue[] } {
  const levels = [0.61, 0.88, 0.96, 0.91, 0.77];
  return {
    queues: Object.keys(state.queues).map((queue_id, index) => ({
      ...{
        queue_id,
        waiting: 0,
        oldest_entered_at: null,
        service_level: levels[index]!,
        target_share: 0.8,
        target_seconds: index ? 60 : 30,
      },
      ...{
        offered: 113,
        accepted_within: 69,
        abandoned: [7, 1, 0, 3, 4][index]!,
        ready: [0, 1, 1, 2, 1][index]!,
        busy: [3, 2, 1, 4, 1][index]!,
      },
    })),
  };
}

export function why(state: Snapshot, task_id: string): Why {
  const reasons = [
    null,
    null,
    "channel-full",
    "activity",
    "activity",
    "refused",
    "expression",
    "expression",
    "expression",
  ];
  return {
    ...{
      task_id,
      chosen_worker_id: "w0",
      queue_id: "q0",
      rule: "Financing",
      step: 1,
      idle: 2,
      considered: 9,
    },
    events: [{ at: ago(40), text: "", code: "created", details: {} }],
    candidates: Object.values(state.workers)
      .slice(0, 9)
      .map((each, index) => ({
        worker_id: each.id,
        name: each.name,
        eligible: index < 2,
        chosen: index === 0,
        reason: reasons[index]!,
        detail: null,
      })),
  };
}
