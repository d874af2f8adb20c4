/**
 * Every key of the desk, once: the listener, the tooltips, the `?` page and the tests all read this table.
 * `letters` act only outside fields, can be switched off and moved to other keys (WCAG 2.1.4). `g d` is a sequence.
 */
export type Where = "letters" | "anywhere";

export interface KeyLine {
  keys: string;
  where: Where;
  group: "offer" | "call" | "conversation" | "places" | "general";
}

export const KEYMAP = {
  take: { keys: "ctrl+shift+a", where: "anywhere", group: "offer" },
  refuse: { keys: "ctrl+shift+x", where: "anywhere", group: "offer" },
  mute: { keys: "ctrl+shift+m", where: "anywhere", group: "call" },
  hold: { keys: "ctrl+shift+h", where: "anywhere", group: "call" },
  recording: { keys: "ctrl+shift+s", where: "anywhere", group: "call" },
  endCall: { keys: "ctrl+shift+e", where: "anywhere", group: "call" },
  transferAnywhere: {
    keys: "ctrl+shift+f",
    where: "anywhere",
    group: "conversation",
  },
  next: { keys: "j", where: "letters", group: "conversation" },
  previous: { keys: "k", where: "letters", group: "conversation" },
  reply: { keys: "r", where: "letters", group: "conversation" },
  note: { keys: "n", where: "letters", group: "conversation" },
  replies: { keys: "/", where: "letters", group: "conversation" },
  assign: { keys: "a", where: "letters", group: "conversation" },
  transfer: { keys: "t", where: "letters", group: "conversation" },
  close: { keys: "e", where: "letters", group: "conversation" },
  snooze: { keys: "z", where: "letters", group: "conversation" },
  why: { keys: "w", where: "letters", group: "conversation" },
  merge: { keys: "m", where: "letters", group: "conversation" },
  split: { keys: "s", where: "letters", group: "conversation" },
  previousTab: { keys: "[", where: "letters", group: "conversation" },
  nextTab: { keys: "]", where: "letters", group: "conversation" },
  send: { keys: "ctrl+enter", where: "anywhere", group: "conversation" },
  undo: { keys: "shift+z", where: "letters", group: "general" },
  goDesk: { keys: "g d", where: "letters", group: "places" },
  goLive: { keys: "g l", where: "letters", group: "places" },
  goColleagues: { keys: "g c", where: "letters", group: "places" },
  goSends: { keys: "g e", where: "letters", group: "places" },
  goSurveys: { keys: "g v", where: "letters", group: "places" },
  goKnowledge: { keys: "g k", where: "letters", group: "places" },
  goLeft: { keys: "g w", where: "letters", group: "places" },
  goPrompts: { keys: "g p", where: "letters", group: "places" },
  goSettings: { keys: "g s", where: "letters", group: "places" },
  palette: { keys: "ctrl+k", where: "anywhere", group: "general" },
  help: { keys: "?", where: "letters", group: "general" },
  state: { keys: "ctrl+shift+1…9", where: "anywhere", group: "general" },
} as const satisfies Record<string, KeyLine>;

export type Command = keyof typeof KEYMAP;

/** Chromium never hands Ctrl+Shift+T, N, W to a page, Firefox keeps Ctrl+Shift+P. */
export const RESERVED = ["ctrl+shift+t", "ctrl+shift+n", "ctrl+shift+w", "ctrl+shift+p"];

export interface Press {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

/** `ctrl+shift+a` for a key press; letters by their sign, digits by their place (the upper row needs Shift in French). */
export function pressed(event: Press): string {
  const control = event.ctrlKey || event.metaKey;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
  const key = control && digit ? digit : event.key.toLowerCase();
  if (control) return `ctrl+${event.shiftKey ? "shift+" : ""}${key}`;
  if (event.altKey) return `alt+${key}`;
  return event.shiftKey && /^[a-z]$/.test(key) ? `shift+${key}` : key;
}

const COMMANDS = Object.keys(KEYMAP) as Command[];

/** Keys a person moved, by command; whatever else stands in the preference is passed over. */
export type Moved = Readonly<Record<string, string>>;

/** Whether a command's key may be moved: those of one sign that act outside fields only. */
export const isMovable = (command: Command): boolean =>
  KEYMAP[command].where === "letters" && KEYMAP[command].keys.length === 1;

/** The key of a command as this person has it. */
export function keysOf(command: Command, moved: Moved = {}): string {
  const own = moved[command];
  return own && own.length === 1 && isMovable(command) ? own : KEYMAP[command].keys;
}

/** Why a key cannot be given to a command: the command that has it, `g` (begins sequences), or no plain sign. Null: it can. */
export function takenBy(key: string, command: Command, moved: Moved): Command | "sequence" | "sign" | null {
  if (key === "g") return "sequence";
  if (key.length !== 1 || /[\s0-9]/.test(key)) return "sign";
  return COMMANDS.find((each) => each !== command && keysOf(each, moved) === key) ?? null;
}

export type Match = { command: Command; state?: number } | { waiting: string } | null;

/** What a press means, after an optional first key of a sequence. */
export function match(press: string, first: string | null, letters: boolean, moved: Moved = {}): Match {
  const state = /^ctrl\+shift\+([1-9])$/.exec(press);
  if (state) return { command: "state", state: Number(state[1]) };
  const keys = first ? `${first} ${press}` : press;
  const command = COMMANDS.find((each) => keysOf(each, moved) === keys);
  if (command) return letters || KEYMAP[command].where === "anywhere" ? { command } : null;
  if (letters && !first && press === "g") return { waiting: "g" };
  return null;
}

/** A key as printed on the button: Ctrl Shift A. */
export function printed(
  command: Command,
  words: { ctrl: string; shift: string; enter: string },
  moved: Moved = {},
): string {
  return keysOf(command, moved)
    .split("+")
    .map((part) =>
      part in words ? words[part as "ctrl"] : part.length <= 1 || part.includes(" ") ? part.toUpperCase() : part,
    )
    .join(" ");
}
