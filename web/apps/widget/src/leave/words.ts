/** What the form of closed doors says. {email} stands for a value. */
import type { Language } from "../words";

const en = {
  intro: "Leave us a message: it goes to the right person, who answers by e-mail.",
  name: "Name",
  email: "E-mail",
  email_wrong: "This address is not complete: it needs a name, @ and a domain.",
  required: "Please fill this in.",
  send: "Leave the message",
  done: "Your message is kept. We answer at {email}.",
  again: "Write another message",
};

const fr: typeof en = {
  intro: "Laissez-nous un message\u00a0: il va à la bonne personne, qui répond par e-mail.",
  name: "Nom",
  email: "E-mail",
  email_wrong: "Cette adresse est incomplète\u00a0: il faut un nom, @ et un domaine.",
  required: "À remplir, s’il vous plaît.",
  send: "Laisser le message",
  done: "Votre message est gardé. Nous répondons à {email}.",
  again: "Écrire un autre message",
};

export type LeaveWord = keyof typeof en;
export const said = (language: Language): typeof en => (language === "fr" ? fr : en);
