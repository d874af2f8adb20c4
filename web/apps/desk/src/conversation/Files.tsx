/** Files that came or went with a message, and those that did not come through. */
import type { LostFile } from "@parlons/client/channels.ts";
import type { Attachment } from "@parlons/client/types.ts";
import { bytes } from "@parlons/ui/format.ts";
import { FileText, FileX, Image } from "lucide-react";
import { useTexts } from "../i18n/index.ts";
import styles from "./conversation.module.css";

export function Files({ items, others = [] }: { items: Attachment[]; others?: LostFile[] }) {
  const { t, locale } = useTexts();
  if (items.length + others.length === 0) return null;
  return (
    <span className={styles.files}>
      {items.map((file) => (
        <a key={file.id} href={`/api/v1/files/${file.id}`} target="_blank" rel="noreferrer" className={styles.file}>
          {file.content_type.startsWith("image/") ? <Image size={14} /> : <FileText size={14} />}
          <span>{file.name}</span> <span className={styles.meta}>{bytes(file.size, locale)}</span>
        </a>
      ))}
      {others.map((file, at) => (
        <span key={`${file.name}-${at}`} className={styles.file} data-lost={file.state !== "coming" || undefined}>
          {file.state === "coming" ? <FileText size={14} /> : <FileX size={14} />}
          <span>{file.name || t("channels.files.nameless")}</span>{" "}
          <span className={styles.meta}>{t(`channels.files.${file.state === "kept" ? "coming" : file.state}`)}</span>
        </span>
      ))}
    </span>
  );
}
