/** Below the form of a widget: the line for the site, and the chat as visitors see it now. */
import { Copy } from "../welcome/Copy.tsx";
import { useTexts } from "../i18n/index.ts";
import styles from "./form.module.css";
import type { Setting } from "./settings.ts";

export function WidgetBeside({ setting }: { setting: Setting }) {
  const { t, locale } = useTexts();
  const { name, etag } = setting;
  const snippet = `<script src="${location.origin}/widget.js" data-parlons="${name}" async></script>`;
  return (
    <>
      <Copy label={t("settings.snippet")} help={t("settings.snippetHelp")} text={snippet} />
      <iframe
        key={etag}
        className={styles.preview}
        src={`/chat/${encodeURIComponent(name)}?lang=${locale}`}
        title={t("settings.preview", { name })}
      />
    </>
  );
}
