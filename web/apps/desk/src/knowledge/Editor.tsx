/** One article as its authors see it: its text beside how readers will see it, what may be done with it, and its versions. */
import { Button, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { ApiError } from "@parlons/client/http.ts";
import { type FormEvent, Suspense, useState } from "react";
import { attempt, cause } from "../data/actions.ts";
import { go } from "../data/route.ts";
import { useSession } from "../data/session.ts";
import { announce, toast } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { useAsked } from "../sends/sends.ts";
import { fetched } from "../shell/fetched.ts";
import { ACTS, type Act, type Article, AUDIENCES, actOn, type Draft, keepArticle, LANGUAGES, nameOf, type Section } from "./articles.ts";
import { Earlier } from "./Earlier.tsx";
import { Files } from "./Files.tsx";
import styles from "./knowledge.module.css";
import { Preview } from "./Preview.tsx";
import { Sheet } from "./Sheet.tsx";

const TextField = fetched(() => import("./TextField.tsx"));

function draftOf(article: Article): Draft {
  const { firm_id, language, audience, category_id, slug, title, summary, html } = article;
  return { firm_id, language, audience, category_id, slug, title, summary, html, translates: null };
}

interface Props {
  article: Article | null;
  first?: Partial<Draft>;
  put: (article: Article) => void;
}

function Places({ draft, change, fresh, live }: { draft: Draft; change: (part: Partial<Draft>) => void; fresh: boolean; live: boolean }) {
  const { t, locale } = useTexts();
  const firms = useSession((session) => session.me?.firms) ?? [];
  const sections = useAsked<{ items: Section[] }>("/article-sections").told?.items ?? [];
  const mine = sections.filter((each) => each.firm_id === draft.firm_id);
  const chosen = (name: keyof Draft) => (event: { currentTarget: { value: string } }) => change({ [name]: event.currentTarget.value || null });
  return (
    <div className={styles.row}>
      {firms.length > 1 && (
        <NativeSelect label={t("knowledge.firm")} disabled={!fresh || draft.translates !== null} value={draft.firm_id} onChange={chosen("firm_id")} data={firms.map((each) => ({ value: each.id, label: each.name }))} />
      )}
      <NativeSelect label={t("knowledge.language")} disabled={!fresh} value={draft.language} onChange={chosen("language")} data={LANGUAGES.map((each) => ({ value: each, label: t(`knowledge.languages.${each}`) }))} />
      <NativeSelect label={t("knowledge.audience")} value={draft.audience} onChange={chosen("audience")} data={AUDIENCES.map((each) => ({ value: each, label: t(`knowledge.audiences.${each}`) }))} />
      <NativeSelect
        label={t("knowledge.section")}
        value={draft.category_id ?? ""}
        onChange={chosen("category_id")}
        data={[{ value: "", label: t("knowledge.noSection") }, ...mine.map((each) => ({ value: each.id, label: nameOf(each, locale) }))]}
      />
      {!fresh && (
        <TextInput label={t("knowledge.slug")} disabled={live} value={draft.slug} maxLength={80} onChange={(event) => change({ slug: event.currentTarget.value })} />
      )}
    </div>
  );
}

export function Editor({ article, first, put }: Props) {
  const { t, locale } = useTexts();
  const firm = useSession((session) => session.me?.firms[0]?.id) ?? "";
  const empty: Draft = { firm_id: firm, language: locale, audience: "public", category_id: null, slug: "", title: "", summary: "", html: "", translates: null };
  const [draft, setDraft] = useState<Draft>(article ? draftOf(article) : { ...empty, ...first });
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<{ field: string; text: string } | null>(null);
  const changed = article === null || JSON.stringify(draft) !== JSON.stringify(draftOf(article));
  const at = (field: string) => (trouble?.field === field ? trouble.text : undefined);
  const change = (part: Partial<Draft>) => {
    setTrouble(null);
    setDraft((before) => ({ ...before, ...part }));
  };
  const take = (told: Article) => {
    setDraft(draftOf(told));
    put(told);
  };
  const keep = async (): Promise<Article | null> => {
    setBusy(true);
    try {
      const kept = changed ? await keepArticle(draft, article) : article;
      if (kept && article) take(kept);
      return kept;
    } catch (error) {
      const details = error instanceof ApiError ? (error.problem.details ?? {}) : {};
      setTrouble({ field: String(details.field ?? ""), text: cause(error) });
      announce(cause(error), true);
      return null;
    } finally {
      setBusy(false);
    }
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const kept = busy ? null : await keep();
    if (!kept) return;
    toast(t("knowledge.kept", { title: kept.title }));
    if (!article) go({ page: "knowledge", article: kept.id }, true);
  };
  const act = async (what: Act) => {
    const kept = busy ? null : await keep();
    const told = kept && (await attempt(actOn(kept, what)));
    if (!told) return;
    take(told);
    toast(t(`knowledge.done.${what}`, { title: told.title }));
  };
  // Within a sentence French writes a language small.
  const within = (language: string) => {
    const name = t(`knowledge.languages.${language as "fr"}`);
    return locale === "fr" ? name.toLocaleLowerCase(locale) : name;
  };
  const missing = article ? LANGUAGES.filter((each) => each !== article.language && !article.translations.some((other) => other.language === each)) : [];
  return (
    <Sheet title={article?.title || t("knowledge.new")} back>
      {article && (
        <p className={styles.quiet}>
          {t(`knowledge.states.${article.state}`)}
          {article.live_number !== null && article.state !== "published" && ` · ${t("knowledge.live", { number: article.live_number })}`}
        </p>
      )}
      <div className={styles.beside}>
        <form className={styles.form} onSubmit={submit} aria-label={t("knowledge.article")} noValidate>
          <TextInput autoFocus={!article} label={t("knowledge.title")} error={at("title")} maxLength={160} value={draft.title} onChange={(event) => change({ title: event.currentTarget.value })} />
          <Textarea label={t("knowledge.summary")} description={t("knowledge.summaryHelp")} error={at("summary")} maxLength={300} rows={2} value={draft.summary} onChange={(event) => change({ summary: event.currentTarget.value })} />
          <Suspense>
            <TextField html={draft.html} error={at("html")} onChange={(html) => change({ html })} />
          </Suspense>
          <Places draft={draft} change={change} fresh={article === null} live={article?.live_number != null} />
          {trouble && !["title", "summary", "html"].includes(trouble.field) && <p className={styles.bad} role="alert">{trouble.text}</p>}
          <div className={styles.row}>
            <Button type="submit" variant={article ? "default" : "filled"} disabled={busy || !changed}>{t("knowledge.keep")}</Button>
            {article && (changed && article.state === "published" ? (["publish"] as Act[]) : ACTS[article.state]).map((each, place) => (
              <Button key={each} variant={place === 0 && each !== "archive" ? "filled" : "default"} disabled={busy} onClick={() => void act(each)}>
                {t(`knowledge.acts.${each}`)}
              </Button>
            ))}
          </div>
        </form>
        <Preview title={draft.title} html={draft.html} language={draft.language} />
      </div>
      {article && (
        <div className={styles.row}>
          {article.translations.map((each) => (
            <Button key={each.id} variant="default" size="compact-md" onClick={() => go({ page: "knowledge", article: each.id })}>
              {t("knowledge.inLanguage", { language: within(each.language) })}
            </Button>
          ))}
          {missing.map((each) => (
            <Button key={each} variant="default" size="compact-md" onClick={() => go({ page: "knowledge", article: `new-${each}-${article.id}` })}>
              {t("knowledge.translate", { language: within(each) })}
            </Button>
          ))}
        </div>
      )}
      {article && <Files article={article} put={(html) => change({ html: draft.html + html })} />}
      {article?.live_number != null && <Earlier key={article.live_number} article={article} put={take} />}
    </Sheet>
  );
}
