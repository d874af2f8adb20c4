/** A text with line numbers: the other form of a sentence. */
import { useId } from "react";
import styles from "./sentence.module.css";

interface Props {
  label: string;
  value: string;
  change: (text: string) => void;
  problem?: string | null;
  least?: number;
  onBlur?: () => void;
}

export function CodeField({ label, value, change, problem, least = 2, onBlur }: Props) {
  const id = useId();
  const lines = Math.max(least, value.split("\n").length);
  return (
    <div className={styles.code}>
      <ol aria-hidden>
        {Array.from({ length: lines }, (_, at) => (
          <li key={at}>{at + 1}</li>
        ))}
      </ol>
      <textarea
        aria-label={label}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem ? id : undefined}
        spellCheck={false}
        autoCapitalize="off"
        rows={lines}
        value={value}
        onChange={({ currentTarget }) => change(currentTarget.value)}
        onBlur={onBlur}
        wrap="off"
      />
      {problem && (
        <p id={id} role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
