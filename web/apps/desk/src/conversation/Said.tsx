/** What one message says: words, a letter, or something that is not text and is shown as what it is. */
import { UnstyledButton } from "@mantine/core";
import type { ConversationFull, Message } from "@parlons/client/types.ts";
import { Bot, CircleHelp, Forward } from "lucide-react";
import { go } from "../data/route.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./conversation.module.css";
import { Files } from "./Files.tsx";
import { Letter } from "./Letter.tsx";
import letter from "./letter.module.css";
import { PublicMarks } from "./Public.tsx";
import { kindText } from "./wayWords.ts";

/** What is true of the message beside its words. */
function Marks({ message, full }: { message: Message; full: ConversationFull }) {
  const { t } = useTexts();
  const { kind, automatic, public: seen } = message.content ?? {};
  if (!kind && !automatic && !seen) return null;
  return (
    <span className={styles.marks}>
      {kind && (
        <span>
          <CircleHelp size={14} aria-hidden="true" /> {kindText(kind, t)}
        </span>
      )}
      {automatic && (
        <span>
          <Bot size={14} aria-hidden="true" /> {t("channels.automatic")}
        </span>
      )}
      {seen && <PublicMarks message={message} full={full} />}
    </span>
  );
}

/** What left below its words stands where it was said. */
function SentOn({ id }: { id: string }) {
  const { t } = useTexts();
  return (
    <UnstyledButton className={letter.sentOn} onClick={() => go({ page: "desk", conversation: id })}>
      <Forward size={14} aria-hidden="true" /> {t("mail.forward.sentOn")}
    </UnstyledButton>
  );
}

/** Shown whole, with its subject, and not as a line of talk. */
export const isLetter = (message: Message): boolean => Boolean(message.content?.subject || message.content?.html);

export function Said({ message, full }: { message: Message; full: ConversationFull }) {
  return (
    <>
      <Marks message={message} full={full} />
      {isLetter(message) ? <Letter message={message} full={full} /> : message.text}
      {message.content?.sent_on && <SentOn id={message.content.sent_on.conversation_id} />}
      <Files items={message.attachments.filter((each) => !message.content?.inside?.includes(each.id))} others={message.content?.files?.filter((file) => file.state !== "kept")} />
    </>
  );
}
