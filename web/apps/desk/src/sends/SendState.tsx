/** The state of a send: a shape and its word. */
import { type Shape, StateGlyph } from "@parlons/ui/StateGlyph.tsx";
import { useTexts } from "../i18n/index.ts";
import styles from "./sends.module.css";
import type { Send, State } from "./sends.ts";

const SHAPES: Record<State, Shape> = {
  draft: "off",
  scheduled: "wrap",
  running: "contact",
  paused: "break",
  done: "ready",
  cancelled: "lost",
};

export function SendState({ send }: { send: Pick<Send, "state"> }) {
  const { t } = useTexts();
  return (
    <span className={styles.state} data-state={send.state}>
      <StateGlyph shape={SHAPES[send.state]} size={10} /> {t(`sends.state.${send.state}`)}
    </span>
  );
}
