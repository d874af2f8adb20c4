/** @jsxImportSource . */
/** What was said, oldest first, grouped by speaker within two minutes; a machine is called a machine. */
import type { Part } from "./context";
import { clock, size } from "./format";
import { clockIcon, fileIcon, readIcon, sentIcon } from "./icons";
import type { Child } from "./jsx-runtime";
import type { Pending } from "@parlons/chat/state.ts";
import type { Attachment, Message } from "@parlons/chat/wire.ts";

const GROUP_MS = 120_000;
const ADDRESS = /(https?:\/\/[^\s<>"«»]+[^\s<>"«».,;:!?)])/;

/** Text with its addresses as links. Nothing else in it means anything. */
const linked = (text: string): Child[] =>
  text.split(ADDRESS).map((part, at) =>
    at % 2 ? (
      <a key={at} href={part} target="_blank" rel="noopener noreferrer">
        {part}
      </a>
    ) : (
      part
    ),
  );

const files = (attachments: Attachment[], { chat, language, say }: Part): Child =>
  attachments.map((file) => (
    <button
      type="button"
      class="file"
      key={file.id}
      aria-label={say("download", {
        name: file.name,
        size: size(file.size, language),
      })}
      onclick={() =>
        chat.api.download(file).catch(() =>
          chat.set({
            notice: { word: "file_failed", values: { name: file.name } },
          }),
        )
      }
    >
      {fileIcon} {file.name}
    </button>
  ));

function row(message: Message, at: number, part: Part, isLastMine: boolean): Child {
  const { state, language, say } = part;
  const { id, author, at: said } = message;
  const before = state.messages[at - 1];
  if (author.kind === "system")
    return (
      <p class="event" key={id}>
        {linked(message.text)}
      </p>
    );
  const mine = author.kind === "customer";
  const name = mine ? say("you") : author.kind === "bot" ? say("bot") : author.name;
  const fresh =
    before?.author.kind !== author.kind ||
    before.author.name !== author.name ||
    Date.parse(said) - Date.parse(before.at) > GROUP_MS;
  const read = message.number <= (state.conversation?.read_number ?? 0);
  const time = <time datetime={said}>{clock(said, language)}</time>;
  return [
    fresh && !mine && (
      <p class="meta" key={`${id}w`}>
        {name} · {time}
      </p>
    ),
    <div class={mine ? "bubble mine" : "bubble them"} key={message.client_id ?? id}>
      {mine || !fresh ? <span class="sr">{name} : </span> : null}
      {linked(message.text)}
      {files(message.attachments, part)}
    </div>,
    isLastMine && (
      <p class="meta mine" key="mine">
        {time} · {say(read ? "read" : "sent")}
        {read ? readIcon : sentIcon}
      </p>
    ),
  ];
}

const unsent = ({ client_id, text, attachments, status, cause }: Pending, { chat, say }: Part): Child => [
  <div class="bubble mine wait" key={client_id}>
    <span class="sr">{say("you")} : </span>
    {text}
    {attachments.map((file) => (
      <span class="file" key={file.id}>
        {fileIcon} {file.name}
      </span>
    ))}
  </div>,
  status === "failed" ? (
    <p class="fail" key={`${client_id}f`}>
      {cause ? say(cause.word, cause.values) : say("failed")}
      <br />
      <button type="button" key="again" onclick={() => chat.outbox.retry(client_id)}>
        {say("retry")}
      </button>
      <button type="button" key="off" onclick={() => chat.outbox.change(client_id, null)}>
        {say("remove")}
      </button>
    </p>
  ) : (
    <p class="meta mine" key="mine">
      {say(status === "waiting" ? "waiting" : "sending")} {clockIcon}
    </p>
  ),
];

const farFromEnd = (box: Element) => box.scrollHeight - box.scrollTop - box.clientHeight > 60;

/** Follows the end while the reader is there, or has just written; else a button tells of news below. */
export function follow(box: HTMLElement, wasFar: boolean, part: Part): void {
  if (!wasFar || part.state.pending.length) box.scrollTop = box.scrollHeight;
  const below = farFromEnd(box);
  if (below !== part.state.below) part.chat.set({ below });
}

export const isFar = (box: Element | null | undefined): boolean => Boolean(box && farFromEnd(box));

export function Log(part: Part) {
  const { chat, state, say } = part;
  const lastMine = state.messages.findLastIndex((each) => each.author.kind === "customer");
  const toEnd = (event: MouseEvent) => {
    const box = (event.currentTarget as HTMLElement).parentElement as HTMLElement;
    box.scrollTop = box.scrollHeight;
  };
  return (
    <div
      class="log"
      role="log"
      aria-live="polite"
      aria-label={say("log")}
      tabindex={0}
      onscroll={(event: Event) => {
        if (chat.state.below && !isFar(event.currentTarget as Element)) chat.set({ below: false });
      }}
    >
      {state.config ? (
        <div class="bubble them" key="greeting">
          {state.config.texts.greeting ?? say("greeting")}
        </div>
      ) : null}
      {state.messages.map((message, at) => row(message, at, part, at === lastMine && !state.pending.length))}
      {state.pending.map((message) => unsent(message, part))}
      {state.typing ? (
        <div class="bubble them" key="typing" aria-hidden="true">
          <span class="dots">
            <i />
            <i />
            <i />
          </span>
        </div>
      ) : null}
      {state.below ? (
        <button type="button" class="more" onclick={toEnd}>
          {say("new_messages")}
        </button>
      ) : null}
    </div>
  );
}
