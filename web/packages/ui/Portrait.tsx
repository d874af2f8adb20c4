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
    <span className={styles.portrait} data-kind={kind} aria-hidden="true">
      {kind === "bot" ? <Bot size={16} /> : initials(name)}
      {lamp && <span className={styles.lamp} data-corner />}
    </span>
  );
}

/** Somebody is there right now. */
export function Lamp() {
  return <span className={styles.lamp} aria-hidden="true" />;
}

export function Kbd({ children, plain = false }: { children: string; plain?: boolean }) {
  return (
    <kbd className={styles.kbd} data-plain={plain || undefined}>
      {children}
    </kbd>
  );
}
