/** Every word the widget says, in English and French. {name} stands for a value. */

import type { Language } from "@parlons/chat/wire.ts";

export type { Language };

const en = {
  open: "Open the chat",
  call: "Call",
  minimise: "Minimise",
  dialog: "Chat with {firm}",
  unread: "{n} unread",
  greeting: "Hello. How can we help you?",
  online: "Online",
  online_reply: "Online, answers in about {time}",
  seconds: "{n} s",
  minutes: "{n} min",
  closed: "Closed for now",
  closed_until: "Closed, opens {when}",
  today: "today at {time}",
  tomorrow: "tomorrow at {time}",
  on_day: "{day} at {time}",
  consent: "By writing, you let the adviser see the pages you visit here.",
  privacy: "Your data",
  help: "Help centre",
  placeholder: "Your message",
  attach: "Attach a file",
  send: "Send",
  log: "Messages",
  you: "You",
  bot: "Assistant (a machine)",
  sending: "Sending",
  sent: "Sent",
  read: "Read",
  waiting: "Waiting for the network",
  failed: "Not sent",
  retry: "Try again",
  remove: "Remove",
  position: "You are number {n} in line. An adviser will answer here.",
  position_next: "You are next. An adviser will answer here.",
  in_line: "Your message has arrived. An adviser will answer here.",
  ended: "The conversation is closed. Write again to reopen it.",
  not_served: "Nobody could answer in time. Your message is kept and we will come back to you.",
  lost: "Connection lost. What you write is kept and sent as soon as it is back.",
  slow_down: "You write faster than we can take it. Sent again in {n} s.",
  too_long: "This message is longer than {n} characters. Shorten it, nothing was sent.",
  file_too_large: "“{name}” is larger than {size}. Choose a smaller file.",
  file_type: "“{name}” is of a kind we cannot take. Pictures, PDF and text are fine.",
  file_failed: "“{name}” did not arrive. Try again.",
  when_arrived: "Sent as soon as the file has arrived.",
  download: "Download {name}, {size}",
  trouble: "The chat does not answer right now. Your text is kept; try again in a moment.",
  new_messages: "New messages below",
};

const fr: typeof en = {
  open: "Ouvrir le chat",
  call: "Appeler",
  minimise: "Réduire",
  dialog: "Chat avec {firm}",
  unread: "Non lus : {n}",
  greeting: "Bonjour. Comment pouvons-nous vous aider ?",
  online: "En ligne",
  online_reply: "En ligne, répond en {time} environ",
  seconds: "{n} s",
  minutes: "{n} min",
  closed: "Fermé pour le moment",
  closed_until: "Fermé, ouvre {when}",
  today: "aujourd’hui à {time}",
  tomorrow: "demain à {time}",
  on_day: "{day} à {time}",
  consent: "En écrivant, vous laissez votre conseiller voir les pages que vous visitez ici.",
  privacy: "Vos données",
  help: "Centre d’aide",
  placeholder: "Votre message",
  attach: "Joindre un fichier",
  send: "Envoyer",
  log: "Messages",
  you: "Vous",
  bot: "Assistant (une machine)",
  sending: "Envoi en cours",
  sent: "Envoyé",
  read: "Lu",
  waiting: "En attente du réseau",
  failed: "Non envoyé",
  retry: "Réessayer",
  remove: "Retirer",
  position: "Vous êtes numéro {n} dans la file. Un conseiller vous répondra ici.",
  position_next: "Vous êtes le prochain. Un conseiller vous répondra ici.",
  in_line: "Votre message est arrivé. Un conseiller vous répondra ici.",
  ended: "La conversation est close. Écrivez pour la rouvrir.",
  not_served: "Personne n’a pu répondre à temps. Votre message est gardé et nous reviendrons vers vous.",
  lost: "Connexion perdue. Ce que vous écrivez est gardé et partira dès son retour.",
  slow_down: "Vous écrivez plus vite que nous ne pouvons recevoir. Nouvel envoi dans {n} s.",
  too_long: "Ce message dépasse {n} caractères. Raccourcissez-le, rien n’est parti.",
  file_too_large: "« {name} » dépasse {size}. Choisissez un fichier plus petit.",
  file_type: "« {name} » est d’un genre que nous ne prenons pas. Images, PDF et texte conviennent.",
  file_failed: "« {name} » n’est pas arrivé. Réessayez.",
  when_arrived: "Envoyé dès que le fichier est arrivé.",
  download: "Télécharger {name}, {size}",
  trouble: "Le chat ne répond pas pour l’instant. Votre texte est gardé ; réessayez dans un moment.",
  new_messages: "Nouveaux messages plus bas",
};

export type Word = keyof typeof en;
const dictionaries: Record<Language, typeof en> = { en, fr };

/** The sentence for `word`, its {values} filled in. French gets its no-break spaces before ; : ! ? » % €. */
export function say(language: Language, word: Word, values: Record<string, string | number> = {}): string {
  const text = dictionaries[language][word].replace(/\{(\w+)\}/g, (_, key) => String(values[key] ?? ""));
  return language === "fr" ? text.replace(/ ([;:!?»%€])/g, "\u00a0$1").replace(/« /g, "«\u00a0") : text;
}

/** The first language the widget speaks among the wishes, in their order, which the shop also offers. */
export function chooseLanguage(wishes: readonly (string | null | undefined)[], offered: readonly string[]): Language {
  for (const wish of wishes) {
    const short = wish?.slice(0, 2).toLowerCase();
    if ((short === "fr" || short === "en") && offered.includes(short)) return short;
  }
  return offered[0] === "fr" ? "fr" : "en";
}
