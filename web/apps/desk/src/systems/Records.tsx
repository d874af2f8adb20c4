/** The customer in the firm's own systems: the record, its states (asked, absent, several, old, away), what waits, what differs. */
import { Button } from "@mantine/core";
import type { ConversationFull } from "@parlons/client/types.ts";
import { when } from "@parlons/ui/format.ts";
import { ExternalLink } from "lucide-react";
import { useState } from "react";
import parts from "../context/parts.module.css";
import { attempt } from "../data/actions.ts";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { RecordForm } from "./RecordForm.tsx";
import { choose, type Found, type InSystem, labelOf, shownValue, useRecords } from "./records.ts";
import styles from "./systems.module.css";
import { Unsettled } from "./Unsettled.tsx";

export function Records({ full }: { full: ConversationFull }) {
  const { t } = useTexts();
  const customerId = full.customer.id;
  const { items, failed, asking, reload } = useRecords(customerId);
  if (!items.length && !failed && !asking) return null;
  return (
    <section className={parts.section} aria-label={t("systems.title")}>
      {asking && <p className={parts.none}>{t("systems.asking")}</p>}
      {failed !== null && (
        <p className={styles.bad} role="status">
          {t("systems.failed", { cause: failed })}{" "}
          <Button size="compact-xs" variant="default" onClick={() => void reload(true)}>
            {t("systems.again")}
          </Button>
        </p>
      )}
      {items.map((one) => (
        <System key={one.lookup_id} customerId={customerId} one={one} reload={reload} />
      ))}
    </section>
  );
}

interface Props {
  customerId: string;
  one: InSystem;
  reload: (fresh?: boolean) => Promise<void>;
}

function System({ customerId, one, reload }: Props) {
  const { t } = useTexts();
  const [open, setOpen] = useState(false);
  const { name, record } = one;
  const may = one.fields.some((field) => field.edit);
  const picked = async (found: Found | null) => {
    if (!(await attempt(choose(customerId, one.lookup_id, found?.id ?? null).then(() => true)))) return;
    announce(t(found ? "systems.chosen" : "systems.unlinked"));
    await reload(true);
  };
  const shut = () => setOpen(false);
  return (
    <div className={styles.system} role="group" aria-label={t("systems.in", { name })} data-state={one.state}>
      <h3 className={parts.sub}>{t("systems.in", { name })}</h3>
      <State one={one} reload={reload} />
      {open ? (
        <RecordForm customerId={customerId} one={one} shut={shut} reload={reload} />
      ) : (
        <>
          {record && <Facts one={one} found={record} />}
          {one.state === "several" && <Several one={one} pick={(found) => void picked(found)} />}
          <div className={styles.acts}>
            {may && (record || one.state === "absent" || one.state === "several") && (
              <Button size="compact-sm" variant="default" onClick={() => setOpen(true)}>
                {t(record ? "systems.edit" : "systems.create")}
              </Button>
            )}
            {record && (
              <Button size="compact-sm" variant="subtle" onClick={() => void picked(null)}>
                {t("systems.unlink")}
              </Button>
            )}
            {record?.url && <Out url={record.url} text={t("systems.open", { name })} />}
            {one.pop_url && <Out url={one.pop_url} text={t("systems.pop", { name })} />}
          </div>
        </>
      )}
      <Unsettled customerId={customerId} one={one} reload={reload} />
    </div>
  );
}

/** What a person should know before he believes what stands below. */
function State({ one, reload }: { one: InSystem; reload: Props["reload"] }) {
  const { t, locale } = useTexts();
  const { name } = one;
  const away = one.state === "stale" || one.state === "away";
  return (
    <div aria-live="polite">
      {away && (
        <p className={styles.bad}>
          {one.away_since_at ? t("systems.away", { name, at: when(one.away_since_at, locale) }) : t("systems.awayNow", { name })}{" "}
          {one.record?.read_at && t("systems.old", { at: when(one.record.read_at, locale) })}{" "}
          <Button size="compact-xs" variant="default" onClick={() => void reload(true)}>
            {t("systems.again")}
          </Button>
        </p>
      )}
      {one.state === "absent" && <p className={parts.none}>{t("systems.absent")}</p>}
      {one.waiting > 0 && <p className={styles.waits}>{away ? t("systems.waits", { count: one.waiting }) : t("systems.writing")}</p>}
    </div>
  );
}

function Facts({ one, found }: { one: InSystem; found: Found }) {
  const { locale } = useTexts();
  return (
    <dl className={parts.facts}>
      {one.fields
        .filter((field) => shownValue(found.values[field.name]))
        .map((field) => (
          <div key={field.name}>
            <dt>{labelOf(field, locale)}</dt>
            <dd>{shownValue(found.values[field.name])}</dd>
          </div>
        ))}
    </dl>
  );
}

function Several({ one, pick }: { one: InSystem; pick: (found: Found) => void }) {
  const { t } = useTexts();
  const who = (found: Found) => one.fields.map((field) => shownValue(found.values[field.name])).filter(Boolean).join(", ");
  return (
    <>
      <p>{t("systems.several")}</p>
      <ul className={styles.several}>
        {one.candidates.map((found) => (
          <li key={found.id}>
            <span>{who(found) || found.id}</span>
            <Button size="compact-xs" variant="default" aria-label={t("systems.chooseOf", { who: who(found) })} onClick={() => pick(found)}>
              {t("systems.choose")}
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** A page of theirs: opened beside the desk, and only by the agent's own act. */
function Out({ url, text }: { url: string; text: string }) {
  return (
    <a className={styles.out} href={url} target="_blank" rel="noreferrer noopener">
      <ExternalLink size={14} aria-hidden="true" /> {text}
    </a>
  );
}
