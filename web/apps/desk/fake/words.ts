/** What is said, seen and counted in the practice centre. */
import type { ConversationFull, Journey, LiveQueue, Message, Snapshot, Why } from "@parlons/client/types.ts";
import { ago } from "./data.ts";

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
    })) as unknown as LiveQueue[],
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
