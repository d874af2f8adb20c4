/** The row of formats: one tab stop, arrows between its buttons (WAI-ARIA APG, toolbar). */
import { RichTextEditor } from "@mantine/tiptap";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { useTexts } from "../../i18n/index.ts";
import styles from "./rich.module.css";

const buttons = (bar: HTMLElement): HTMLElement[] => [...bar.querySelectorAll<HTMLElement>("[data-rich-text-editor-control]")];

function reach(bar: HTMLElement, one: HTMLElement | undefined): void {
  for (const each of buttons(bar)) each.tabIndex = each === one ? 0 : -1;
}

export function FormatBar() {
  const { t } = useTexts();
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (bar.current) reach(bar.current, buttons(bar.current)[0]);
  }, []);
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const all = buttons(event.currentTarget);
    const at = all.indexOf(document.activeElement as HTMLElement);
    const by = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (at < 0 || by === undefined) return;
    event.preventDefault();
    const next = all[(by + all.length) % all.length]!;
    reach(event.currentTarget, next);
    next.focus();
  };
  const key = (label: string, sign: string, shift = false) => `${label} (${t("key.ctrl")} ${shift ? `${t("key.shift")} ` : ""}${sign})`;
  return (
    <RichTextEditor.Toolbar ref={bar} role="toolbar" aria-label={t("mail.format.name")} className={styles.bar} onKeyDown={onKeyDown}>
      <RichTextEditor.Bold title={key(t("mail.format.bold"), "B")} />
      <RichTextEditor.Italic title={key(t("mail.format.italic"), "I")} />
      <RichTextEditor.Link title={key(t("mail.format.link"), "L", true)} />
      <RichTextEditor.BulletList />
      <RichTextEditor.OrderedList />
      <RichTextEditor.Blockquote title={key(t("mail.format.quote"), "B", true)} />
      <RichTextEditor.ClearFormatting />
    </RichTextEditor.Toolbar>
  );
}
