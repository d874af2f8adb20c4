/** What is shown once: a one-time link or a key's secret, to be copied before it goes. */
import { Button, TextInput } from "@mantine/core";
import { Check, Copy } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./people.module.css";

export function Secret({ title, value, help, done }: { title: string; value: string; help: string; done: () => void }) {
  const { t } = useTexts();
  const [copied, setCopied] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const copy = async () => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(value);
    } catch {
      document.execCommand("copy"); // a page over plain http has no clipboard of its own
    }
    setCopied(true);
    announce(t("staff.copied"));
  };
  return (
    <section className={styles.secret} aria-label={title}>
      <TextInput ref={field} label={title} description={help} readOnly value={value} onFocus={(event) => event.currentTarget.select()} />
      <div className={styles.row}>
        <Button leftSection={copied ? <Check size={16} /> : <Copy size={16} />} onClick={() => void copy()}>
          {t(copied ? "staff.copied" : "staff.copy")}
        </Button>
        <Button variant="default" onClick={done}>
          {t("staff.seen")}
        </Button>
      </div>
    </section>
  );
}
