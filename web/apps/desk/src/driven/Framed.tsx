/** The desk within another page: shown to pages that an administrator named, and driven by them. */
import type { components } from "@parlons/client/api.d.ts";
import { get } from "@parlons/client/http.ts";
import { Mark } from "@parlons/ui/Mark.tsx";
import { type ReactNode, useEffect, useState } from "react";
import { useTexts } from "../i18n/index.ts";
import styles from "../session/session.module.css";
import { drive } from "./driver.ts";
import { around } from "./frame.ts";

const originOf = (said: string): string => new URL(said).origin;

export default function Framed({ children }: { children: ReactNode }) {
  const { t } = useTexts();
  const [allowed, setAllowed] = useState<boolean | null>(null);
  useEffect(() => {
    let stop: (() => void) | undefined;
    let left = false;
    const origin = around();
    void get<components["schemas"]["Frames"]>("/me/frames")
      .then(({ origins }) => origins.map(originOf))
      .catch((): string[] => [])
      .then((origins) => {
        if (left) return;
        const named = origin !== null && origins.includes(origin);
        if (named) stop = drive(origin);
        setAllowed(named);
      });
    return () => {
      left = true;
      stop?.();
    };
  }, []);
  if (allowed) return children;
  if (allowed === null) return null;
  return (
    <main className={styles.alone}>
      <Mark size={32} />
      <h1>{t("session.foreign")}</h1>
      <p>{t("session.foreignWhy")}</p>
    </main>
  );
}
