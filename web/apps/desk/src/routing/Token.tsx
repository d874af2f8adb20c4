/** A choice inside a sentence: a button that says what is chosen; pressing it opens the field that changes it. Tab walks them. */
import { Popover } from "@mantine/core";
import { type ReactNode, useState } from "react";
import styles from "./sentence.module.css";

interface Props {
  /** What is chosen, in words. */
  children: ReactNode;
  /** What the choice is about, for those who do not see its place in the sentence. */
  about: string;
  tone?: "queue" | "plain" | "joint";
  /** The text is not a sentence: shown as code. */
  code?: boolean;
  field: (close: () => void) => ReactNode;
}

export function Token({ children, about, tone = "plain", code, field }: Props) {
  const [opened, setOpened] = useState(false);
  const close = () => setOpened(false);
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus returnFocus width={300} position="bottom-start" withinPortal>
      <Popover.Target>
        <button
          type="button"
          className={styles.token}
          data-tone={tone}
          data-code={code ? "" : undefined}
          aria-expanded={opened}
          onClick={() => setOpened((before) => !before)}
        >
          <span className="hidden">{about} </span>
          {children}
        </button>
      </Popover.Target>
      <Popover.Dropdown className={styles.field} aria-label={about}>
        {opened && field(close)}
      </Popover.Dropdown>
    </Popover>
  );
}
