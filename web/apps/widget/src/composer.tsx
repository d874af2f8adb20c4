/** @jsxImportSource . */
/** Where one writes. Enter sends, Shift+Enter breaks the line; files come by button, paste or drop. */
import type { Part } from "./context";
import { clipIcon, crossIcon, sendIcon } from "./icons";

function Chips({ chat, state, say }: Part) {
  return (
    <div class="chips">
      {state.uploads.map((upload) => (
        <span class="chip" key={upload.key}>
          <span>{upload.name}</span>
          {upload.done ? null : <progress max={1} value={upload.share} aria-label={upload.name} />}
          <button
            type="button"
            class="icon"
            aria-label={`${say("remove")} ${upload.name}`}
            onclick={() => chat.uploads.remove(upload.key)}
          >
            {crossIcon}
          </button>
        </span>
      ))}
    </div>
  );
}

/** As high as its text, up to a few lines. */
export function grow(box: HTMLTextAreaElement): void {
  box.style.height = "36px";
  box.style.height = `${Math.min(140, box.scrollHeight)}px`;
}

export function Composer(part: Part) {
  const { chat, state, say } = part;
  const idle = !state.draft.trim() && !state.uploads.length;
  const max = state.config?.text_max ?? 4000;
  const send = () => {
    const { draft } = chat.state;
    if (draft.length > max) return chat.set({ notice: { word: "too_long", values: { n: max } } });
    // The draft is emptied in the same stroke: a second click finds nothing to send.
    chat.outbox.sendDraft();
  };
  const take = (files: FileList | null | undefined, event: Event) => {
    if (!files?.length) return;
    event.preventDefault();
    chat.uploads.add([...files]);
  };
  return (
    <>
      {state.uploads.length ? <Chips {...part} /> : null}
      <div
        class="box"
        role="group"
        aria-label={say("placeholder")}
        ondragover={(event) => event.preventDefault()}
        ondrop={(event) => take(event.dataTransfer?.files, event)}
      >
        <textarea
          rows={1}
          value={state.draft}
          placeholder={say("placeholder")}
          aria-label={say("placeholder")}
          enterkeyhint="send"
          oninput={(event) => {
            chat.typed(event.currentTarget.value);
          }}
          onkeydown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            send();
          }}
          onpaste={(event) => take(event.clipboardData?.files, event)}
        />
        <input
          type="file"
          multiple
          hidden
          accept={state.config?.file_types.join()}
          onchange={(event) => {
            take(event.currentTarget.files, event);
            event.currentTarget.value = "";
          }}
        />
        <button
          type="button"
          class="icon"
          key="clip"
          aria-label={say("attach")}
          onclick={(event) => (event.currentTarget.previousElementSibling as HTMLElement).click()}
        >
          {clipIcon}
        </button>
        <button type="button" class="icon go" aria-label={say("send")} aria-disabled={idle} onclick={send}>
          {sendIcon}
        </button>
      </div>
    </>
  );
}
