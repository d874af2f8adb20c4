/** The whole flow as a list, in the order a contact comes through it; each step opens to its form. The picture's equal. */
import { UnstyledButton } from "@mantine/core";
import { before } from "@parlons/ui/format.ts";
import { ChevronDown, ChevronRight } from "lucide-react";
import { type KeyboardEvent, memo, useMemo } from "react";
import { useTexts } from "../../i18n/index.ts";
import styles from "./builder.module.css";
import { KindIcon } from "./kindIcons.tsx";
import listed from "./outline.module.css";
import { outlined } from "./outlining.ts";
import { drawn, kindIn, knownPorts, stepsOf } from "./ports.ts";
import { HeaderForm, StepForm } from "./StepForm.tsx";
import { choose, useBuilder } from "./store.ts";
import { textOf } from "./value.ts";
import { firstWords, flowLanguage, kindWord, portWord } from "./words.ts";

export function Outline({ readOnly = false }: { readOnly?: boolean }) {
  const { t } = useTexts();
  const flow = useBuilder((state) => state.draft.flow);
  const catalogue = useBuilder((state) => state.catalogue);
  const chosen = useBuilder((state) => state.chosen[0]);
  const problems = useBuilder((state) => state.problems);
  const lines = useMemo(() => outlined(catalogue, flow), [catalogue, flow]);
  const wrong = useMemo(() => new Set(problems?.map(({ step }) => step)), [problems]);
  const walk = (event: KeyboardEvent<HTMLUListElement>) => {
    if (!(event.target instanceof HTMLElement) || !event.target.matches("[data-line]") || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    const all = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-line]")];
    all[all.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className={listed.outline} aria-label={t("drawn.view.outline")} tabIndex={0}>
      {readOnly && <p className={styles.quiet}>{t("drawn.narrow")}</p>}
      {lines.length === 0 && <p className={styles.quiet}>{t("drawn.empty")}</p>}
      <ul onKeyDown={walk}>
        {lines.map(({ name, depth }) => (
          <Line key={name} name={name} depth={depth} open={!readOnly && chosen === name} wrong={wrong.has(name)} begins={textOf(flow.get("start")) === name} readOnly={readOnly} />
        ))}
      </ul>
      {!readOnly && <HeaderForm />}
    </section>
  );
}

interface LineProps {
  name: string;
  depth: number;
  open: boolean;
  wrong: boolean;
  begins: boolean;
  readOnly: boolean;
}

const Line = memo(function Line({ name, depth, open, wrong, begins, readOnly }: LineProps) {
  const { t, locale } = useTexts();
  const step = useBuilder((state) => stepsOf(state.draft.flow).get(name));
  const catalogue = useBuilder((state) => state.catalogue);
  const language = useBuilder((state) => flowLanguage(state.draft.flow));
  const kind = kindIn(step);
  const ports = drawn(knownPorts(catalogue, step));
  const head = (
    <>
      <KindIcon kind={kind} />
      <strong>{name}</strong>
      <span>{kindWord(kind)}</span>
      {begins && <em>{t("drawn.startsHere")}</em>}
      <span className={listed.said}>{firstWords(catalogue, step, language)}</span>
    </>
  );
  return (
    <li style={{ marginLeft: depth * 18 }} data-wrong={wrong || undefined}>
      {readOnly ? (
        <p className={listed.line}>{head}</p>
      ) : (
        <UnstyledButton className={listed.line} data-line={name} aria-expanded={open} onClick={() => choose(...(open ? [] : [name]))}>
          {open ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />}
          {head}
        </UnstyledButton>
      )}
      {!open && ports.length > 0 && (
        <ul className={listed.ways}>
          {ports.map((port) => (
            <li key={port.id} data-loose={port.loose || undefined}>
              {before(portWord(step, port, language), locale)} <b>{port.to ?? t("drawn.loose")}</b>
            </li>
          ))}
        </ul>
      )}
      {open && <StepForm name={name} />}
    </li>
  );
});
