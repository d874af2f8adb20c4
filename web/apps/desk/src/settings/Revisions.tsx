/** Who changed what, newest first; each with its difference and a way back. */
import { Button } from "@mantine/core";
import { get } from "@parlons/client/http.ts";
import { when } from "@parlons/ui/format.ts";
import { useCallback, useEffect, useState } from "react";
import { attempt, cause } from "../data/actions.ts";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { useWords } from "./Control.tsx";
import styles from "./form.module.css";
import { undoRevision, useSettings } from "./settings.ts";

interface Told {
  kind: string;
  name: string;
  act: "add" | "change" | "remove";
  fields: string[];
  diff?: Record<string, [unknown, unknown]>;
}

interface Revision {
  id: string;
  at: string;
  author: string;
  road: "text" | "screen" | "undo";
  undoes: string | null;
  changes: Told[];
}

const PAGE = 30;
const written = (value: unknown): string =>
  value === null || value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value);

export function Revisions({ kind, name }: { kind?: string; name?: string }) {
  const { t } = useTexts();
  const [items, setItems] = useState<Revision[] | null>(null);
  const [more, setMore] = useState(false);
  const current = useSettings((settings) => settings.known?.revision);
  const read = useCallback(
    async (before?: string) => {
      const query = new URLSearchParams({ limit: String(PAGE) });
      if (kind) query.set("kind", kind);
      if (name) query.set("name", name);
      if (before) query.set("before", before);
      const page = await attempt(get<{ items: Revision[] }>(`/settings/revisions?${query}`));
      if (!page) return;
      setItems((old) => (before ? [...(old ?? []), ...page.items] : page.items));
      setMore(page.items.length === PAGE);
    },
    [kind, name],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: a newer revision is the reason to read again
  useEffect(() => void read(), [read, current]);
  if (!items) return null;
  return (
    <section aria-label={t("settings.history.title")}>
      {items.length === 0 && <p className={styles.quiet}>{t("settings.history.none")}</p>}
      <ul className={styles.list}>
        {items.map((each) => (
          <One key={each.id} revision={each} />
        ))}
      </ul>
      {more && (
        <Button variant="default" mt={12} onClick={() => void read(items.at(-1)?.id)}>
          {t("settings.history.more")}
        </Button>
      )}
    </section>
  );
}

function One({ revision }: { revision: Revision }) {
  const { t, locale } = useTexts();
  const [whole, setWhole] = useState<Revision | null>(null);
  const [open, setOpen] = useState(false);
  const show = async () => {
    setOpen(!open);
    if (!whole) setWhole((await attempt(get<Revision>(`/settings/revisions/${revision.id}`))) ?? null);
  };
  const undo = async () => {
    if (await undoRevision(revision.id, cause)) announce(t("settings.history.undone"));
  };
  const what = revision.changes
    .slice(0, 4)
    .map((each) => {
      const act = t(`settings.history.${each.act}`);
      return `${act} ${t(`settings.kind.${each.kind}.one` as "settings.kind.queue.one")} ${each.name}`;
    })
    .join(" · ");
  const rest = revision.changes.length > 4 ? t("settings.history.others", { count: revision.changes.length - 4 }) : "";
  const when_ = when(revision.at, locale);
  return (
    <li>
      <div className={styles.revision}>
        <strong>{what + rest}</strong>
        <span>
          {[revision.author || t("settings.somebody"), when_, t(`settings.history.by.${revision.road}`)].join(" · ")}
        </span>
        <span className={styles.acts}>
          <Button
            variant="subtle"
            size="compact-sm"
            aria-expanded={open}
            aria-label={t("settings.history.showOne", { what, when: when_ })}
            onClick={() => void show()}
          >
            {t("settings.history.show")}
          </Button>
          <Button
            variant="subtle"
            size="compact-sm"
            aria-label={t("settings.history.undoOne", { what, when: when_ })}
            onClick={() => void undo()}
          >
            {t("settings.history.undo")}
          </Button>
        </span>
        {open && whole?.changes.map((each) => <Difference key={`${each.kind} ${each.name}`} told={each} />)}
      </div>
    </li>
  );
}

function Difference({ told }: { told: Told }) {
  const { t } = useTexts();
  return (
    <div style={{ flexBasis: "100%" }}>
      <p>{`${t(`settings.kind.${told.kind}.one` as "settings.kind.queue.one")} ${told.name}`}</p>
      <dl className={styles.diff}>
        {Object.entries(told.diff ?? {}).map(([field, pair]) => (
          <Pair key={field} kind={told.kind} field={field} before={pair[0]} after={pair[1]} />
        ))}
      </dl>
    </div>
  );
}

export function Pair({ kind, field, before, after }: { kind: string; field: string; before: unknown; after: unknown }) {
  const { label } = useWords(kind, [field]);
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {before !== undefined && before !== null && <del>{written(before)}</del>}{" "}
        <ins>{written(after)}</ins>
      </dd>
    </div>
  );
}
