/** A text in one language with its values to put in, and under it the text as a made-up customer would read it. */
import { Button, Menu, Textarea } from "@mantine/core";
import { ApiError, post } from "@parlons/client/http.ts";
import { Braces } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { replaceToken } from "../conversation/suggesting.ts";
import type { Piece } from "../conversation/finding.ts";
import { variableName } from "../conversation/replies.ts";
import { useTexts } from "../i18n/index.ts";
import { languageName } from "../shell/words.ts";
import styles from "./replies.module.css";

const PAUSE_MS = 300;

/** Null: nothing to show, or not yet readable. */
function useSample(text: string, firm: string): Piece[] | null {
  const [pieces, setPieces] = useState<Piece[] | null>(null);
  useEffect(() => {
    if (!text.trim()) return setPieces(null);
    const leave = new AbortController();
    const ask = () =>
      post<{ pieces: Piece[] }>("/replies/sample", { text, firm_name: firm }, { signal: leave.signal })
        .then((shown) => setPieces(shown.pieces))
        .catch((error: unknown) => {
          if (error instanceof ApiError && error.status === 422) setPieces(null);
        });
    const soon = setTimeout(() => void ask(), PAUSE_MS);
    return () => {
      clearTimeout(soon);
      leave.abort();
    };
  }, [text, firm]);
  return pieces;
}

/** A language inside a sentence: French writes it small. */
export const inWords = (language: string, locale: string): string => {
  const name = languageName(language, locale);
  return locale === "fr" ? name.toLowerCase() : name;
};

interface Props {
  language: string;
  label: string;
  variables: string[];
  firm: string;
  value: string;
  error?: string;
  disabled: boolean;
  onChange: (value: string) => void;
}

export function Source({ language, label, variables, firm, value, error, disabled, onChange }: Props) {
  const { t, locale } = useTexts();
  const field = useRef<HTMLTextAreaElement>(null);
  const sample = useSample(value, firm);
  const put = (variable: string) => {
    const node = field.current;
    if (!node) return;
    const token = { from: node.selectionStart, to: node.selectionEnd, query: "" };
    // The menu gives the focus back to its button when it closes: the text is written after.
    setTimeout(() => replaceToken(node, token, `{{ ${variable} }}`), 0);
  };
  return (
    <div className={styles.source}>
      <Textarea
        ref={field}
        label={label}
        lang={language}
        disabled={disabled}
        error={error}
        rows={4}
        resize="vertical"
        maxLength={8000}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <div className={styles.row}>
        <Menu returnFocus={false} position="bottom-start">
          <Menu.Target>
            <Button
              size="compact-sm"
              variant="default"
              disabled={disabled}
              leftSection={<Braces size={14} />}
              aria-label={t("comfort.replies.variablesOf", { language: inWords(language, locale) })}
            >
              {t("comfort.replies.variables")}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {variables.map((variable) => (
              <Menu.Item key={variable} onClick={() => put(variable)}>
                {variableName(variable, t)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
      {sample && (
        <div className={styles.sample}>
          <p className={styles.quiet}>{t("comfort.replies.sample")}</p>
          <p lang={language}>
            {sample.map((piece, index) =>
              piece.filled ? <mark key={index}>{piece.missing ? `[${variableName(piece.missing, t)}]` : piece.text}</mark> : piece.text,
            )}
          </p>
        </div>
      )}
    </div>
  );
}
