/** @jsxImportSource .. */
/** Draws a call into a shadow of its own, each second while it goes on, and keeps the focus where it was. */
import { besideCall } from "../beside/incall";
import { fit } from "../beside/view";
import { root } from "../jsx-runtime";
import type { Language } from "../words";
import { type Caller, CallSession } from "./session";
import { besideSheet } from "../beside/styles";
import { sheet } from "./styles";
import { CallView } from "./view";

export interface Options {
  origin: string;
  line: string;
  language: Language;
  page: boolean;
  caller: Partial<Caller>;
  closed?: () => void;
  spoken?: (language: Language) => void;
}

export function draw(host: HTMLElement, options: Options): CallSession {
  const session = new CallSession(options.origin, options.line);
  const shadow = host.attachShadow({ mode: "open" });
  shadow.adoptedStyleSheets = [sheet(), besideSheet()];
  const paint = root(shadow);
  let { language } = options;
  let phase = "";
  const name = () =>
    shadow.querySelector<HTMLInputElement>("input[name=name]")?.value.trim() ?? options.caller.name ?? "";
  const begin = () => void session.start({ ...options.caller, name: name(), language });
  const beside = besideCall(session, options.origin, () => redraw());
  const redraw = () => {
    paint(
      <CallView
        session={session}
        beside={beside.now()}
        language={language}
        page={options.page}
        name={name}
        begin={begin}
        close={() => options.closed?.()}
        switchLanguage={() => {
          language = language === "fr" ? "en" : "fr";
          options.spoken?.(language);
          redraw();
        }}
      />,
    );
    fit(shadow, beside.now());
    const log = shadow.querySelector(".captions");
    if (log) log.scrollTop = log.scrollHeight;
    const now = session.state.phase;
    if (now !== phase) focus(now);
    phase = now;
  };
  /** The button that was pressed is gone: what replaces it has the focus. */
  const focus = (now: string) => {
    if (!phase) return;
    const place = now === "idle" || now === "ended" ? ".begin button" : now === "up" ? ".mic" : ".hang";
    shadow.querySelector<HTMLElement>(place)?.focus();
  };
  session.subscribe(redraw);
  setInterval(() => session.state.phase === "up" && redraw(), 1000);
  redraw();
  return session;
}
