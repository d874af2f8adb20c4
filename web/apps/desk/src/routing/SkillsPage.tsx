/** Who can do what: skills and levels, languages, and how much at once, for everybody in one grid. */
import { Button, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import type { Worker } from "@parlons/client/types.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { number } from "@parlons/ui/format.ts";
import { Plus, Search } from "lucide-react";
import { type FormEvent, useCallback, useMemo, useState } from "react";
import { useTexts } from "../i18n/index.ts";
import { CellBar } from "./CellBar.tsx";
import { Grid, type Place } from "./Grid.tsx";
import { change } from "./saving.ts";
import styles from "./skills.module.css";
import { type Column, columnsOf, holders, matching, type Value } from "./skills.ts";

const byName = (a: Worker, b: Worker) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id);

/** What a cell then says, for the toast. */
function useSaid() {
  const { t } = useTexts();
  return useCallback(
    (worker: Worker, { kind, name }: Column, value: Value): string => {
      const words = kind === "language" ? "speaks" : "has";
      const level = value === true ? t(`routing.skills.${words}`) : value === null ? t(`routing.skills.${words}Not`) : `${value}`;
      return t(`routing.skills.changed.${kind}`, { worker: worker.name, name, level });
    },
    [t],
  );
}

function NewSkill({ known, add }: { known: ReadonlySet<string>; add: (name: string) => void }) {
  const { t } = useTexts();
  const [name, setName] = useState("");
  const wanted = name.trim();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!wanted) return;
    add(wanted);
    setName("");
  };
  return (
    <form onSubmit={submit} className={styles.add}>
      <TextInput
        aria-label={t("routing.skills.newSkill")}
        placeholder={t("routing.skills.newSkill")}
        maxLength={64}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" leftSection={<Plus size={14} />} disabled={!wanted || known.has(wanted)}>
        {t("routing.skills.add")}
      </Button>
    </form>
  );
}

export default function SkillsPage() {
  const { t, locale } = useTexts();
  const all = useSnapshot((snapshot) => snapshot.workers);
  const narrow = useMediaQuery("(max-width: 600px)") ?? false;
  const said = useSaid();
  const [who, setWho] = useState("");
  const [what, setWhat] = useState("");
  const [added, setAdded] = useState<string[]>([]);
  const [chosen, choose] = useState<Place>({ row: 0, column: 0 });
  const workers = useMemo(() => Object.values(all).sort(byName), [all]);
  const everything = useMemo(() => columnsOf(workers, added), [workers, added]);
  const counts = useMemo(() => holders(workers, everything), [workers, everything]);
  const rows = useMemo(() => matching(workers, who, (each) => each.name), [workers, who]);
  const columns = useMemo(() => matching(everything, what, (each) => each.name), [everything, what]);
  const put = useCallback(
    (worker: Worker, column: Column, value: Value) => void change(worker.id, column, value, said(worker, column, value)),
    [said],
  );
  const place = useMemo(
    () => ({
      row: Math.max(0, Math.min(chosen.row, rows.length - 1)),
      column: Math.max(0, Math.min(chosen.column, columns.length - 1)),
    }),
    [chosen, rows.length, columns.length],
  );
  const worker = rows[place.row];
  const column = columns[place.column];
  const known = useMemo(() => new Set(everything.filter((each) => each.kind === "skill").map((each) => each.name)), [everything]);
  const add = (name: string) => {
    setAdded((before) => [...before, name]);
    setWhat("");
    const at = columnsOf(workers, [...added, name]).findIndex((each) => each.key === `skill:${name}`);
    choose({ row: place.row, column: Math.max(0, at) });
  };
  return (
    <section className={styles.page} aria-label={t("routing.skills.title")}>
      <header>
        <h2>{t("routing.skills.title")}</h2>
        <p>{t("routing.skills.help")}</p>
      </header>
      {workers.length === 0 ? (
        <p className={styles.none}>{t("routing.skills.none")}</p>
      ) : (
        <>
          <div className={styles.tools}>
            <TextInput
              aria-label={t("routing.skills.who")}
              placeholder={t("routing.skills.who")}
              leftSection={<Search size={14} />}
              value={who}
              onChange={(event) => setWho(event.currentTarget.value)}
            />
            <TextInput
              aria-label={t("routing.skills.what")}
              placeholder={t("routing.skills.what")}
              leftSection={<Search size={14} />}
              value={what}
              onChange={(event) => setWhat(event.currentTarget.value)}
            />
            <NewSkill known={known} add={add} />
            <p role="status" className="num">
              {t("routing.skills.shown", {
                rows: number(rows.length, locale),
                all: number(workers.length, locale),
                columns: number(columns.length, locale),
              })}
            </p>
          </div>
          {rows.length > 0 && columns.length > 0 ? (
            <>
              <Grid {...{ workers: rows, columns, counts, choose, put, narrow }} chosen={place} />
              {worker && column && <CellBar worker={worker} column={column} put={put} />}
            </>
          ) : (
            <p className={styles.none}>{t("routing.skills.nothing")}</p>
          )}
        </>
      )}
    </section>
  );
}
