/** What stands in the composer and what becomes of it: a reply by one of the ways there are, or a note. */
import type { Way } from "@parlons/client/channels.ts";
import type { ConversationFull } from "@parlons/client/types.ts";
import { useEffect, useState } from "react";
import { addNote, attempt, typing } from "../data/actions.ts";
import type { Letter } from "../data/details.ts";
import { send, sendUndoable } from "../data/sending.ts";
import { useCommand } from "../keys/useKeys.ts";
import { useComing, useField, useObstacle } from "./composing.ts";
import { pageOf, useDraft } from "./drafts.ts";
import { type Heading, NO_HEADING } from "./LetterHead.tsx";
import { type Colleague, named } from "./mentions.ts";
import { isPlain, pictures, toSend } from "./rich/page.ts";
import { useUploads } from "./uploads.ts";
import { isCall, useWay } from "./useWay.ts";
import { addresses, answered, LONGEST, over } from "./ways.ts";

/** The subject of the answer: that of the customer's last mail, else the conversation's. */
function subjectOf(full: ConversationFull): string {
  const last = full.messages.findLast((each) => each.content?.subject)?.content?.subject;
  return answered(last ?? full.subject);
}

function letterOf(text: string, way: Way | undefined, heading: Heading, attachments: Letter["attachments"]): Letter {
  const able = way?.capabilities;
  return {
    text: text.trim(),
    attachments,
    way,
    subject: able?.subject ? heading.subject.trim() : undefined,
    cc: able?.copies ? addresses(heading.cc).good : undefined,
    bcc: able?.copies ? addresses(heading.bcc).good : undefined,
  };
}

export function useComposer(full: ConversationFull) {
  const obstacle = useObstacle(full);
  const coming = useComing(full);
  const chosen = useWay(full);
  const { way } = chosen;
  const able = way.capabilities;
  const [noteMode, setNoteMode] = useState(isCall(full));
  const [noteText, setNoteText] = useState("");
  const [heading, setHeading] = useState<Heading>(() => ({ ...NO_HEADING, subject: subjectOf(full) }));
  const [sent, setSent] = useState(0);
  const note = noteMode || obstacle !== null;
  const draft = useDraft(full, way.channel, obstacle === null);
  const files = useUploads(full.id, able);
  const text = note ? noteText : draft.text;
  /** Written with formatting. */
  const rich = !note && able.rich && chosen.freedom === "free";
  const { field, ready, focus: focusField, plain } = useField(text);
  const [around, setAround] = useState("");
  const focus = (asNote: boolean) => {
    setNoteMode(asNote);
    focusField();
  };
  useCommand("note", () => focus(true));
  useCommand("reply", () => focus(false));
  const excess = note ? Math.max(0, text.length - LONGEST) : over(text, able);
  const wrong = !note && able.copies && addresses(`${heading.cc} ${heading.bcc}`).wrong.length > 0;
  const filled = text.trim().length > 0 || (!note && (files.uploads.length > 0 || (rich && pictures(draft.html).length > 0)));
  const whole = filled && excess === 0 && !wrong && (note || chosen.freedom === "free");
  const awaits = !note && (coming || files.arriving);
  const can = whole && (note || (!coming && files.ready));
  /** To be sent as soon as the last of its files has arrived; whoever writes on takes that back. */
  const [wanted, setWanted] = useState(false);

  const keepNote = async (colleagues: Colleague[]) => {
    const kept = await attempt(addNote(full.id, text.trim(), named(text, colleagues)));
    if (kept === undefined) return;
    setNoteText("");
    setNoteMode(isCall(full));
  };
  const reply = () => {
    const attachments = files.uploads.flatMap((each) => (each.file ? [each.file] : []));
    const letter = letterOf(text, full.ways?.length ? way : undefined, heading, attachments);
    if (rich && !isPlain(draft.html)) Object.assign(letter, { html: toSend(draft.html), inside: pictures(draft.html) });
    const words = { text, html: draft.html };
    const taken = files.uploads;
    draft.clear();
    files.clear();
    // Whom it went to in copy was said of this letter, not of the next.
    setHeading((each) => ({ ...each, cc: "", bcc: "" }));
    setSent((each) => each + 1);
    const takenBack = () => {
      draft.putBack(words);
      files.putBack(taken);
      setHeading(heading);
      setSent((each) => each + 1);
      requestAnimationFrame(focusField);
    };
    // What leaves a mailbox cannot be corrected by the next line: it can be taken back for ten seconds.
    if (able.subject) sendUndoable(full.id, letter, takenBack);
    else send(full.id, letter);
  };
  useEffect(() => {
    if (!wanted || (whole && awaits)) return;
    setWanted(false);
    // Meanwhile turned to a note: that is for nobody outside.
    if (can && !note) reply();
  });
  const write = (value: string, html = "") => {
    setWanted(false);
    if (note) {
      // A note begun while one could not reply stays a note when one can: it neither vanishes nor goes to the customer.
      if (obstacle !== null) setNoteMode(value.length > 0 || isCall(full));
      return setNoteText(value);
    }
    draft.write(value, html);
    if (value) typing(full.id);
  };
  const choose = (each: Way) => {
    setWanted(false);
    chosen.choose(each);
    draft.write(draft.text, draft.html);
    requestAnimationFrame(focusField);
  };
  return {
    obstacle,
    chosen: { ...chosen, choose },
    note,
    setNoteMode,
    heading,
    setHeading,
    sent,
    draft,
    files,
    text,
    rich,
    page: rich ? pageOf(draft) : "",
    /** What stands around the caret: where suggestions are called for. */
    around: rich ? around : text,
    setAround,
    write,
    field,
    ready,
    plain,
    excess,
    /** Whether "send" does something: at once, or once the last file has arrived. */
    may: can || (whole && awaits),
    wanted,
    submit: (colleagues: Colleague[]) => {
      if (!can) return setWanted(whole && awaits);
      if (note) void keepNote(colleagues);
      else reply();
    },
  };
}

export type Composing = ReturnType<typeof useComposer>;
