/** How the call sounds here: four bars and a word; the numbers in the tooltip. */
import { Tooltip } from "@mantine/core";
import { number, percent } from "@parlons/ui/format.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./callbar.module.css";
import { grade } from "./quality.ts";
import { usePhone } from "./state.ts";

const BARS = { good: 4, fair: 2, poor: 1 };

export function QualityBadge() {
  const { t, locale } = useTexts();
  const quality = usePhone((phone) => phone.quality);
  const found = grade(quality);
  if (!quality || !found) return null;
  const word = t(`call.${found}`);
  const detail = t("call.qualityDetail", {
    loss: percent(quality.lost_percent / 100, locale, 1),
    jitter: number(Math.round(quality.jitter_ms), locale),
    rtt: number(Math.round(quality.rtt_ms), locale),
  });
  return (
    <Tooltip label={detail}>
      <span className={styles.quality} data-grade={found} role="img" aria-label={t("call.quality", { grade: word })}>
        <svg viewBox="0 0 16 14" width="16" height="14" aria-hidden="true">
          {[0, 1, 2, 3].map((bar) => (
            <rect
              key={bar}
              x={bar * 4}
              y={9 - bar * 3}
              width="3"
              height={5 + bar * 3}
              rx="1"
              data-lit={bar < BARS[found] || undefined}
            />
          ))}
        </svg>
        <span aria-hidden="true">{word}</span>
      </span>
    </Tooltip>
  );
}
