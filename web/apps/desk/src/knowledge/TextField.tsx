/** The text of an article: written with headings, lists, links and quotes, or as HTML where it holds more (a table). */
import { Button, Textarea } from "@mantine/core";
import { RichTextEditor } from "@mantine/tiptap";
import "@mantine/tiptap/styles.css";
import { Image } from "@tiptap/extension-image";
import { useEditor } from "@tiptap/react";
import { StarterKit } from "@tiptap/starter-kit";
import { useEffect, useRef, useState } from "react";
import { useTexts } from "../i18n/index.ts";
import styles from "./knowledge.module.css";

interface Props {
  html: string;
  error?: string;
  onChange: (html: string) => void;
}

/** Only pictures that were uploaded to an article. */
const Pictures = Image.extend({ parseHTML: () => [{ tag: 'img[src^="/help-files/FL"]' }] });
const EXTENSIONS = [Pictures, StarterKit.configure({ heading: { levels: [2, 3] }, link: { openOnClick: false, defaultProtocol: "https" } })];

function Written({ html, onChange }: Props) {
  const { t } = useTexts();
  const told = useRef(html);
  const editor = useEditor({
    extensions: EXTENSIONS,
    content: html,
    editorProps: { attributes: { role: "textbox", "aria-multiline": "true", "aria-label": t("knowledge.text") } },
    onUpdate: ({ editor: changed }) => {
      told.current = changed.isEmpty ? "" : changed.getHTML();
      onChange(told.current);
    },
  });
  useEffect(() => {
    if (html === told.current) return;
    told.current = html;
    editor.commands.setContent(html, { emitUpdate: false });
  }, [editor, html]);
  return (
    <RichTextEditor
      editor={editor}
      withCodeHighlightStyles={false}
      withTypographyStyles={false}
      labels={{
        boldControlLabel: t("mail.format.bold"),
        italicControlLabel: t("mail.format.italic"),
        linkControlLabel: t("mail.format.link"),
        bulletListControlLabel: t("mail.format.bullets"),
        orderedListControlLabel: t("mail.format.numbers"),
        blockquoteControlLabel: t("mail.format.quote"),
        h2ControlLabel: t("knowledge.heading"),
        h3ControlLabel: t("knowledge.subheading"),
        linkEditorInputLabel: t("mail.format.address"),
        linkEditorInputPlaceholder: "https://",
        linkEditorExternalLink: t("mail.format.newTab"),
        linkEditorInternalLink: t("mail.format.sameTab"),
        linkEditorSave: t("mail.format.save"),
      }}
    >
      <RichTextEditor.Toolbar role="toolbar" aria-label={t("mail.format.name")}>
        <RichTextEditor.H2 />
        <RichTextEditor.H3 />
        <RichTextEditor.Bold />
        <RichTextEditor.Italic />
        <RichTextEditor.Link />
        <RichTextEditor.BulletList />
        <RichTextEditor.OrderedList />
        <RichTextEditor.Blockquote />
      </RichTextEditor.Toolbar>
      <RichTextEditor.Content className={styles.text} />
    </RichTextEditor>
  );
}

export default function TextField(props: Props) {
  const { html, error, onChange } = props;
  const { t } = useTexts();
  const more = /<(table|kbd|sub|sup)\b/.test(html);
  const [source, setSource] = useState(more);
  return (
    <div className={styles.field}>
      {source ? (
        <Textarea label={t("knowledge.source")} className={styles.source} rows={16} value={html} onChange={(event) => onChange(event.currentTarget.value)} />
      ) : (
        <Written {...props} />
      )}
      {error && <p className={styles.bad}>{error}</p>}
      <Button variant="subtle" size="compact-sm" disabled={source && more} onClick={() => setSource(!source)}>
        {t(source ? "knowledge.asWritten" : "knowledge.asSource")}
      </Button>
    </div>
  );
}
