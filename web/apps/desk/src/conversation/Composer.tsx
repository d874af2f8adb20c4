/** Reply or note: the draft is kept by the server, Ctrl+Enter sends, files by button, paste or drop. */
import { ActionIcon, Button, CloseButton, Tooltip } from "@mantine/core";
import type { ConversationFull } from "@parlons/client/types.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { time } from "@parlons/ui/format.ts";
import { Kbd } from "@parlons/ui/Portrait.tsx";
import { Lock, Paperclip } from "lucide-react";
import { type ClipboardEvent, type DragEvent, type KeyboardEvent, useLayoutEffect, useRef, useState } from "react";
import { addNote, attempt, typing } from "../data/actions.ts";
import { send } from "../data/sending.ts";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { keyLabel, useCommand } from "../keys/useKeys.ts";
import { callOfConversation } from "../phone/calls.ts";
import { ChannelIcon } from "../shell/ChannelIcon.tsx";
import { channelName } from "../shell/words.ts";
import styles from "./composer.module.css";
import { useDraft } from "./drafts.ts";
import { type Upload, useUploads } from "./uploads.ts";

const MAX = 8000;

function Uploads({ items, onRemove }: { items: Upload[]; onRemove: (key: string) => void }) {
  const { t } = useTexts();
  if (items.length === 0) return null;
  return (
    <ul className={styles.uploads} aria-label={t("composer.files")}>
      {items.map((each) => (
        <li key={each.key} data-error={each.error ? "" : undefined}>
          <Paperclip size={14} aria-hidden="true" />
          <span>
            {each.error
              ? `${each.name}: ${each.error}`
              : each.file
                ? each.name
                : t("composer.uploading", { name: each.name })}
          </span>
          <CloseButton
            size="sm"
            aria-label={t("composer.removeFile", { name: each.name })}
            onClick={() => onRemove(each.key)}
          />
        </li>
      ))}
    </ul>
  );
}

/** Grows with its text up to 45 % of the height. */
function useGrowth(text: string) {
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const node = field.current;
    if (!node) return;
    node.style.height = "auto";
    node.style.height = `${Math.min(node.scrollHeight, innerHeight * 0.36)}px`;
  }, [text]);
  return field;
}

/** Why nothing can be written to the customer now; null: one can. */
function useObstacle(full: ConversationFull): string | null {
  const { t } = useTexts();
  const me = useSession((session) => session.me);
  const state = useSnapshot((snapshot) => callOfConversation(snapshot, full.id)?.state);
  const talking = state !== undefined && state !== "wrapping";
  if (full.status === "closed") return t("composer.closed");
  if (full.wrapup_since_at) return t(full.channel === "voice" ? "call.composerAfter" : "composer.ended");
  if (full.status === "parked") return t("composer.parked");
  if (!full.assigned) return t("composer.unassigned");
  if (full.assigned.user_id !== me?.user.id) return t("composer.others", { name: full.assigned.name });
  if (full.channel === "voice" && state === "parked") return t("call.composerParked");
  if (full.channel === "voice") return t(talking ? "call.composer" : "call.composerAfter");
  return null;
}

