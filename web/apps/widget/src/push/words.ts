/** What is said of notifications; the widget itself carries none of it. */
import type { Language } from "../words";

const en = {
  ask: "Shall we notify you here when you are answered, even after you leave?",
  yes: "Notify me",
  no: "No, thanks",
  off: "Turn notifications off",
  denied: "Your browser blocks notifications from this site. You can allow them in its settings.",
  failed: "Notifications could not be turned on. Try again later.",
};

const fr: typeof en = {
  ask: "Vous prévenir ici quand on vous répond, même si vous partez\u00a0?",
  yes: "Me prévenir",
  no: "Non merci",
  off: "Arrêter les notifications",
  denied: "Votre navigateur bloque les notifications de ce site. Vous pouvez les permettre dans ses réglages.",
  failed: "Les notifications n’ont pas pu être activées. Réessayez plus tard.",
};

export const said = (language: Language): typeof en => (language === "fr" ? fr : en);
