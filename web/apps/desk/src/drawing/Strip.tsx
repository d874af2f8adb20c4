/** A whole and its parts: a strip for the eye, and beneath it each part by name and number. */
import { number } from "@parlons/ui/format.ts";
import type { CSSProperties } from "react";
import { useTexts } from "../i18n/index.ts";
import styles from "./drawing.module.css";

export type Fill = "accent" | "soft" | "ok" | "warn" | "bad" | "off" | "wait";

export interface Part {
  key: string;
  name: string;
  value: number;
  fill: Fill;
}

/** Only the drawing: what it says stands beside it in words. */
export function Line({ parts, thin = false }: { parts: Part[]; thin?: boolean }) {
  return (
    <div className={styles.strip} data-thin={thin || undefined} aria-hidden="true">
      {parts.map((each) => each.value > 0 && <i key={each.key} data-fill={each.fill} style={{ "--share": each.value } as CSSProperties} />)}
    </div>
  );
}

export function Strip({ parts }: { parts: Part[] }) {
  const { locale } = useTexts();
  return (
    <div>
      <Line parts={parts} />
      <ul className={styles.legend}>
        {parts.map(
          (each) =>
            each.value > 0 && (
              <li key={each.key}>
                <span className={styles.mark} data-fill={each.fill} aria-hidden="true" /> {each.name}{" "}
                <b className="num">{number(each.value, locale)}</b>
              </li>
            ),
        )}
      </ul>
    </div>
  );
}