export function Composer({ full, name }: { full: ConversationFull; name: string }) {
  const { t, locale } = useTexts();
  const obstacle = useObstacle(full);
  const [noteMode, setNoteMode] = useState(false);
  const [noteText, setNoteText] = useState("");
  const note = noteMode || obstacle !== null;
  const draft = useDraft(full, obstacle === null);
  const files = useUploads(full.id);
  const chooser = useRef<HTMLInputElement>(null);
  const text = note ? noteText : draft.text;
  const field = useGrowth(text);
  useCommand("note", () => {
    setNoteMode(true);
    field.current?.focus();
  });
  useCommand("reply", () => {
    setNoteMode(false);
    field.current?.focus();
  });
  const can = text.trim().length > 0 || (!note && files.uploads.length > 0);
  const submit = async () => {
    if (!can || text.length > MAX) return;
    if (note) {
      const kept = await attempt(addNote(full.id, text.trim()));
      if (kept !== undefined) {
        setNoteText("");
        setNoteMode(false);
      }
      return;
    }
    if (!files.ready) return;
    send(
      full.id,
      text.trim(),
      files.uploads.flatMap((each) => (each.file ? [each.file] : [])),
    );
    draft.clear();
    files.clear();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.nativeEvent.isComposing) {
      event.preventDefault();
      void submit();
    }
    if (event.key === "Escape") (event.currentTarget as HTMLElement).blur();
  };
  const onPaste = (event: ClipboardEvent) => {
    if (note || event.clipboardData.files.length === 0) return;
    event.preventDefault();
    files.add(event.clipboardData.files);
  };
  const onDrop = (event: DragEvent) => {
    if (note || event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    files.add(event.dataTransfer.files);
  };
  const onWrite = (value: string) => {
    if (note) {
      // A note begun while one could not reply stays a note when one can: it neither vanishes nor goes to the customer.
      if (obstacle !== null) setNoteMode(value.length > 0);
      return setNoteText(value);
    }
    draft.write(value);
    if (value) typing(full.id);
  };
  return (
    <div
      className={styles.composer}
      data-note={note || undefined}
      onDrop={onDrop}
      onDragOver={(event) => event.preventDefault()}
    >
      {obstacle && <p className={styles.obstacle}>{obstacle}</p>}
      <textarea
        ref={field}
        rows={1}
        value={text}
        data-composer
        aria-label={note ? t("composer.noteTo", { name }) : t("composer.replyTo", { name })}
        placeholder={
          note
            ? t("composer.notePlaceholder")
            : full.customer.name
              ? t("composer.placeholder", { name: name.split(" ")[0] })
              : t("composer.placeholderVisitor")
        }
        onChange={(event) => onWrite(event.currentTarget.value)}
        onBlur={() => draft.store()}
        onKeyDown={onKey}
        onPaste={onPaste}
      />
      {!note && <Uploads items={files.uploads} onRemove={files.remove} />}
      <div className={styles.tools}>
        <div className={styles.modes} role="group" aria-label={t("composer.kind")}>
          <button type="button" aria-pressed={!note} disabled={obstacle !== null} onClick={() => setNoteMode(false)}>
            <ChannelIcon channel={full.channel} size={16} color="inherit" /> {channelName(full.channel, t)}
          </button>
          <button type="button" aria-pressed={note} onClick={() => setNoteMode(true)} title={keyLabel("note")}>
            <Lock size={15} aria-hidden="true" /> {t("composer.note")}
          </button>
        </div>
        {!note && (
          <>
            <Tooltip label={t("composer.attach")}>
              <ActionIcon
                variant="subtle"
                color="gray"
                size={30}
                aria-label={t("composer.attach")}
                onClick={() => chooser.current?.click()}
              >
                <Paperclip size={16} />
              </ActionIcon>
            </Tooltip>
            <input
              ref={chooser}
              type="file"
              multiple
              hidden
              onChange={(event) => {
                files.add(event.currentTarget.files ?? []);
                event.currentTarget.value = "";
              }}
            />
          </>
        )}
        <span className={`${styles.kept} num`} aria-live="off">
          {text.length > MAX
            ? t("composer.tooLong", { count: text.length - MAX })
            : !note && draft.keptAt
              ? t("composer.kept", { time: time(draft.keptAt, locale) })
              : null}
        </span>
        <Button
          onClick={() => void submit()}
          disabled={!can || text.length > MAX || (!note && !files.ready)}
          rightSection={<Kbd>{keyLabel("send")}</Kbd>}
          className={styles.send}
        >
          {note ? t("composer.addNote") : t("composer.send")}
        </Button>
      </div>
    </div>
  );
}
