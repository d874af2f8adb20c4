/** What the customer wishes: the channel we write to him on when it is ours to choose, and the language he is spoken to in. */
import { NativeSelect } from "@mantine/core";
import { patch } from "@parlons/client/http.ts";
import type { ConversationFull } from "@parlons/client/types.ts";
import { attempt } from "../data/actions.ts";
import { loadDetail } from "../data/details.ts";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { channelName, languageName } from "../shell/words.ts";
import styles from "./parts.module.css";

const CHANNELS = ["email", "sms", "whatsapp", "messenger", "telegram", "push"];
const LANGUAGES = ["en", "fr", "de", "es", "it"];

export function Wishes({ full }: { full: ConversationFull }) {
  const { t, locale } = useTexts();
  const details = full.customer_details;
  if (!details) return null;
  const { preferred_channel, ...others } = details.attributes;
  const language = details.language ?? "";
  const change = async (body: object) => {
    if (!(await attempt(patch(`/customers/${full.customer.id}`, body)))) return;
    announce(t("customer.wishKept"));
    await loadDetail(full.id);
  };
  const known = LANGUAGES.includes(language.slice(0, 2)) || !language ? LANGUAGES : [language, ...LANGUAGES];
  return (
    <div className={styles.wishes}>
      <NativeSelect
        size="xs"
        label={t("customer.prefers")}
        value={typeof preferred_channel === "string" ? preferred_channel : ""}
        onChange={(event) => {
          const wish = event.currentTarget.value;
          void change({ attributes: wish ? { ...others, preferred_channel: wish } : others });
        }}
        data={[
          { value: "", label: t("customer.noWish") },
          ...CHANNELS.map((value) => ({ value, label: channelName(value, t) })),
        ]}
      />
      <NativeSelect
        size="xs"
        label={t("customer.language")}
        value={known === LANGUAGES ? language.slice(0, 2) : language}
        onChange={(event) => void change({ language: event.currentTarget.value })}
        data={[
          ...(language ? [] : [{ value: "", label: languageName(full.language, locale) }]),
          ...known.map((value) => ({ value, label: languageName(value, locale) })),
        ]}
      />
    </div>
  );
}
