/** A chat on one's pages: its words, the line for the page, and the chat itself to try. */
import { Anchor, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTexts } from "../i18n/index.ts";
import { Arrival } from "./Arrival.tsx";
import { Copy } from "./Copy.tsx";
import { Step } from "./Step.tsx";
import { keepPart } from "./setup.ts";
import { type Language, pointsOf, ruleOf, slug, widgetOf } from "./steps.ts";
import type { StepPart } from "./WelcomePage.tsx";
import styles from "./welcome.module.css";

const SPOKEN: Language[] = ["en", "fr"];

/** What customers read first, in their language: it stands in the chat, not on our screens. */
const GREETING: Record<Language, (firm: string) => string> = {
  en: (firm) => `Hello, this is ${firm}. How can we help?`,
  fr: (firm) => `Bonjour, ici ${firm}. Comment pouvons-nous vous aider\u00a0?`,
};

/** What stands in the page: one line, from this address. */
const snippet = (key: string): string => `<script src="${location.origin}/widget.js" data-parlons="${key}" async></script>`;

/** `https://shop.example` of whatever was typed; null when it is no address. */
function originOf(text: string): string | null {
  const typed = text.trim();
  try {
    const url = new URL(/^https?:\/\//.test(typed) ? typed : `https://${typed}`);
    return url.origin;
  } catch {
    return null;
  }
}

function Try({ place }: { place: string }) {
  const { t } = useTexts();
  return (
    <>
      <p>{t("welcome.chat.proof")}</p>
      <Arrival channel="webchat" />
      <iframe className={styles.frame} src={`/chat/${encodeURIComponent(place)}`} title={t("welcome.chat.frame")} />
      <Anchor href={`/chat/${encodeURIComponent(place)}`} target="_blank">
        {t("welcome.chat.alone")}
      </Anchor>
      <Copy label={t("welcome.chat.snippet")} help={t("welcome.chat.snippetHelp")} text={snippet(place)} />
    </>
  );
}

export default function ChatStep({ document, leave }: StepPart) {
  const { t } = useTexts();
  const { firm } = document;
  const widget = widgetOf(document);
  const place = widget?.key ?? slug(firm.name);
  const spoken = SPOKEN.filter((each) => firm.languages.includes(each));
  const languages: Language[] = spoken.length ? spoken : ["en"];
  const known = widget?.texts ?? {};
  const [greetings, setGreetings] = useState<Partial<Record<Language, string>>>(() =>
    Object.fromEntries(
      languages.map((each) => [each, known[each]?.greeting ?? GREETING[each](firm.name)]),
    ),
  );
  const [site, setSite] = useState(widget?.origins[0] ?? "");
  const origin = site.trim() ? originOf(site) : "";
  const texts = Object.fromEntries(
    languages.map((each) => [each, { title: firm.name, greeting: greetings[each]?.trim() ?? "" }]),
  );
  const origins = origin ? [origin, ...(widget?.origins.slice(1) ?? [])] : (widget?.origins.slice(1) ?? []);
  const changed =
    !widget ||
    languages.some(
      (each) => texts[each]?.greeting !== known[each]?.greeting || texts[each]?.title !== known[each]?.title,
    ) ||
    (origin ?? "") !== (widget.origins[0] ?? "");
  const save = async () => {
    const look = { accent: firm.colour ?? null, languages, texts, origins };
    await keepPart("widget", place, { key: place, firm: firm.name, ...look });
    if (pointsOf(document, "webchat").length === 0)
      await keepPart("entry_point", `webchat ${place}`, {
        channel: "webchat",
        address: place,
        firm: firm.name,
        language: languages[0],
        workflow: ruleOf(document)?.name,
      });
  };
  return (
    <Step
      id="chat"
      can={origin !== null && languages.every((each) => greetings[each]?.trim())}
      changed={changed}
      save={save}
      leave={leave}
      proof={<Try place={place} />}
    >
      {languages.map((each) => (
        <Textarea
          key={each}
          lang={each}
          rows={2}
          maxLength={400}
          label={t("welcome.chat.greeting", { language: t(`welcome.languages.${each}`) })}
          value={greetings[each] ?? ""}
          onChange={(event) => setGreetings({ ...greetings, [each]: event.currentTarget.value })}
        />
      ))}
      <TextInput
        label={t("welcome.chat.site")}
        description={t("welcome.chat.siteHelp")}
        placeholder="https://shop.example"
        error={origin === null ? t("welcome.chat.siteBad") : undefined}
        value={site}
        onChange={(event) => setSite(event.currentTarget.value)}
      />
    </Step>
  );
}
