/** The audit: who did what, when, and what it changed; narrowed by filters, exported as it is narrowed. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { get } from "@parlons/client/http.ts";
import { useLive } from "@parlons/sync/store.ts";
import { Download } from "lucide-react";
import { useEffect, useState } from "react";
import i18next from "i18next";
import { attempt } from "../data/actions.ts";
import { useTexts } from "../i18n/index.ts";
import { activityName } from "../shell/words.ts";
import styles from "./people.module.css";
import { everybody, type Page, type Person } from "./people.ts";

interface Row {
  id: string;
  at: string;
  actor: string;
  actor_name: string | null;
  action: string;
  object_id: string;
  object_name: string | null;
  diff: Record<string, [unknown, unknown]>;
}

const KINDS = ["user", "role", "key", "link", "firm", "hours", "queue", "workflow", "flow", "widget", "channel", "entry_point", "trunk", "template", "worker", "task", "call", "recording", "customer", "password", "webhook", "audit"] as const;

/** The name of what an id stands for, when this screen knows it. */
type Names = (id: string) => string | undefined;

function shown(value: unknown, names: Names): string {
  if (value === null || value === undefined || value === "") return "—";
  return typeof value === "object" ? JSON.stringify(value) : (names(String(value)) ?? String(value));
}

function useNames(people: Person[]): Names {
  const { t } = useTexts();
  const { workers, activities, queues } = useLive.getState().snapshot;
  return (id) => {
    const activity = activities[id];
    if (activity) return activityName(activity, t);
    return (workers[id] ?? queues[id])?.name ?? people.find((each) => each.id === id)?.name;
  };
}

/** What was done, in words; a name that has none yet is shown as it is. */
function told(action: string): string {
  const [kind = "", act = ""] = action.split(".");
  const [of, did] = [`audited.of.${kind}`, `audited.act.${act}`];
  if (!i18next.exists(of) || !i18next.exists(did)) return action;
  return `${i18next.t(of as "audited.of.user")} · ${i18next.t(did as "audited.act.made")}`;
}

function Changes({ diff, names }: { diff: Row["diff"]; names: Names }) {
  const fields = Object.entries(diff);
  if (fields.length === 0) return null;
  return (
    <dl>
      {fields.map(([field, [before, after]]) => (
        <div key={field}>
          <dt>{field}</dt>
          <dd>{shown(before, names)} → {shown(after, names)}</dd>
        </div>
      ))}
    </dl>
  );
}

export default function AuditPage() {
  const { t, locale } = useTexts();
  const [people, setPeople] = useState<Person[]>([]);
  const [actor, setActor] = useState("");
  const [action, setAction] = useState("");
  const [since, setSince] = useState("");
  const [until, setUntil] = useState("");
  const [rows, setRows] = useState<Row[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const names = useNames(people);
  const query = new URLSearchParams();
  if (actor) query.set("actor", actor);
  if (action) query.set("action", action);
  if (since) query.set("since", new Date(`${since}T00:00:00`).toISOString());
  if (until) query.set("until", new Date(new Date(`${until}T00:00:00`).getTime() + 86_400_000).toISOString());
  const filter = query.toString();
  useEffect(() => {
    void attempt(everybody()).then((found) => found && setPeople(found));
  }, []);
  useEffect(() => {
    let current = true;
    void attempt(get<Page<Row>>(`/audit?${filter}`)).then((page) => {
      if (!page || !current) return;
      setRows(page.items);
      setNext(page.next);
    });
    return () => {
      current = false;
    };
  }, [filter]);
  const more = async () => {
    const page = await attempt(get<Page<Row>>(`/audit?${filter}&before=${next}`));
    if (!page) return;
    setRows([...(rows ?? []), ...page.items]);
    setNext(page.next);
  };
  const time = (at: string) => new Date(at).toLocaleString(locale, { dateStyle: "medium", timeStyle: "medium" });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <div className={`${styles.page} ${styles.wide}`} tabIndex={0} role="region" aria-label={t("staff.audit")}>
      <header>
        <h2>{t("staff.audit")}</h2>
        <Button component="a" variant="default" leftSection={<Download size={16} />} href={`/api/v1/audit.csv?${filter}`} download="audit.csv">
          {t("staff.export")}
        </Button>
      </header>
      <p className={styles.quiet}>{t("staff.auditIntro")}</p>
      <div className={styles.filters}>
        <NativeSelect label={t("staff.who")} value={actor} onChange={(event) => setActor(event.currentTarget.value)} data={[{ value: "", label: t("staff.everybody") }, ...people.map((each) => ({ value: each.id, label: each.name }))]} />
        <NativeSelect label={t("staff.what")} value={action} onChange={(event) => setAction(event.currentTarget.value)} data={[{ value: "", label: t("staff.everything") }, ...KINDS.map((each) => ({ value: each, label: t(`staff.kind.${each}`) }))]} />
        <TextInput type="date" label={t("staff.from")} value={since} onChange={(event) => setSince(event.currentTarget.value)} />
        <TextInput type="date" label={t("staff.to")} value={until} onChange={(event) => setUntil(event.currentTarget.value)} />
      </div>
      {rows?.length === 0 && <p className={styles.quiet}>{t("staff.noRows")}</p>}
      {rows && rows.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways on a narrow screen
        <div className={styles.scroll} tabIndex={0} role="region" aria-label={t("staff.rows")}>
          <table className={styles.table}>
            <thead>
              <tr>
                <th>{t("staff.when")}</th>
                <th>{t("staff.who")}</th>
                <th>{t("staff.what")}</th>
                <th>{t("staff.changes")}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.id}>
                  <td className="num">{time(row.at)}</td>
                  <td>{row.actor_name ?? row.actor}</td>
                  <td>{told(row.action)}<br /><small className={styles.quiet}>{row.object_name ?? names(row.object_id) ?? row.object_id}</small></td>
                  <td><Changes diff={row.diff} names={names} /></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {next && <Button variant="default" mt={12} onClick={() => void more()}>{t("staff.older")}</Button>}
    </div>
  );
}
