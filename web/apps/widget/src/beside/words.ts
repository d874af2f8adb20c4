/** The words beside a call, in English and French. */
import type { Language } from "../words";

const en = {
  start: "Show a picture too",
  start_help: "Your camera opens only after you allow it.",
  without: "Without my camera",
  camera: "Allow the camera in the browser’s question.",
  asking: "{name} is asked.",
  asked: "{name} would like to talk with a picture. Your camera opens only if you wish.",
  with_camera: "Show my camera",
  watch: "See only",
  decline: "No, thank you",
  cancel: "Cancel",
  connecting: "The picture is being connected.",
  far: "Picture of {name}",
  own: "Your own picture",
  far_off: "{name} shows no picture now.",
  camera_off: "Switch my camera off",
  camera_on: "Switch my camera on",
  stop: "End the picture",
  refused: "The camera is not allowed. Click the sign at the left of the address and allow it, or go on without it.",
  none: "No camera was found. Plug one in, or go on without it.",
  taken: "Another program uses the camera. Close it, or go on without it.",
  insecure: "Browsers open the camera over https only. The call goes on without a picture.",
  failed: "The picture could not be connected. The call goes on.",
  declined: "{name} prefers to go on without a picture.",
  ended: "The picture was ended. The call goes on.",
  text: "Write beside the call",
  text_help: "{name} sees each word as you type it.",
  send: "Send",
  log: "What was written",
  you: "You",
  types: "{name} is typing:",
  adviser: "The adviser",
};

const fr: typeof en = {
  start: "Ajouter l’image",
  start_help: "Votre caméra ne s’ouvre qu’avec votre accord.",
  without: "Sans ma caméra",
  camera: "Autorisez la caméra dans la question du navigateur.",
  asking: "La demande est faite à {name}.",
  asked: "{name} propose de parler avec l’image. Votre caméra ne s’ouvre que si vous le voulez.",
  with_camera: "Montrer ma caméra",
  watch: "Voir seulement",
  decline: "Non merci",
  cancel: "Annuler",
  connecting: "L’image se connecte.",
  far: "Image de {name}",
  own: "Votre propre image",
  far_off: "{name} ne montre pas d’image en ce moment.",
  camera_off: "Couper ma caméra",
  camera_on: "Rouvrir ma caméra",
  stop: "Arrêter l’image",
  refused: "La caméra n’est pas autorisée. Cliquez sur le signe à gauche de l’adresse et autorisez-la, ou continuez sans.",
  none: "Aucune caméra trouvée. Branchez-en une, ou continuez sans.",
  taken: "Un autre programme utilise la caméra. Fermez-le, ou continuez sans.",
  insecure: "Les navigateurs n’ouvrent la caméra qu’en https. L’appel continue sans image.",
  failed: "L’image n’a pas pu se connecter. L’appel continue.",
  declined: "{name} préfère continuer sans image.",
  ended: "L’image est arrêtée. L’appel continue.",
  text: "Écrire pendant l’appel",
  text_help: "{name} voit chaque mot pendant que vous écrivez.",
  send: "Envoyer",
  log: "Ce qui a été écrit",
  you: "Vous",
  types: "{name} écrit :",
  adviser: "Votre conseiller",
};

export type BesideWord = keyof typeof en;
export const dictionaries: Record<Language, typeof en> = { en, fr };

/** The sentence for `word`; French gets its no-break spaces before ; : ! ?. */
export function say(language: Language, word: BesideWord, values: Record<string, string> = {}): string {
  const text = dictionaries[language][word].replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
  return language === "fr" ? text.replace(/ ([;:!?])/g, "\u00a0$1") : text;
}
