/** A step in the picture: what it is, its first words, and a jack for each way out. */
import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";
import { useTexts } from "../../i18n/index.ts";
import styles from "./canvas.module.css";
import { KindIcon } from "./kindIcons.tsx";

export interface ShownPort {
  id: string;
  word: string;
  to: string | null;
  loose: boolean;
  lit: boolean;
}

export interface StepData extends Record<string, unknown> {
  name: string;
  kind: string;
  kindWord: string;
  words: string;
  ports: ShownPort[];
  begins: boolean;
  chosen: boolean;
  /** A tab stop: one step of the picture is. */
  stop: boolean;
  lit: boolean;
  here: number;
  wrong: "grave" | "minor" | null;
}

export type StepNodeType = Node<StepData, "step">;

export const StepNode = memo(function StepNode({ data }: NodeProps<StepNodeType>) {
  const { t } = useTexts();
  const ways = data.ports.map((port) => (port.to === null ? t("drawn.leadsNowhere", { way: port.word }) : t("drawn.leadsTo", { way: port.word, to: port.to })));
  const told = [data.begins ? t("drawn.startsHere") : "", ways.join(", ") || t("drawn.noWays")].filter(Boolean).join(" ");
  return (
    <div
      className={styles.node}
      role="button"
      tabIndex={data.stop ? 0 : -1}
      data-step={data.name}
      data-chosen={data.chosen || undefined}
      data-lit={data.lit || undefined}
      data-wrong={data.wrong ?? undefined}
      aria-pressed={data.chosen}
      aria-label={t("drawn.stepOf", { kind: data.kindWord, name: data.name, ways: told })}
    >
      <Handle type="target" position={Position.Left} className={styles.jack} data-begins={data.begins || undefined} style={{ top: 19 }} />
      <div className={styles.head}>
        <p className={styles.name}>
          <KindIcon kind={data.kind} />
          <strong>{data.name}</strong>
          {data.here > 0 && <span className={styles.here}>{data.here}</span>}
        </p>
        <p className={styles.words}>{data.words || data.kindWord}</p>
      </div>
      {data.ports.map((port) => (
        <div key={port.id} className={styles.port} data-lit={port.lit || undefined}>
          <span>{port.word}</span>
          <Handle type="source" id={port.id} position={Position.Right} className={styles.jack} data-loose={port.loose || undefined} data-lit={port.lit || undefined} />
        </div>
      ))}
    </div>
  );
});
