/** Offers, Mine (due first), then what the team has: waiting in my queues, not served. No box, on the page's ground. */
import { UnstyledButton } from "@mantine/core";
import type { ConversationSummary } from "@parlons/client/types.ts";
import { useLive, useSnapshot } from "@parlons/sync/store.ts";
import { ChevronDown, ChevronRight } from "lucide-react";
import { type ReactNode, useMemo, useRef, useState } from "react";
import { go } from "../data/route.ts";
import * as select from "../data/select.ts";
import { offers } from "../data/select.ts";
import { useSession } from "../data/session.ts";
import { useUi } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { useCommand } from "../keys/useKeys.ts";
import { NothingYet } from "../welcome/FirstDay.tsx";
import styles from "./inbox.module.css";
import { MissedCard, OfferCard } from "./Offer.tsx";
import { Row } from "./Row.tsx";
import { useStill } from "./still.ts";
import { useNamed, useTeamViews } from "./views.ts";

interface SectionProps {
  title: string;
  count: number;
  side?: string;
  foldable?: boolean;
  children: ReactNode;
}

function Section({ title, count, side, foldable, children }: SectionProps) {
  const { t } = useTexts();
  const [open, setOpen] = useState(true);
  return (
    <section aria-label={title}>
      <div className={styles.heading}>
        <h2>
          {title} <span className={`${styles.count} num`}>{count}</span>
        </h2>
        {side && <span>{side}</span>}
        {foldable && (
          <UnstyledButton
            onClick={() => setOpen(!open)}
            aria-expanded={open}
            aria-label={t(open ? "list.fold" : "list.unfold", { title })}
          >
            {open ? <ChevronDown size={16} /> : <ChevronRight size={16} />}
          </UnstyledButton>
        )}
      </div>
      {open && children}
    </section>
  );
}

function Ghosts() {
  return [1, 2, 3].map((each) => (
    <div key={each} className={styles.ghost} aria-hidden="true" style={{ opacity: 1 - each * 0.25 }}>
      <i />
      <i />
      <i />
    </div>
  ));
}

/** j and k walk through every row on the list, in its order. */
function useWalk(current: string | null): void {
  const step = (by: 1 | -1) => {
    const ids = [...document.querySelectorAll<HTMLElement>("[data-row]")].map((row) => row.dataset.row!);
    const at = current ? ids.indexOf(current) : by > 0 ? -1 : ids.length;
    const next = ids[Math.min(ids.length - 1, Math.max(0, at + by))];
    if (!next) return;
    go({ page: "desk", conversation: next });
    document.querySelector<HTMLElement>(`[data-row="${next}"]`)?.focus();
  };
  useCommand("next", () => step(1));
  useCommand("previous", () => step(-1));
}

export function List({ current }: { current: string | null }) {
  const { t } = useTexts();
  const snapshot = useSnapshot((each) => each);
  const connecting = useLive((live) => live.status === "connecting");
  const me = useSession((session) => session.me);
  const leaving = useUi((ui) => ui.leaving);
  const missed = useUi((ui) => ui.missed);
  const workerId = me?.worker_id ?? null;
  const agent = me?.user.role === "agent";
  const list = useRef<HTMLDivElement>(null);
  const knocking = useMemo(() => offers(snapshot, workerId).slice(0, 2), [snapshot, workerId]);
  const sorted = useMemo(
    () => select.mine(snapshot, workerId, agent).filter((each) => !leaving[each.id]),
    [snapshot, workerId, agent, leaving],
  );
  const own = useStill(sorted, list);
  const team = useTeamViews(snapshot, agent);
  const unoffered = team.waiting.filter((each) => !knocking.some((offer) => offer.task?.conversation_id === each.id));
  const named = useNamed(snapshot).filter((each) => !own.some((one) => one.id === each.id));
  useWalk(current);
  const rows = (items: ConversationSummary[]) =>
    items.map((each) => <Row key={each.id} conversation={each} current={each.id === current} />);
  return (
    <nav className={styles.list} aria-label={t("list.name")} data-ground="bg" data-list tabIndex={-1} ref={list}>
      {knocking.map((offer, turn) => (
        <OfferCard key={offer.reservation.id} offer={offer} first={turn === 0} />
      ))}
      {Object.entries(missed).map(([id, each]) => (
        <MissedCard key={id} name={each.name} />
      ))}
      {workerId && (
        <Section title={t("list.mine")} count={own.length} side={own.length > 1 ? t("list.dueFirst") : undefined}>
          {own.length === 0 && !connecting && (
            <>
              {knocking.length === 0 && <Ghosts />}
              <p className={styles.none}>{t("list.mineEmpty")}</p>
            </>
          )}
          {rows(own)}
        </Section>
      )}
      {!workerId && !connecting && team.waiting.length + team.others.length + team.notServed.length === 0 && (
        <NothingYet />
      )}
      {named.length > 0 && (
        <Section title={t("comfort.mention.title")} count={named.length} foldable>
          {rows(named)}
        </Section>
      )}
      {unoffered.length > 0 && (
        <Section title={t("list.waiting")} count={unoffered.length} foldable>
          {rows(unoffered)}
        </Section>
      )}
      {team.others.length > 0 && (
        <Section title={t("list.others")} count={team.others.length} foldable>
          {rows(team.others)}
        </Section>
      )}
      {team.notServed.length > 0 && (
        <Section title={t("list.notServed")} count={team.notServed.length} foldable>
          {rows(team.notServed)}
        </Section>
      )}
    </nav>
  );
}
