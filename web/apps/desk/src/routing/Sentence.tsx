/** An expression read aloud: its comparisons as tokens, joined by and / or. What cannot be said is one token of code. */
import { ActionIcon } from "@mantine/core";
import { Plus } from "lucide-react";
import { Fragment } from "react";
import { useTexts } from "../i18n/index.ts";
import { ConditionForm } from "./ConditionForm.tsx";
import { ALWAYS, isAlways, isCompare, type Node, partsOf, read, write } from "./expression.ts";
import { compareOf } from "./condition.ts";
import type { Known } from "./known.ts";
import { type Scope, words } from "./phrases.ts";
import { useSay } from "./useSay.ts";
import styles from "./sentence.module.css";
import { Token } from "./Token.tsx";

interface PartProps {
  node: Node;
  scope: Scope;
  known: Known;
  change: (node: Node | null) => void;
  inner: boolean;
}

/** A group without empty or single places. */
function group(kind: "all" | "any", parts: (Node | null)[]): Node | null {
  const kept = parts.filter((each) => each !== null);
  if (kept.length < 2) return kept[0] ?? null;
  return kind === "all" ? { all: kept } : { any: kept };
}

const fresh = (known: Known): Node => compareOf({ ...known.first, value: known.values(known.first.name)[0] ?? known.first.value }) ?? ALWAYS;

function Part({ node, scope, known, change, inner }: PartProps) {
  const { t } = useTexts();
  const say = useSay();
  if (isCompare(node))
    return (
      <Token
        about={t("routing.condition")}
        code={!("path" in node.left) && !isAlways(node)}
        field={(close) => (
          <ConditionForm
            compare={node}
            known={known}
            change={change}
            remove={isAlways(node) ? null : () => change(null)}
            close={close}
          />
        )}
      >
        {words(node, scope, say)}
      </Token>
    );
  const kind = "all" in node ? "all" : "any";
  const parts = partsOf(node);
  const put = (at: number, part: Node | null) => change(group(kind, parts.map((each, place) => (place === at ? part : each))));
  const turned = kind === "all" ? "any" : "all";
  return (
    <>
      {inner && <span aria-hidden>(</span>}
      {parts.map((part, at) => (
        <Fragment key={at}>
          {at > 0 && (
            <button
              type="button"
              className={styles.joint}
              title={t(`routing.turn.${turned}`)}
              aria-label={`${t(`routing.joint.${kind}`)}, ${t(`routing.turn.${turned}`)}`}
              onClick={() => change(group(turned, parts))}
            >
              {t(`routing.joint.${kind}`)}
            </button>
          )}
          <Part node={part} scope={scope} known={known} change={(changed) => put(at, changed)} inner />
        </Fragment>
      ))}
      {inner && <span aria-hidden>)</span>}
    </>
  );
}

interface Props {
  /** The expression; empty stands for nobody in a queue. */
  text: string;
  scope: Scope;
  known: Known;
  change: (text: string) => void;
}

export function Sentence({ text, scope, known, change }: Props) {
  const { t } = useTexts();
  const node = read(text);
  if (!node)
    return (
      <span className={styles.unread}>
        {text.trim() === "" ? t("routing.nobody") : <code>{text}</code>}
        <span className={styles.quiet}>{t(text.trim() === "" ? "routing.nobodyHelp" : "routing.onlyText")}</span>
      </span>
    );
  const put = (changed: Node | null) => change(write(changed ?? ALWAYS));
  const add = () => {
    const more = fresh(known);
    put(isAlways(node) ? more : "all" in node ? { all: [...node.all, more] } : { all: [node, more] });
  };
  return (
    <span className={styles.sentence}>
      <Part node={node} scope={scope} known={known} change={put} inner={false} />
      <ActionIcon size={24} variant="subtle" aria-label={t("routing.addCondition")} title={t("routing.addCondition")} onClick={add}>
        <Plus size={14} />
      </ActionIcon>
    </span>
  );
}
