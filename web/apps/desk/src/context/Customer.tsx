/** The customer: on the site now (what he thinks about), the last steps, facts. */
import type { ConversationFull, Touch } from "@parlons/client/types.ts";
import { duration, time, when } from "@parlons/ui/format.ts";
import { Lamp, Portrait } from "@parlons/ui/Portrait.tsx";
import { useState } from "react";
import { Appointments } from "../appointments/Appointments.tsx";
import { secondsSince, useNow } from "../data/clock.ts";
import { useTexts } from "../i18n/index.ts";
import { customerName } from "../inbox/Row.tsx";
import { CallNumber, mentioned } from "../phone/CallButton.tsx";
import { shown } from "../phone/number.ts";
import { Suggested } from "../knowledge/Suggested.tsx";
import { languageName } from "../shell/words.ts";
import { readable } from "./addresses.ts";
import { useJourney } from "./journey.ts";
import { Merging } from "./Merging.tsx";
import { Forward } from "./Forward.tsx";
import { NewMessage } from "./NewMessage.tsx";
import styles from "./parts.module.css";
import { productLine } from "./product.ts";
import { touchLine } from "./touches.ts";
import { Wishes } from "./Wishes.tsx";
import { Panels } from "../systems/Panels.tsx";
import { Records } from "../systems/Records.tsx";

const SHOWN = 5;

function Live({ page }: { page: NonNullable<ConversationFull["customer"]["lives_on"]> }) {
  const { t, locale } = useTexts();
  const now = useNow();
  const { product } = page;
  const line = product ? productLine(product, locale) : "";
  return (
    <>
      <h3 className={styles.live}>
        <Lamp /> {t("customer.live")} <span className="num">{duration(secondsSince(page.since_at, now))}</span>
      </h3>
      <div className={styles.page}>
        <b>{product?.name || page.title || page.url}</b>
        {line && <span className="num">{line}</span>}
        {page.url && <span className={styles.url}>{page.url.replace(/^https?:\/\//, "")}</span>}
      </div>
    </>
  );
}

function Steps({ touches, live }: { touches: Touch[]; live: boolean }) {
  const { t, locale } = useTexts();
  const [all, setAll] = useState(false);
  const shown = all ? touches : touches.slice(0, SHOWN);
  const now = live ? touches.find((touch) => touch.kind === "page")?.id : undefined;
  return (
    <>
      <ol className={styles.steps}>
        {shown.map((touch) => {
          const line = touchLine(touch, t);
          return (
            <li key={touch.id} data-now={touch.id === now || undefined}>
              <span className="num" title={when(touch.at, locale)}>
                {time(touch.at, locale)}
              </span>
              <div>
                {line.title}
                {line.more && <small>{line.more}</small>}
              </div>
            </li>
          );
        })}
      </ol>
      {touches.length > SHOWN && (
        <button type="button" className={styles.more} aria-expanded={all} onClick={() => setAll(!all)}>
          {t(all ? "customer.fewer" : "customer.allSteps", {
            count: touches.length,
          })}
        </button>
      )}
    </>
  );
}

function Facts({ full }: { full: ConversationFull }) {
  const { t, locale } = useTexts();
  const details = full.customer_details;
  const rows: [string, string][] = [];
  for (const address of details?.addresses ?? []) {
    if (!readable(address)) continue;
    const label =
      address.kind === "email"
        ? t("customer.email")
        : address.kind === "phone"
          ? t("customer.phone")
          : t("customer.external");
    rows.push([label, address.value]);
  }
  for (const number of mentioned(full)) rows.push([t("customer.mentioned"), number]);
  if (!details) rows.push([t("customer.language"), languageName(full.language, locale)]);
  for (const [name, value] of Object.entries(details?.attributes ?? {}))
    if (name !== "preferred_channel" && ["string", "number", "boolean"].includes(typeof value)) rows.push([name, String(value)]);
  if (full.tags.length) rows.push([t("customer.tags"), full.tags.join(", ")]);
  return (
    <dl className={styles.facts}>
      {rows.map(([label, value]) => (
        <div key={label + value}>
          <dt>{label}</dt>
          <dd>
            {shown(value)}
            {[t("customer.phone"), t("customer.mentioned")].includes(label) && <CallNumber number={value} conversationId={full.id} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}

export function Customer({ full }: { full: ConversationFull }) {
  const { t } = useTexts();
  const journey = useJourney(full.customer.id, full.customer.lives_on?.since_at);
  const live = full.customer.lives_on;
  const name = customerName(full, t("offer.visitor"));
  const told = full.customer_details?.addresses.some((each) => each.value === full.customer.address);
  const beside = full.customer.address !== name && !told ? full.customer.address : null;
  const touches = (journey?.items ?? []).filter((each) => each.kind !== "task");
  return (
    <>
      <Suggested full={full} />
      <section className={styles.section} aria-label={t("customer.journey")}>
        {live ? <Live page={live} /> : <h3 className={styles.sub}>{t("customer.journey")}</h3>}
        {touches.length > 0 ? (
          <Steps touches={touches} live={live !== null} />
        ) : (
          <p className={styles.none}>{t("customer.noSteps")}</p>
        )}
      </section>
      <section className={styles.section} aria-label={t("customer.facts")}>
        <div className={styles.person}>
          <Portrait name={name} kind="customer" />
          <div>
            <strong>{name}</strong>
            {beside && <span>{beside}</span>}
          </div>
        </div>
        <Facts full={full} />
        <Wishes full={full} />
      </section>
      <Records key={`records ${full.customer.id}`} full={full} />
      <Panels key={`panels ${full.id}`} full={full} />
      <Appointments key={`appointments ${full.id}`} full={full} />
      <NewMessage key={`new ${full.customer.id}`} full={full} name={name} />
      <Forward key={`forward ${full.id}`} full={full} />
      <Merging
        key={full.customer.id}
        customerId={full.customer.id}
        firmId={full.firm_id}
        conversationId={full.id}
        name={name}
      />
    </>
  );
}
