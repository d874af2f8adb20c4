/** @jsxImportSource .. */
/** Picture and text beside a call, as the customer sees them. */
import type { Child } from "../jsx-runtime";
import type { Language } from "../words";
import { type Beside, LINE_MAX } from "./beside";
import { type BesideWord, say as said } from "./words";

type Say = (word: BesideWord) => string;

interface Part {
  beside: Beside;
  say: Say;
}

/** Streams are no attributes: they are put on after each drawing. */
export function fit(shadow: ShadowRoot, beside: Beside | null): void {
  for (const which of ["far", "own"] as const) {
    const video = shadow.querySelector<HTMLVideoElement>(`video.${which}`);
    const stream = beside?.video[which] ?? null;
    if (!video || video.srcObject === stream) continue;
    video.muted = true;
    video.srcObject = stream;
    void video.play().catch(() => undefined);
  }
  const log = shadow.querySelector(".written");
  if (log) log.scrollTop = log.scrollHeight;
}

const Press = ({ name, word, say, act }: { name: string; word: BesideWord; say: Say; act: () => unknown }) => (
  <button type="button" key={word} class={name} onclick={() => void act()}>
    {say(word)}
  </button>
);

function Pictures({ beside, say }: Part) {
  const { video, far, own, farCamera } = beside.video;
  if (video !== "on" && video !== "connecting") return null;
  return (
    <div class="pictures" key="pictures">
      <video class="far" autoplay playsinline aria-label={say("far")} hidden={!far || !farCamera} />
      {video === "on" && !farCamera ? <p class="nobody">{say("far_off")}</p> : null}
      <video class="own" autoplay playsinline aria-label={say("own")} hidden={!own} />
    </div>
  );
}

function Choices({ beside, say }: Part) {
  const { side } = beside;
  const { video, own, why } = beside.video;
  const barred = why === "refused" || why === "none" || why === "taken" || why === "insecure";
  const press = (name: string, word: BesideWord, act: () => unknown) => <Press name={name} word={word} say={say} act={act} />;
  switch (video) {
    case "off":
      return (
        <div class="choices">
          {press("plain", "start", () => side.ask(true))}
          {barred ? press("plain", "without", () => side.ask(false)) : null}
        </div>
      );
    case "asked":
      return (
        <div class="choices">
          {press("main", "with_camera", () => side.accept(true))}
          {press("plain", "watch", () => side.accept(false))}
          {press("plain", "decline", () => side.decline())}
        </div>
      );
    case "on":
      return (
        <div class="choices">
          {press("plain", own ? "camera_off" : "camera_on", () => side.camera(!own))}
          {press("plain", "stop", () => side.stop())}
        </div>
      );
    default:
      return <div class="choices">{press("plain", "cancel", () => side.stop())}</div>;
  }
}

/** What stands, in one sentence, read out politely. */
function Standing({ beside, say }: Part) {
  const { video, why } = beside.video;
  const word = video === "off" || video === "on" ? why : (why ?? video);
  return (
    <p class="beside-standing" role="status" key="standing">
      {word ? say(word) : ""}
    </p>
  );
}

function Written({ beside, say }: Part) {
  const { lines, farText } = beside.state;
  if (!lines.length && !farText) return null;
  return (
    <div class="written" role="log" aria-label={say("log")} tabindex={0} key="written">
      {lines.map(({ id, author, text }) => (
        <p key={id} class={author.kind === "customer" ? "mine" : "theirs"}>
          {author.kind === "customer" ? <b>{say("you")}</b> : author.name ? <b>{author.name}</b> : null} {text}
        </p>
      ))}
      {farText ? (
        <p class="live" key="live">
          <b>{say("types")}</b> {farText}
        </p>
      ) : null}
    </div>
  );
}

function Write({ beside, say }: Part) {
  const { draft } = beside.state;
  return (
    <form
      class="write"
      key="write"
      onsubmit={(event) => {
        event.preventDefault();
        beside.send();
      }}
    >
      <textarea
        rows={1}
        class="line"
        maxlength={LINE_MAX}
        value={draft}
        aria-label={say("text")}
        placeholder={say("text")}
        title={say("text_help")}
        oninput={(event) => beside.typed(event.currentTarget.value)}
        onkeydown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          beside.send();
        }}
      />
      <button type="submit" class="plain">
        {say("send")}
      </button>
    </form>
  );
}

export function BesideView({ beside, language }: { beside: Beside | null; language: Language }): Child {
  if (!beside || (!beside.talks && beside.video.video === "off")) return null;
  const name = beside.state.agent || said(language, "adviser");
  const part: Part = { beside, say: (word) => said(language, word, { name }) };
  return (
    <div class="beside" key="beside">
      <Pictures {...part} />
      <Standing {...part} />
      <Choices {...part} />
      <Written {...part} />
      <Write {...part} />
    </div>
  );
}
