/** What is said of offered articles; the widget itself carries none of it. */
import type { Language } from "../words";

const en = { name: "Articles of the help centre", told: "While you wait, this may answer you:", hide: "Hide" };
const fr: typeof en = { name: "Articles du centre d’aide", told: "En attendant, ceci vous répondra peut-être\u00a0:", hide: "Masquer" };

export const said = (language: Language): typeof en => (language === "fr" ? fr : en);
