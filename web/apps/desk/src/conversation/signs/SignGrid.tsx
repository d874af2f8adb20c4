/** Emoji by name or group. Arrows walk the grid, Enter chooses, Escape shuts (WAI-ARIA APG, grid of one tab stop). */
import { TextInput } from "@mantine/core";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { useTexts } from "../../i18n/index.ts";
import { found, GROUPS, lately, remember, type Sign, signsOf } from "./signs.ts";
import styles from "./signs.module.css";

const COLUMNS = 8;
const MARKS: Record<number, string> = { 0: "😀", 1: "👋", 3: "🐶", 4: "🍏", 5: "🚗", 6: "🎉", 7: "💡", 8: "✅", 9: "🏳️" };

/** Where a key leads from place `at` of `count`; null: it is none of the grid's. */
export function moved(key: string, at: number, count: number): number | null {
  const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[key];
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return by === undefined ? null : Math.max(0, Math.min(count - 1, at + by));
}

function useSigns(): Sign[] {
  const { locale } = useTexts();
  const [signs, setSigns] = useState<Sign[]>([]);
  useEffect(() => {
    let here = true;
    void signsOf(locale).then((all) => here && setSigns(all));
    return () => {
      here = false;
    };
  }, [locale]);
  return signs;
}

function Groups({ group, choose }: { group: number; choose: (group: number) => void }) {
  const { t } = useTexts();
  return (
    <div className={styles.groups} role="group" aria-label={t("mail.signs.groups")}>
      {GROUPS.map((each) => (
        <button key={each} type="button" aria-pressed={each === group} aria-label={t(`mail.signs.group.${each}`)} title={t(`mail.signs.group.${each}`)} onClick={() => choose(each)}>
          {MARKS[each]}
        </button>
      ))}
    </div>
  );
}

export default function SignGrid({ choose }: { choose: (sign: string) => void }) {
  const { t } = useTexts();
  const signs = useSigns();
  const [query, setQuery] = useState("");
  const [group, setGroup] = useState<number>(0);
  const [at, setAt] = useState(0);
  const grid = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  // It comes after the popover has opened, which had nothing to put the focus on.
  useEffect(() => search.current?.focus(), []);
  const shown = useMemo(() => {
    const hits = found(signs, query, group);
    const latest = lately().flatMap((sign) => signs.find((each) => each.sign === sign) ?? []);
    return query.trim() || group !== 0 ? hits : [...latest, ...hits.filter((each) => !latest.includes(each))];
  }, [signs, query, group]);
  const take = (sign: string) => {
    remember(sign);
    choose(sign);
  };
  const go = (to: number) => {
    setAt(to);
    grid.current?.querySelectorAll("button")[to]?.focus();
  };
  const onGridKey = (event: KeyboardEvent) => {
    const to = moved(event.key, at, shown.length);
    if (to === null) return;
    event.preventDefault();
    go(to);
  };
  const onSearchKey = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" && shown.length > 0) {
      event.preventDefault();
      go(0);
    }
    const first = shown[0];
    if (event.key === "Enter" && first) {
      event.preventDefault();
      take(first.sign);
    }
  };
  return (
    <div className={styles.picker}>
      <TextInput
        ref={search}
        size="sm"
        label={t("mail.signs.search")}
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onSearchKey}
      />
      {query.trim() === "" && <Groups group={group} choose={(each) => (setGroup(each), setAt(0))} />}
      <div ref={grid} className={styles.grid} role="group" aria-label={t("mail.signs.name")} onKeyDown={onGridKey}>
        {shown.map((each, index) => (
          <button key={each.sign} type="button" tabIndex={index === at ? 0 : -1} aria-label={each.name} title={each.name} onFocus={() => setAt(index)} onClick={() => take(each.sign)}>
            {each.sign}
          </button>
        ))}
      </div>
      <p className={styles.none} role="status">
        {signs.length > 0 && shown.length === 0 && t("mail.signs.none", { query })}
      </p>
    </div>
  );
}
