/** Agents are round, customers rounded squares, machines carry a glyph: one sees who is who before reading. */
import { Bot } from "lucide-react";
import { initials } from "./format.ts";
import styles from "./small.module.css";

export function Portrait({
  name,
  kind,
  lamp = false,
}: {
  name: string;
  kind: "agent" | "customer" | "bot";
  lamp?: boolean;
}) {
  return (
    <span className={styles.portrait} data-kind={kind} data-initials={initials(name)} aria-hidden="true">
      {kind === "bot" && <Bot size={16} />}
      {lamp && <span className={styles.lamp} data-corner />}
    </span>
  );
}

/** Somebody is there right now. */
export function Lamp() {
  return <span className={styles.lamp} aria-hidden="true" />;
}

/**
 * A key as printed on it. On a button it is decoration, drawn by the style sheet, so that the button's name stays its verb;
 * in running text (`text`) it is read.
 */
export function Kbd({ children, text = false }: { children: string; text?: boolean }) {
  if (text) return <kbd className={styles.kbd}>{children}</kbd>;
  return <span className={styles.kbd} data-key={children} aria-hidden="true" />;
}
