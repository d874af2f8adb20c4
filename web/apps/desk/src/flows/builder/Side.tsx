/** Beside the flow: the form of the step that is chosen, the simulator, what is wrong, the variables; and publishing. */
import { Tabs } from "@mantine/core";
import { useDeferredValue } from "react";
import { useTexts } from "../../i18n/index.ts";
import styles from "./builder.module.css";
import { Problems } from "./Problems.tsx";
import { Publish } from "./Publish.tsx";
import { Simulator } from "./Simulator.tsx";
import { HeaderForm, StepForm } from "./StepForm.tsx";
import { type Panel, useBuilder } from "./store.ts";
import { Variables } from "./Variables.tsx";

const PANELS = ["step", "play", "problems", "variables"] as const;

export function Side() {
  const { t } = useTexts();
  const panel = useBuilder((state) => state.panel);
  const count = useBuilder((state) => state.problems?.length ?? 0);
  const grave = useBuilder((state) => state.problems?.some((each) => each.grave) ?? false);
  return (
    <aside className={styles.aside} aria-label={t("drawn.panels")}>
      <Tabs value={panel} onChange={(value) => value && useBuilder.setState({ panel: value as Panel })} variant="pills" keepMounted={false} className={styles.tabs}>
        <Tabs.List aria-label={t("drawn.panels")}>
          {PANELS.map((each) => (
            <Tabs.Tab key={each} value={each} data-tab={each}>
              {t(`drawn.panel.${each}`)}
              {each === "problems" && count > 0 && (
                <span className={styles.badge} data-grave={grave || undefined}>
                  {count}
                </span>
              )}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {PANELS.map((each) => (
          <Tabs.Panel key={each} value={each} className={styles.panel} tabIndex={0}>
            {each === "step" ? <StepPanel /> : each === "play" ? <Simulator /> : each === "problems" ? <Problems /> : <Variables />}
          </Tabs.Panel>
        ))}
      </Tabs>
      {panel === "publish" && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        <div className={styles.panel} tabIndex={0} role="group" aria-label={t("drawn.publish")}>
          <Publish />
        </div>
      )}
    </aside>
  );
}

function StepPanel() {
  const { t } = useTexts();
  const view = useBuilder((state) => state.view);
  // the picture answers at once; the form of another step, with its many fields, comes a frame later
  const chosen = useDeferredValue(useBuilder((state) => state.chosen[0]));
  if (chosen !== undefined && view !== "outline") return <StepForm key={chosen} name={chosen} />;
  if (view === "outline") return <p className={styles.quiet}>{t("drawn.canvasHelp")}</p>;
  return (
    <>
      <p className={styles.quiet}>{t("drawn.none")}</p>
      <HeaderForm />
    </>
  );
}
