/** Reply or note: the draft is kept by the server, Ctrl+Enter sends, files by button, paste or drop. What is offered is what the channel can. */
import type { ConversationFull } from "@parlons/client/types.ts";
import { type ClipboardEvent, type DragEvent, type KeyboardEvent, Suspense, useId } from "react";
import { useUi } from "../data/ui.ts";
import { useWaysOf } from "../data/waysOf.ts";
import { type Texts, useTexts } from "../i18n/index.ts";
import { useCommand } from "../keys/useKeys.ts";
import { fetched } from "../shell/fetched.ts";
import styles from "./composer.module.css";
import { callFor } from "./field.ts";
import { LetterHead } from "./LetterHead.tsx";
import { useMentions } from "./mentions.ts";
import { Readers } from "./Public.tsx";
import { useReplySuggestions } from "./replies.ts";
import { TemplateForm } from "./TemplateForm.tsx";
import { Preview, Suggest } from "./Suggest.tsx";
import { Tools } from "./Tools.tsx";
import { Uploads } from "./Uploads.tsx";
import { type Composing, useComposer } from "./useComposer.ts";
import { refusalText } from "./wayWords.ts";

const RichField = fetched(() => import("./rich/RichField.tsx"));

/** A colleague answers the same customer at this moment. */
function Colleague({ id }: { id: string }) {
  const { t } = useTexts();
  const name = useUi((ui) => ui.answering[id]?.name);
  return (
    <p className={styles.colleague} role="status">
      {name && t("channels.answering", { name })}
    </p>
  );
}

function labels(full: ConversationFull, name: string, note: boolean, t: Texts["t"]) {
  if (note) return { "aria-label": t("composer.noteTo", { name }), placeholder: t("composer.notePlaceholder") };
  const first = name.startsWith("+") ? name : name.split(" ")[0];
  return {
    "aria-label": t("composer.replyTo", { name }),
    placeholder: full.customer.name || name.startsWith("+") ? t("composer.placeholder", { name: first }) : t("composer.placeholderVisitor"),
  };
}

function useSuggested(full: ConversationFull, composing: Composing, submit: () => void) {
  const [list, people] = [useId(), useId()];
  const { note, around, field } = composing;
  const of = { conversationId: full.id, text: around, field };
  const replies = useReplySuggestions({ ...of, id: list, enabled: !note, send: submit });
  const [mentions, colleagues] = useMentions({ ...of, id: people, enabled: note });
  return { replies, mentions, colleagues, list, people };
}

export function Composer({ full, name }: { full: ConversationFull; name: string }) {
  const { t, locale } = useTexts();
  useWaysOf(full);
  const composing = useComposer(full);
  const { obstacle, chosen, note, field, files, draft } = composing;
  const submit = () => composing.submit(suggested.colleagues);
  const suggested = useSuggested(full, composing, submit);
  const { replies, mentions } = suggested;
  const free = !note && chosen.freedom === "free";
  const callReplies = () => {
    composing.setNoteMode(false);
    // The field takes part only once it is the reply's.
    requestAnimationFrame(() => field.current && callFor(field.current, "/"));
  };
  useCommand("replies", callReplies, obstacle === null);
  const onKey = (event: KeyboardEvent) => {
    if (replies.onKey(event) || mentions.onKey(event)) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.nativeEvent.isComposing) {
      event.preventDefault();
      submit();
    }
    if (event.key === "Escape") (document.activeElement as HTMLElement | null)?.blur();
  };
  const take = (event: ClipboardEvent | DragEvent, from: DataTransfer) => {
    if (!free || from.files.length === 0) return;
    event.preventDefault();
    files.add(from.files);
  };
  return (
    <div>
      <Suggest
        id={suggested.list}
        label={t("comfort.replies.title")}
        suggestions={replies}
        show={(reply) => (
          <>
            <span>{reply.title}</span> <span>/{reply.shortcut}</span>
          </>
        )}
      >
        {replies.active && <Preview reply={replies.active} name={name} />}
      </Suggest>
      <Suggest id={suggested.people} label={t("comfort.mention.list")} suggestions={mentions} show={(each) => each.name} />
      <Colleague id={full.id} />
      <div
        className={styles.composer}
        data-note={note || undefined}
        onDrop={(event) => take(event, event.dataTransfer)}
        onDragOver={(event) => event.preventDefault()}
      >
        {obstacle && <p className={styles.obstacle}>{obstacle}</p>}
        {free && <Readers way={chosen.way} name={name} />}
        {!note && chosen.freedom !== "free" && (
          <p className={styles.obstacle}>{refusalText(chosen.way, chosen.freedom, t, locale)}</p>
        )}
        {!note && chosen.freedom === "template" && <TemplateForm key={chosen.way.account_id} full={full} way={chosen.way} chosen={chosen.picked} />}
        {free && (chosen.way.capabilities.subject || chosen.way.capabilities.copies) && (
          <LetterHead
            key={composing.sent}
            way={chosen.way}
            name={name}
            value={composing.heading}
            onChange={composing.setHeading}
          />
        )}
        {composing.rich ? (
          <Suspense fallback={<div className={styles.coming} />}>
            <RichField
              html={composing.page}
              label={t("composer.replyTo", { name })}
              placeholder={labels(full, name, note, t).placeholder}
              aria={replies.aria}
              onChange={(html, text) => composing.write(text, html)}
              onCaret={(text) => {
                composing.setAround(text);
                replies.look();
              }}
              onKey={onKey}
              onBlur={() => draft.store()}
              ready={composing.ready}
              picture={files.addInside}
              attach={files.add}
            />
          </Suspense>
        ) : (
          <textarea
            ref={composing.plain}
            hidden={!note && chosen.freedom !== "free"}
            rows={1}
            value={composing.text}
            data-composer
            {...labels(full, name, note, t)}
            onChange={(event) => composing.write(event.currentTarget.value)}
            onBlur={() => draft.store()}
            onKeyDown={onKey}
            onSelect={note ? mentions.look : replies.look}
            onPaste={(event) => take(event, event.clipboardData)}
            {...(note ? mentions.aria : replies.aria)}
          />
        )}
        {!note && <Uploads items={files.uploads} onRemove={files.remove} />}
        <p className={styles.awaits} role="status">
          {composing.wanted && files.arriving && t("composer.awaits")}
        </p>
        <Tools full={full} composing={composing} callReplies={callReplies} submit={submit} />
      </div>
    </div>
  );
}
