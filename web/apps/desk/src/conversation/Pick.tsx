/** A list to type into: arrows move, Enter chooses, a press chooses; read out as a combobox with its list. */
import { TextInput } from "@mantine/core";
import { type KeyboardEvent, type ReactNode, useId, useState } from "react";
import styles from "./head.module.css";

export interface Option {
  id: string;
  group: string;
  name: string;
  side?: string;
  icon?: ReactNode;
}

interface Props {
  label: string;
  none: string;
  options: Option[];
  chosen: string | null;
  onChoose: (option: Option) => void;
  /** What the typed text itself may stand for: a number to call. */
  typed?: (text: string) => Option[];
  /** Told of each change of the text. */
  onType?: (text: string) => void;
  placeholder?: string;
}

const plain = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export function Pick({ label, none, options, chosen, onChoose, typed, onType, placeholder }: Props) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const id = useId();
  const found = [...(typed?.(text) ?? []), ...options.filter((option) => plain(option.name).includes(plain(text)))];
  const active = found[Math.min(at, found.length - 1)];
  const onKey = (event: KeyboardEvent) => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by) {
      event.preventDefault();
      const next = Math.min(found.length - 1, Math.max(0, at + by));
      setAt(next);
      document.getElementById(`${id}-${found[next]?.id}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && active) {
      event.preventDefault();
      onChoose(active);
    }
  };
  return (
    <>
      <TextInput
        label={label}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
          onType?.(event.currentTarget.value);
        }}
        placeholder={placeholder}
        onKeyDown={onKey}
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={active ? `${id}-${active.id}` : undefined}
        autoComplete="off"
        data-autofocus
      />
      <div id={`${id}-list`} role="listbox" aria-label={label} className={styles.options} tabIndex={-1}>
        {found.length === 0 && (
          <div className={styles.none} role="option" aria-selected="false" aria-disabled="true" tabIndex={-1}>
            {none}
          </div>
        )}
        {found.map((option, index) => (
          <div key={option.id} role="presentation">
            {option.group !== found[index - 1]?.group && (
              <p className={styles.kind} aria-hidden="true">
                {option.group}
              </p>
            )}
            <div
              id={`${id}-${option.id}`}
              role="option"
              tabIndex={-1}
              aria-selected={option.id === (chosen ?? active?.id)}
              aria-label={[option.group, option.name, option.side].filter(Boolean).join(", ")}
              className={styles.option}
              onMouseMove={() => setAt(index)}
              onClick={() => onChoose(option)}
            >
              {option.icon} <span>{option.name}</span> <span>{option.side}</span>
            </div>
          </div>
        ))}
      </div>
    </>
  );
}
