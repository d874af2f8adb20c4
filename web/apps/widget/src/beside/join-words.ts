/** The words of the page a link leads to. */
import type { Language } from "../words";

const en = {
  title: "Continue our conversation",
  intro: "Your adviser has sent you this link. It works once.",
  go: "Continue",
  again: "Try again",
  video: "You are beside your call. The sound stays on your phone.",
  wait: "One moment: the adviser is not on the line yet.",
  connecting: "Connecting",
  chat: "The chat is open beside this text.",
  unknown: "This link is not complete. Check each letter, or ask for a new one.",
  over: "This link was used already, or its time is over. Ask your adviser for a new one.",
  failed: "The server does not answer right now. Try again in a moment.",
  storage: "This browser keeps nothing, so the chat cannot open here. Allow storage for this page, and ask for a new link.",
  call_over: "The call has ended. You can close this page.",
  replaced: "This was opened on another page. You can close this one.",
  language: "Français",
};

const fr: typeof en = {
  title: "Continuer notre conversation",
  intro: "Votre conseiller vous a envoyé ce lien. Il sert une fois.",
  go: "Continuer",
  again: "Réessayer",
  video: "Cette page accompagne votre appel. Le son reste sur votre téléphone.",
  wait: "Un instant : le conseiller n’est pas encore en ligne.",
  connecting: "Connexion",
  chat: "Le chat est ouvert à côté de ce texte.",
  unknown: "Ce lien n’est pas complet. Vérifiez chaque lettre, ou demandez-en un nouveau.",
  over: "Ce lien a déjà servi, ou son temps est passé. Demandez-en un nouveau à votre conseiller.",
  failed: "Le serveur ne répond pas pour l’instant. Réessayez dans un moment.",
  storage: "Ce navigateur ne garde rien, le chat ne peut pas s’ouvrir ici. Autorisez le stockage pour cette page et demandez un nouveau lien.",
  call_over: "L’appel est terminé. Vous pouvez fermer cette page.",
  replaced: "Ceci a été ouvert sur une autre page. Vous pouvez fermer celle-ci.",
  language: "English",
};

export type JoinWord = keyof typeof en;
export const dictionaries: Record<Language, typeof en> = { en, fr };

/** The sentence for `word`; French gets its no-break spaces before ; : ! ?. */
export function say(language: Language, word: JoinWord): string {
  const text = dictionaries[language][word];
  return language === "fr" ? text.replace(/ ([;:!?])/g, "\u00a0$1") : text;
}
