/** Prompts: what callers hear. One's own recordings first, then what is shipped; each can be said anew in one's own voice. */
import { ActionIcon, Button } from "@mantine/core";
import { duration } from "@parlons/ui/format.ts";
import { Mic, Play, Plus, Square, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useSession } from "../data/session.ts";
import { undoable } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { type Draft, Form } from "./Form.tsx";
import styles from "./prompts.module.css";
import { erase, hide, listenTo, loadPrompts, type Prompt, type Shipped, stopListening, usePrompts } from "./prompts.ts";

type Replace = (draft: Draft, opener: HTMLElement) => void;

function Own({ prompt, replace }: { prompt: Prompt; replace: Replace }) {
  const { t } = useTexts();
  const firm = useSession((session) => session.me?.firms.find((each) => each.id === prompt.firm_id)?.name);
  const sounds = usePrompts((told) => told.playing === prompt.id);
  const { name } = prompt;
  const facts = [prompt.language ? t(`prompts.in.${prompt.language}`) : t("prompts.anyLanguage"), firm];
  const gone = () => {
    if (sounds) stopListening();
    hide(prompt.id);
    undoable(t("prompts.gone", { name }), () => void erase(prompt.id), () => void loadPrompts());
  };
  return (
    <li>
      <ActionIcon
        variant="default"
        size={32}
        aria-label={t(sounds ? "prompts.stopOne" : "prompts.listen", { name })}
        onClick={() => listenTo(prompt)}
      >
        {sounds ? <Square size={14} /> : <Play size={14} />}
      </ActionIcon>
      <div>
        <p>
          <strong>{name}</strong> <span>{facts.filter(Boolean).join(" · ")}</span>{" "}
          <span className="num">{duration(Math.round(prompt.seconds))}</span>
        </p>
        {prompt.words && <p lang={prompt.language ?? undefined}>{prompt.words}</p>}
      </div>
      <div className={styles.acts}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={32}
          aria-label={t("prompts.replace", { name })}
          title={t("prompts.replace", { name })}
          onClick={(event) =>
            replace(
              { name, language: prompt.language ?? "", firm_id: prompt.firm_id ?? "", words: prompt.words },
              event.currentTarget,
            )
          }
        >
          <Mic size={16} />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={32}
          aria-label={t("prompts.delete", { name })}
          title={t("prompts.delete", { name })}
          onClick={gone}
        >
          <Trash2 size={16} />
        </ActionIcon>
      </div>
    </li>
  );
}

function Given({ shipped, replace }: { shipped: Shipped; replace: Replace }) {
  const { t, locale } = useTexts();
  const speech = usePrompts((told) => told.prompts?.speech);
  const { name } = shipped;
  const words = shipped.words[locale];
  const how = shipped.recorded.includes(locale) ? "person" : speech ? "machine" : "tones";
  return (
    <li>
      <div>
        <p>
          <strong>{name}</strong> <span>{t(`prompts.said.${how}`)}</span>
        </p>
        <p>{words}</p>
      </div>
      <div className={styles.acts}>
        <Button
          size="compact-sm"
          variant="subtle"
          aria-label={t("prompts.yoursOf", { name })}
          onClick={(event) => replace({ name, language: locale, firm_id: "", words }, event.currentTarget)}
        >
          {t("prompts.yours")}
        </Button>
      </div>
    </li>
  );
}

export default function PromptsPage() {
  const { t, locale } = useTexts();
  const prompts = usePrompts((told) => told.prompts);
  const [draft, setDraft] = useState<Draft | null>(null);
  const opener = useRef<HTMLElement | null>(null);
  useEffect(() => {
    void loadPrompts();
    return stopListening;
  }, []);
  useEffect(() => {
    document.title = `${t("place.prompts")} · Parlons`;
  }, [t]);
  const open: Replace = (wanted, from) => {
    opener.current = from;
    setDraft(wanted);
  };
  const shut = () => {
    setDraft(null);
    opener.current?.focus();
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <div className={styles.page} tabIndex={0} role="region" aria-label={t("place.prompts")}>
      <header>
        <h1>{t("place.prompts")}</h1>
        <Button
          variant={draft ? "default" : "filled"}
          leftSection={<Plus size={16} />}
          onClick={(event) => open({ name: "", language: locale, firm_id: "", words: "" }, event.currentTarget)}
        >
          {t("prompts.new")}
        </Button>
      </header>
      <p className={styles.quiet}>{t("prompts.intro")}</p>
      {draft && (
        <Form
          key={JSON.stringify(draft)}
          draft={draft}
          names={prompts?.shipped.map((each) => each.name) ?? []}
          done={shut}
        />
      )}
      {prompts && (
        <>
          <section aria-label={t("prompts.own")}>
            <h2>{t("prompts.own")}</h2>
            {prompts.items.length === 0 && <p className={styles.quiet}>{t("prompts.none")}</p>}
            <ul>
              {prompts.items.map((each) => (
                <Own key={each.id} prompt={each} replace={open} />
              ))}
            </ul>
          </section>
          <section aria-label={t("prompts.shipped")}>
            <h2>{t("prompts.shipped")}</h2>
            {prompts.missing_packages.length > 0 && (
              <p className={styles.quiet}>{t("prompts.missing", { list: prompts.missing_packages.join(", ") })}</p>
            )}
            <ul>
              {prompts.shipped.map((each) => (
                <Given key={each.name} shipped={each} replace={open} />
              ))}
            </ul>
          </section>
        </>
      )}
    </div>
  );
}
