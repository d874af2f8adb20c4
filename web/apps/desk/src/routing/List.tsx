/** The list of queues or workflows: name, firm, what each says in a sentence; a new one; what will stand here when there is none. */
import { Button, TextInput } from "@mantine/core";
import { Plus, Search } from "lucide-react";
import { type MouseEvent, type ReactNode, useState } from "react";
import { address } from "../data/route.ts";
import { useTexts } from "../i18n/index.ts";
import type { Kind } from "./draft.ts";
import { openThing } from "./EditorFrame.tsx";
import styles from "./editor.module.css";
import { matching } from "./skills.ts";

export interface Row {
  name: string;
  firm: string | null;
  says: ReactNode;
}

/** The name of what is not there yet, in the address. */
export const NEW = "+";

export function List({ kind, rows }: { kind: Kind; rows: Row[] }) {
  const { t } = useTexts();
  const [filter, setFilter] = useState("");
  const sorted = [...rows].sort((a, b) => a.name.localeCompare(b.name));
  const shown = matching(sorted, filter, (row) => `${row.name} ${row.firm ?? ""}`);
  const section = kind === "queue" ? "queues" : "workflows";
  const follow = (event: MouseEvent, name: string) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openThing(kind, name);
  };
  return (
    <section className={styles.list} aria-label={t(`routing.${kind}.all`)}>
      <header className={styles.head}>
        <h2>{t(`routing.${kind}.all`)}</h2>
        <span className={styles.space} />
        {rows.length > 8 && (
          <TextInput
            aria-label={t("routing.filter")}
            placeholder={t("routing.filter")}
            leftSection={<Search size={14} />}
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
          />
        )}
        <Button leftSection={<Plus size={16} />} onClick={() => openThing(kind, NEW)}>
          {t(`routing.${kind}.new`)}
        </Button>
      </header>
      <p className={styles.intro}>{t(`routing.${kind}.intro`)}</p>
      {rows.length === 0 && <p className={styles.intro}>{t(`routing.${kind}.none`)}</p>}
      <ul>
        {shown.map((row) => (
          <li key={row.name}>
            <a href={address({ page: "settings", section, name: row.name })} onClick={(event) => follow(event, row.name)}>
              <strong>{row.name}</strong>
              {row.firm && <span className={styles.firm}>{row.firm}</span>}
              <span className={styles.says}>{row.says}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
