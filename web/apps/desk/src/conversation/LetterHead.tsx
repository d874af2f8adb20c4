/** To whom a letter goes and about what; copies when asked for. */
import { TextInput, UnstyledButton } from "@mantine/core";
import type { Way } from "@parlons/client/channels.ts";
import { useState } from "react";
import { useTexts } from "../i18n/index.ts";
import styles from "./composer.module.css";
import { addresses } from "./ways.ts";

export interface Heading {
  subject: string;
  cc: string;
  bcc: string;
}

export const NO_HEADING: Heading = { subject: "", cc: "", bcc: "" };

interface Props {
  way: Way;
  name: string;
  value: Heading;
  onChange: (value: Heading) => void;
}

interface Line {
  label: string;
  value: string;
  onChange: (value: string) => void;
  autoFocus?: boolean;
}

function Copies({ label, value, onChange, autoFocus }: Line) {
  const { t } = useTexts();
  const { wrong } = addresses(value);
  const [left, setLeft] = useState(false);
  return (
    <TextInput
      className={styles.copies}
      variant="unstyled"
      label={label}
      value={value}
      autoFocus={autoFocus}
      onChange={(event) => {
        setLeft(false);
        onChange(event.currentTarget.value);
      }}
      onBlur={() => setLeft(true)}
      error={left && wrong.length > 0 ? t("channels.noAddress", { text: wrong.join(", ") }) : undefined}
    />
  );
}

export function LetterHead({ way, name, value, onChange }: Props) {
  const { t } = useTexts();
  const [asked, setAsked] = useState(false);
  const [given] = useState(value.cc !== "" || value.bcc !== "");
  const copies = asked || given;
  return (
    <div className={styles.letter}>
      <div className={styles.letterLine}>
        <span className={styles.label}>{t("channels.to")}</span>
        <span className={styles.chip} title={way.to}>
          {name}
        </span>
        {way.capabilities.subject && (
          <TextInput
            className={styles.subject}
            variant="unstyled"
            label={t("channels.subject")}
            value={value.subject}
            maxLength={200}
            onChange={(event) => onChange({ ...value, subject: event.currentTarget.value })}
          />
        )}
        {way.capabilities.copies && !copies && (
          <UnstyledButton className={styles.cc} onClick={() => setAsked(true)}>
            {t("channels.cc")} {t("channels.bcc")}
          </UnstyledButton>
        )}
      </div>
      {copies && way.capabilities.copies && (
        <>
          <Copies
            label={t("channels.cc")}
            value={value.cc}
            onChange={(cc) => onChange({ ...value, cc })}
            autoFocus={asked}
          />
          <Copies label={t("channels.bcc")} value={value.bcc} onChange={(bcc) => onChange({ ...value, bcc })} />
        </>
      )}
    </div>
  );
}
