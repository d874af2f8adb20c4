/** The row under the text: who reads it, ready replies, files, how long it is, and off it goes. */
import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { Kbd } from "@parlons/ui/Portrait.tsx";
import type { ConversationFull } from "@parlons/client/types.ts";
import { MessageSquareText, Paperclip } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { useTexts } from "../i18n/index.ts";
import { keyLabel } from "../keys/useKeys.ts";
import { languageOf } from "../knowledge/articles.ts";
import { Insert } from "../knowledge/Insert.tsx";
import { ChatLink } from "./ChatLink.tsx";
import styles from "./composer.module.css";
import { Modes } from "./Modes.tsx";
import { Signs } from "./signs/Signs.tsx";
import { Tally } from "./Tally.tsx";
import type { Composing } from "./useComposer.ts";
import { accepted } from "./ways.ts";

function Tool({ label, title, onClick, children }: { label: string; title?: string; onClick: () => void; children: ReactNode }) {
  return (
    <Tooltip label={title ?? label}>
      <ActionIcon variant="subtle" color="gray" size={30} aria-label={label} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

interface Props {
  full: ConversationFull;
  composing: Composing;
  callReplies: () => void;
  submit: () => void;
}

export function Tools({ full, composing, callReplies, submit }: Props) {
  const { t, locale } = useTexts();
  const chooser = useRef<HTMLInputElement>(null);
  const { chosen, note, obstacle, files, draft, text, excess } = composing;
  const able = chosen.way.capabilities;
  const free = !note && chosen.freedom === "free";
  return (
    <div className={styles.tools}>
      <Modes chosen={chosen} note={note} shut={obstacle !== null} setNote={composing.setNoteMode} />
      {free && (
        <Tool
          label={t("comfort.replies.title")}
          title={`${t("comfort.replies.title")} (${keyLabel("replies")})`}
          onClick={callReplies}
        >
          <MessageSquareText size={16} />
        </Tool>
      )}
      {free && <Insert firm={full.firm_id} language={languageOf(full.language, locale)} put={(words) => composing.field.current?.put(words)} />}
      {(note || free) && <Signs put={(sign) => composing.field.current?.put(sign)} />}
      {free && able.media.length > 0 && (
        <>
          <Tool label={t("composer.attach")} onClick={() => chooser.current?.click()}>
            <Paperclip size={16} />
          </Tool>
          <input
            ref={chooser}
            type="file"
            multiple
            hidden
            accept={accepted(able)}
            onChange={(event) => {
              files.add(event.currentTarget.files ?? []);
              event.currentTarget.value = "";
            }}
          />
        </>
      )}
      {free && chosen.way.account_id !== null && !able.public && <ChatLink id={full.id} composing={composing} />}
      <Tally text={note || free ? text : ""} over={note || free ? excess : 0} segmented={!note && able.segments} keptAt={note ? null : draft.keptAt} />
      {(note || free) && (
        <Button
          onClick={submit}
          disabled={!composing.may}
          rightSection={<Kbd>{keyLabel("send")}</Kbd>}
          className={styles.send}
        >
          {note ? t("composer.addNote") : t(able.public ? "channels.publish" : "composer.send")}
        </Button>
      )}
    </div>
  );
}
