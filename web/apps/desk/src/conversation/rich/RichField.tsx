/** The field of letters: bold, italic, links, lists, quotes, pictures by paste. Loaded when a letter is written, not before. */
import { RichTextEditor } from "@mantine/tiptap";
import "@mantine/tiptap/styles.css";
import type { Attachment } from "@parlons/client/types.ts";
import { type Editor, useEditor } from "@tiptap/react";
import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef } from "react";
import { useTexts } from "../../i18n/index.ts";
import type { Field } from "../field.ts";
import { extensions } from "./extensions.ts";
import { FormatBar } from "./FormatBar.tsx";
import styles from "./rich.module.css";

/** The paragraph at the caret; a break in it counts as one sign. */
function around(editor: Editor): { text: string; start: number; caret: number } {
  const { $from } = editor.state.selection;
  const { parent } = $from;
  return { text: parent.textBetween(0, parent.content.size, undefined, "\n"), start: $from.start(), caret: $from.parentOffset };
}

/** Lines as breaks of one paragraph. */
const broken = (text: string) =>
  text.split("\n").flatMap((line, at) => [...(at ? [{ type: "hardBreak" }] : []), ...(line ? [{ type: "text", text: line }] : [])]);

const fieldOf = (editor: Editor): Field => ({
  get value() {
    return around(editor).text;
  },
  get caret() {
    return around(editor).caret;
  },
  focus: () => editor.commands.focus(editor.state.selection.from > 1 ? undefined : "end"),
  replace: ({ from, to }, text) => {
    const { start } = around(editor);
    editor.chain().focus().insertContentAt({ from: start + from, to: start + to }, broken(text)).run();
  },
  put: (text) => editor.chain().focus().insertContent(broken(text)).run(),
  append: (text) => {
    editor.commands.focus("end");
    const { text: before } = around(editor);
    editor.chain().insertContent(before && !/\s$/.test(before) ? ` ${text}` : text).run();
  },
});

/** What a clipboard or a drop brings as files and not as words. */
function filesOf(data: DataTransfer | null): File[] {
  const words = new DOMParser().parseFromString(data?.getData("text/html") ?? "", "text/html").body.textContent?.trim();
  return data && !words ? [...data.files] : [];
}

interface Props {
  html: string;
  label: string;
  placeholder: string;
  aria: Record<string, string>;
  onChange: (html: string, text: string) => void;
  onCaret: (around: string) => void;
  onKey: (event: KeyboardEvent) => void;
  onBlur: () => void;
  /** It can be written into; null: not any more. */
  ready: (field: Field | null) => void;
  /** Uploads a picture that stands in the letter; null: it could not be. */
  picture: (file: File) => Promise<Attachment | null>;
  attach: (files: File[]) => void;
}

export default function RichField(props: Props) {
  const { html } = props;
  const { t } = useTexts();
  const now = useRef(props);
  now.current = props;
  const told = useRef(html);
  const editing = useRef<Editor>(null);
  const takeFiles = (event: Event, data: DataTransfer | null) => {
    const files = filesOf(data);
    if (files.length === 0) return false;
    event.preventDefault();
    event.stopPropagation();
    const others = files.filter((file) => !file.type.startsWith("image/"));
    if (others.length > 0) now.current.attach(others);
    for (const file of files.filter((each) => !others.includes(each)))
      void now.current.picture(file).then((kept) => {
        if (kept) editing.current?.chain().focus().setImage({ src: `/api/v1/files/${kept.id}`, alt: kept.name }).run();
      });
    return true;
  };
  // Asked for at each change: its list of suggestions opens and shuts while it stands.
  const attributes = () => ({ "data-composer": "", role: "textbox", "aria-multiline": "true", "aria-label": now.current.label, ...now.current.aria });
  const editor = useEditor({
    extensions: useMemo(() => extensions(() => now.current.placeholder), []),
    content: html,
    editorProps: {
      attributes,
      handlePaste: (_, event) => takeFiles(event, event.clipboardData),
      handleDrop: (_, event) => takeFiles(event, event.dataTransfer),
    },
    onUpdate: ({ editor: changed }) => {
      told.current = changed.isEmpty ? "" : changed.getHTML();
      now.current.onCaret(around(changed).text);
      now.current.onChange(told.current, changed.isEmpty ? "" : changed.getText({ blockSeparator: "\n" }));
    },
    onSelectionUpdate: ({ editor: changed }) => now.current.onCaret(around(changed).text),
    onBlur: () => now.current.onBlur(),
  });
  editing.current = editor;
  // Before the plain field that may take its place says it is there.
  useLayoutEffect(() => {
    now.current.ready(fieldOf(editor));
    return () => now.current.ready(null);
  }, [editor]);
  useEffect(() => {
    if (html === told.current) return;
    told.current = html;
    editor.commands.setContent(html, { emitUpdate: false });
    editor.commands.setTextSelection(editor.state.doc.content.size);
    now.current.onCaret(around(editor).text);
  }, [editor, html]);
  return (
    <RichTextEditor
      editor={editor}
      className={styles.editor}
      withCodeHighlightStyles={false}
      withTypographyStyles={false}
      labels={{
        boldControlLabel: t("mail.format.bold"),
        italicControlLabel: t("mail.format.italic"),
        linkControlLabel: t("mail.format.link"),
        bulletListControlLabel: t("mail.format.bullets"),
        orderedListControlLabel: t("mail.format.numbers"),
        blockquoteControlLabel: t("mail.format.quote"),
        clearFormattingControlLabel: t("mail.format.clear"),
        linkEditorInputLabel: t("mail.format.address"),
        linkEditorInputPlaceholder: "https://",
        linkEditorExternalLink: t("mail.format.newTab"),
        linkEditorInternalLink: t("mail.format.sameTab"),
        linkEditorSave: t("mail.format.save"),
      }}
    >
      <FormatBar />
      <div className={styles.text} onKeyDownCapture={(event) => now.current.onKey(event)}>
        <RichTextEditor.Content />
      </div>
    </RichTextEditor>
  );
}
