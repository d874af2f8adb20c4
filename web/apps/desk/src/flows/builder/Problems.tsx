/** What is wrong with the draft, each with its place and its repair. */
import { Button } from "@mantine/core";
import { TriangleAlert } from "lucide-react";
import { useTexts } from "../../i18n/index.ts";
import styles from "./builder.module.css";
import { type Offer, repaired } from "./edit.ts";
import { edgesOf } from "./ports.ts";
import type { Problem } from "./server.ts";
import { choose, edit, useBuilder } from "./store.ts";
import lists from "./told.module.css";
import { focusStep } from "./useCanvasKeys.ts";
import { flowLanguage, kindWord, portWord, problemWord } from "./words.ts";

/** Shows a step where it stands in the view that is open. */
export function show(step: string): void {
  choose(step);
  if (useBuilder.getState().view === "text") useBuilder.setState({ view: "picture" });
  requestAnimationFrame(() => {
    focusStep(step);
    document.querySelector<HTMLElement>(`[data-line="${CSS.escape(step)}"]`)?.focus();
  });
}

export function Problems() {
  const { t } = useTexts();
  const problems = useBuilder((state) => state.problems);
  const failed = useBuilder((state) => state.checkFailed);
  const grave = problems?.filter((each) => each.grave) ?? [];
  const minor = problems?.filter((each) => !each.grave) ?? [];
  return (
    <section className={styles.side} aria-label={t("drawn.problems")}>
      {failed && <p className={styles.quiet} role="alert">{t("drawn.uncheckable")}</p>}
      {!problems && !failed && <p className={styles.quiet}>{t("drawn.checking")}</p>}
      {problems?.length === 0 && <p className={styles.quiet}>{t("drawn.noProblems")}</p>}
      {grave.length > 0 && <List title={t("drawn.grave", { count: grave.length })} items={grave} />}
      {minor.length > 0 && <List title={t("drawn.minor", { count: minor.length })} items={minor} />}
    </section>
  );
}

function List({ title, items }: { title: string; items: Problem[] }) {
  return (
    <>
      <h4>{title}</h4>
      <ul className={lists.problems}>
        {items.map((each) => (
          <One key={`${each.code} ${each.path.join(".")} ${each.message}`} problem={each} />
        ))}
      </ul>
    </>
  );
}

function One({ problem }: { problem: Problem }) {
  const { t } = useTexts();
  const { step } = problem;
  const word = problemWord(problem.code);
  const repair = (offer: Offer) => {
    const { draft, catalogue } = useBuilder.getState();
    edit(repaired(draft.flow, catalogue, offer));
  };
  const offerWord = (offer: Offer) =>
    t(`drawn.repairs.${offer.offer}` as "drawn.repairs.connect", { to: offer.to ?? "", step: offer.step ?? "", kind: kindWord(offer.kind ?? ""), defaultValue: offer.offer });
  return (
    <li data-grave={problem.grave || undefined}>
      <p>
        <b>{word ?? problem.code}</b>
        {step && <code>{problem.path.slice(1).join(".")}</code>}
      </p>
      <p lang="en">
        {problem.message}. {problem.remedy}
      </p>
      <div className={styles.acts}>
        {step && (
          <Button variant="default" size="compact-sm" onClick={() => show(step)} aria-label={`${t("drawn.goTo")}: ${step}`}>
            {t("drawn.goTo")}
          </Button>
        )}
        {problem.offers.map((offer) => (
          <Button key={JSON.stringify(offer)} variant="default" size="compact-sm" onClick={() => repair(offer)}>
            {offerWord(offer)}
          </Button>
        ))}
      </div>
    </li>
  );
}

/** Below the picture: the first way that leads nowhere, and the road to its repair. */
export function LooseLine() {
  const { t } = useTexts();
  const flow = useBuilder((state) => state.draft.flow);
  const catalogue = useBuilder((state) => state.catalogue);
  const loose = edgesOf(catalogue, flow).filter((edge) => edge.loose);
  const [first] = loose;
  if (!first) return null;
  const step = (flow.get("steps") as ReadonlyMap<string, never>).get(first.from);
  return (
    <div className={lists.loose} role="status">
      <TriangleAlert size={16} aria-hidden />
      <p>
        {t("drawn.looseOf", { way: portWord(step, first, flowLanguage(flow)), step: first.from })} {loose.length > 1 && t("drawn.looseMore", { count: loose.length - 1 })}
      </p>
      <Button
        variant="default"
        size="compact-sm"
        onClick={() => {
          choose(first.from);
          useBuilder.setState({ connecting: { step: first.from, port: first.id } });
        }}
      >
        {t("drawn.connect")}
      </Button>
    </div>
  );
}
