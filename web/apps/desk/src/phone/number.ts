/** Telephone numbers as one types and reads them. The server decides what a number is (E.164); this only helps the eye. */

/** Numbers that save lives: never confirmed, never looked up. ITU-T E.161.1, and those of the countries we speak. */
const EMERGENCY = new Set(["112", "911", "999", "000", "15", "17", "18", "114", "115", "119"]);

export const isEmergency = (typed: string): boolean => EMERGENCY.has(typed.replace(/[\s.-]/g, ""));

/** What is sent: no spaces and marks, 00 as +. */
export function dialled(typed: string): string {
  const bare = typed.replace(/[\s().\-/\u00a0]/g, "");
  return bare.startsWith("00") ? `+${bare.slice(2)}` : bare;
}

/** Whether it may be a number at all: digits, one leading +, * and #. */
export const isDiallable = (typed: string): boolean => /^\+?[0-9*#]{2,20}$/.test(dialled(typed));

const WRITTEN = /(?<![\w+])(?:(?:\+|00)[1-9]\d{0,2}|0[1-9])(?:[ .\u00a0-]?(?:\(0\))?[ .\u00a0-]?\d){6,12}(?!\w)/g;

/** Telephone numbers that stand in a text, as they are dialled: with their country, or ten digits from 0. */
export function numbersIn(text: string): string[] {
  const found = [...text.matchAll(WRITTEN)].map(([each]) => dialled(each.replace("(0)", "")));
  return [...new Set(found.filter((each) => (each.startsWith("+") ? each.length >= 9 && each.length <= 16 : each.length === 10)))];
}

/** +33 6 12 84 90 11: grouped for the eye by the habits of its country, in threes elsewhere. */
export function shown(number: string): string {
  const france = /^\+33(\d)(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(number);
  if (france) return `+33 ${france.slice(1).join(" ")}`;
  const national = /^0\d{9}$/.test(number);
  if (national) return number.replace(/(\d{2})(?=\d)/g, "$1 ");
  const north = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  if (north) return `+1 ${north.slice(1).join(" ")}`;
  const britain = /^\+44(\d{4})(\d{6})$/.exec(number);
  if (britain) return `+44 ${britain.slice(1).join(" ")}`;
  // A service's id of a person who gave no name: two of them are told apart by the end.
  const service = /^(messenger|instagram):\d+:\d*(\d{4})$/.exec(number);
  if (service) return `${service[1] === "messenger" ? "Messenger" : "Instagram"} …${service[2]}`;
  return number;
}
