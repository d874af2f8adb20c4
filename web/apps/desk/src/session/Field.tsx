/** The jack field beside the sign-in: the one place where the exchange is shown large. */
import { SegmentedControl } from "@mantine/core";
import { Mark } from "@parlons/ui/Mark.tsx";
import type { ReactNode } from "react";
import { prefer, usePreference } from "../data/session.ts";
import { useTexts, wanted } from "../i18n/index.ts";
import styles from "./session.module.css";

const COLUMNS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const ROWS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const STEP_X = 62;
const STEP_Y = 74;
const x = (column: number) => 46 + column * STEP_X;
const y = (row: number) => 60 + row * STEP_Y;
const LIT: [number, number][] = [
  [6, 1],
  [2, 3],
  [8, 4],
  [4, 6],
  [1, 8],
  [7, 8],
];

/** A cord hangs from its two plugs. */
function cord(from: [number, number], to: [number, number], depth: number): string {
  const [ax, ay, bx, by] = [x(from[0]), y(from[1]), x(to[0]), y(to[1])];
  const low = Math.max(ay, by) + depth;
  const middle = (ax + bx) / 2;
  const [left, right] = [ay + (low - ay) * 0.55, by + (low - by) * 0.55];
  const half = (middle - ax) * 0.55;
  return `M${ax} ${ay}C${ax} ${left} ${middle - half} ${low} ${middle} ${low}S${bx} ${right} ${bx} ${by}`;
}

function Exchange() {
  const lit = new Set(LIT.map(String));
  return (
    <svg viewBox="0 0 650 900" preserveAspectRatio="xMinYMin slice" aria-hidden="true" className={styles.exchange}>
      {ROWS.flatMap((row) =>
        COLUMNS.map((column) =>
          lit.has(String([column, row])) ? null : (
            <g key={`${column}-${row}`} opacity="0.75">
              <circle cx={x(column)} cy={y(row)} r="9" fill="none" stroke="#05566b" strokeWidth="1.5" />
              <circle cx={x(column)} cy={y(row)} r="3" fill="#01202a" />
            </g>
          ),
        ),
      )}
      {LIT.map(([column, row]) => (
        <g key={`${column}-${row}`}>
          <circle cx={x(column)} cy={y(row)} r="18" fill="#0b4a5b" />
          <circle cx={x(column)} cy={y(row)} r="9" fill="none" stroke="#cff2ff" strokeWidth="2.5" />
          <circle cx={x(column)} cy={y(row)} r="3.5" fill="#cff2ff" />
        </g>
      ))}
      <g fill="none" stroke="#62d1f5" strokeWidth="3" strokeLinecap="round">
        <path d={cord([2, 3], [6, 1], 174)} />
        <path d={cord([4, 6], [8, 4], 166)} />
        <path d={cord([1, 8], [7, 8], 92)} />
      </g>
    </svg>
  );
}

/** The frame of sign-in pages: picture, language first, then the form. */
export function Field({ children }: { children: ReactNode }) {
  const { t } = useTexts();
  const locale = wanted(usePreference("locale"));
  return (
    <div className={styles.split}>
      <div className={styles.picture}>
        <Exchange />
      </div>
      <main className={styles.side}>
        <div className={styles.languages}>
          <SegmentedControl
            size="xs"
            aria-label={t("session.language")}
            value={locale}
            onChange={(value) => prefer({ locale: value as "en" | "fr" })}
            data={[
              { value: "fr", label: <span lang="fr">Français</span> },
              { value: "en", label: <span lang="en">English</span> },
            ]}
          />
        </div>
        <div className={styles.form}>
          <div className={styles.brand}>
            <Mark size={36} />
            <span>Parlons</span>
          </div>
          {children}
        </div>
      </main>
    </div>
  );
}
