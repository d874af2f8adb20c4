/** The files that go with the message being written. */
import { CloseButton } from "@mantine/core";
import { Paperclip } from "lucide-react";
import { useTexts } from "../i18n/index.ts";
import styles from "./composer.module.css";
import type { Upload } from "./uploads.ts";

export function Uploads({ items, onRemove }: { items: Upload[]; onRemove: (key: string) => void }) {
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
