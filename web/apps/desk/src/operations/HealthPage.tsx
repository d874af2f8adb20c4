/** How the installation is: work held since a restore, what is wrong and how to mend it, telephone, disk, timed work, versions. */
import { Button, Checkbox } from "@mantine/core";
import "@mantine/core/styles/Checkbox.css";
import { get, post } from "@parlons/client/http.ts";
import { day, time } from "@parlons/ui/format.ts";
import i18next from "i18next";
import { Info, RefreshCw, TriangleAlert } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { toast, undoable } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { Sheet } from "../settings/Sheet.tsx";
import styles from "./health.module.css";
import type { Health, Hold, Trouble } from "./health.ts";

const AGAIN_MS = 30_000;

function Troubles({ title, list, grave }: { title: string; list: Trouble[]; grave: boolean }) {
  const { t } = useTexts();
  if (list.length === 0) return null;
  const Icon = grave ? TriangleAlert : Info;
  return (
    <section>
      <h3>{title}</h3>
      <ul className={styles.troubles}>
        {list.map((one) => {
          const code = i18next.exists(`operations.trouble.${one.code}`) ? one.code : "other";
          return (
            <li key={one.code + one.wrong} data-grave={grave || undefined}>
              <Icon size={18} aria-hidden />
              <div>
                <strong>{t(`operations.trouble.${code}.title` as "operations.trouble.other.title")}</strong>
                <p>{t(`operations.trouble.${code}.mend` as "operations.trouble.other.mend")}</p>
                <p className={styles.detail} lang="en">
                  {one.wrong} {one.mend}
                </p>
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Held({ hold, release }: { hold: Hold; release: (discard: string[]) => void }) {
  const { t, locale } = useTexts();
  const [discard, setDiscard] = useState<string[]>([]);
  const at = hold.backup.taken_at;
  const when = at ? `${day(at, locale)} ${time(at, locale)}` : "?";
  return (
    <section className={styles.held}>
      <h3>{t("operations.held")}</h3>
      <p>{t("operations.heldText", { at: when })}</p>
      {hold.kinds.length === 0 && <p>{t("operations.nothingPlanned")}</p>}
      {hold.kinds.map(({ kind, count }) => (
        <Checkbox
          key={kind}
          label={t("operations.discard", { kind, count })}
          checked={discard.includes(kind)}
          onChange={(event) =>
            setDiscard(event.currentTarget.checked ? [...discard, kind] : discard.filter((each) => each !== kind))
          }
        />
      ))}
      <Button onClick={() => release(discard)}>{t("operations.release")}</Button>
    </section>
  );
}

function Facts({ health }: { health: Health }) {
  const { t, locale } = useTexts();
  const gigabytes = (bytes: number) => (bytes / 1e9).toLocaleString(locale, { maximumFractionDigits: 1 });
  const { versions, voice, disk } = health;
  const backup = health.last_backup && `${day(health.last_backup, locale)} ${time(health.last_backup, locale)}`;
  const rows: [string, string][] = [
    [t("operations.version"), versions.parlons],
    [t("operations.postgres"), versions.postgres],
    [t("operations.revision"), versions.revision ?? ""],
    [t("operations.python"), versions.python],
    [t("operations.disk"), t("operations.diskOf", { free: gigabytes(disk.free), total: gigabytes(disk.total) })],
    [t("operations.voice"), t(`operations.engine.${voice.engine}` as "operations.engine.up")],
    ...voice.trunks.map(({ name, up }): [string, string] => [
      t("operations.trunk", { name }),
      t(up ? "operations.up" : "operations.down"),
    ]),
    [t("operations.backup"), backup || t("operations.never")],
  ];
  return (
    <section>
      <h3>{t("operations.facts")}</h3>
      <dl className={styles.facts}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Jobs({ jobs }: { jobs: Health["jobs"] }) {
  const { t } = useTexts();
  const columns = ["waiting", "due", "running", "failed"] as const;
  return (
    <section>
      <h3>{t("operations.jobs")}</h3>
      {jobs.length === 0 ? (
        <p>{t("operations.noJobs")}</p>
      ) : (
        <table className={styles.jobs}>
          <thead>
            <tr>
              <th scope="col">{t("operations.kind")}</th>
              {columns.map((each) => (
                <th key={each} scope="col">
                  {t(`operations.${each}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {jobs.map((job) => (
              <tr key={job.kind}>
                <th scope="row">{job.kind}</th>
                {columns.map((each) => (
                  <td key={each} className="num">
                    {job[each]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

export default function HealthPage() {
  const { t } = useTexts();
  const [health, setHealth] = useState<Health | null>(null);
  const [hold, setHold] = useState<Hold | null>(null);
  const look = useCallback(async () => {
    try {
      const [found, held] = await Promise.all([
        get<Health>("/operations/health"),
        get<{ hold: Hold | null }>("/operations/held"),
      ]);
      setHealth(found);
      setHold(held.hold);
    } catch {
      toast(t("operations.failedToLook"));
    }
  }, [t]);
  useEffect(() => {
    void look();
    const timer = setInterval(() => void look(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [look]);
  const release = (discard: string[]) => {
    setHold(null);
    undoable(
      t("operations.released"),
      () => void post("/operations/release", { discard }).catch(() => toast(t("operations.failedToLook"))).then(look),
      () => void look(),
    );
  };
  const again = (
    <Button variant="default" leftSection={<RefreshCw size={14} />} onClick={() => void look()}>
      {t("operations.again")}
    </Button>
  );
  return (
    <Sheet title={t("operations.title")} act={again}>
      {hold && <Held hold={hold} release={release} />}
      {health && (
        <div className={styles.page}>
          {health.wrong.length === 0 && <p role="status">{t("operations.well")}</p>}
          <Troubles title={t("operations.wrong")} list={health.wrong} grave />
          <Troubles title={t("operations.notes")} list={health.notes} grave={false} />
          <Facts health={health} />
          <Jobs jobs={health.jobs} />
        </div>
      )}
    </Sheet>
  );
}
