/** Which variables there are, which step sets each, which reads it. */
import { Anchor } from "@mantine/core";
import { useMemo } from "react";
import { useTexts } from "../../i18n/index.ts";
import styles from "./builder.module.css";
import { show } from "./Problems.tsx";
import { useBuilder } from "./store.ts";
import lists from "./told.module.css";
import { variablesOf } from "./variables.ts";

export function Variables() {
  const { t } = useTexts();
  const flow = useBuilder((state) => state.draft.flow);
  const catalogue = useBuilder((state) => state.catalogue);
  const found = useMemo(() => variablesOf(catalogue, flow), [catalogue, flow]);
  const steps = (names: (string | null)[]) =>
    names.map((name, index) => (
      <span key={name ?? ""}>
        {index > 0 && ", "}
        {name === null ? (
          t("drawn.setAtStart")
        ) : (
          <Anchor component="button" type="button" size="sm" onClick={() => show(name)}>
            {name}
          </Anchor>
        )}
      </span>
    ));
  return (
    <section className={styles.side} aria-label={t("drawn.variables")}>
      {found.length === 0 && <p className={styles.quiet}>{t("drawn.noVariables")}</p>}
      <dl className={lists.facts}>
        {found.map(({ name, set, used, brought }) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>{brought ? t("drawn.brought") : <>{t("drawn.setBy")} {steps(set)}</>}</dd>
            <dd>{used.length ? <>{t("drawn.usedBy")} {steps(used)}</> : t("drawn.unused")}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
