/** An article as its readers see it, in a frame where nothing runs: what an author pastes is not yet cleaned. It is of the same
 *  origin, so that pictures of a draft are shown to who is signed in; without leave for scripts that gives it no more. */
import { useTexts } from "../i18n/index.ts";
import styles from "./knowledge.module.css";

const STYLE = `:root{color-scheme:light dark}body{margin:0;padding:12px 16px;font:15px/1.6 system-ui,sans-serif;overflow-wrap:anywhere}
@media(prefers-color-scheme:dark){body{background:#14191c;color:#e7eaec}a{color:#4cc4e6}}h1{font-size:22px;line-height:1.25}h2{font-size:18px}h3{font-size:16px}
table{width:100%;border-collapse:collapse;table-layout:fixed}th,td{padding:6px 8px;border:1px solid #868f93;text-align:left}pre{white-space:pre-wrap}
blockquote{margin:12px 0;padding-left:12px;border-left:4px solid #868f93}img{max-width:100%;height:auto}`;
const escaped = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

export function Preview({ title, html, language }: { title: string; html: string; language: string }) {
  const { t } = useTexts();
  const page = `<!doctype html><html lang="${language}"><head><meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src ${location.origin}/help-files/; style-src 'unsafe-inline'"><title>${escaped(title)}</title><style>${STYLE}</style></head><body><h1>${escaped(title)}</h1>${html}</body></html>`;
  return <iframe className={styles.preview} title={t("knowledge.preview")} sandbox="allow-popups allow-same-origin" srcDoc={page} />;
}
