/** Give a version to a part of the customers: how many of a hundred, then begin. */
import { Button, NumberInput, Slider } from "@mantine/core";
import "@mantine/core/styles/NumberInput.css";
import "@mantine/core/styles/Slider.css";
import { percent as share } from "@parlons/ui/format.ts";
import { useState } from "react";
import { attempt } from "../data/actions.ts";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./flows.module.css";
import { type FlowState, startTrial } from "./trials.ts";

interface Props {
  flow: FlowState;
  version: number;
  changed: () => Promise<void>;
}

const within = (value: number): number => Math.min(99, Math.max(1, Math.round(value)));

export function TrialStart({ flow, version, changed }: Props) {
  const { t, locale } = useTexts();
  const [percent, setPercent] = useState(10);
  const [busy, setBusy] = useState(false);
  const start = async () => {
    setBusy(true);
    const begun = await attempt(startTrial(flow, version, percent));
    await changed();
    setBusy(false);
    if (begun) announce(t("tried.begun", { number: version, percent }));
  };
  return (
    <form
      className={styles.start}
      aria-label={t("tried.tryOf", { number: version })}
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <NumberInput
        label={t("tried.percent")}
        description={t("tried.percentHelp", { number: version, live: flow.version })}
        min={1}
        max={99}
        clampBehavior="blur"
        suffix={locale === "fr" ? "\u00a0%" : "%"}
        value={percent}
        onChange={(value) => setPercent(within(Number(value) || 1))}
      />
      <Slider min={1} max={99} value={percent} onChange={setPercent} thumbLabel={t("tried.percent")} label={(value) => share(value / 100, locale)} />
      <Button type="submit" loading={busy}>
        {t("tried.begin", { share: share(percent / 100, locale) })}
      </Button>
    </form>
  );
}
