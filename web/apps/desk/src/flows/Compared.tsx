/** Two versions side by side, line by line; what stays the same is folded. */
import { NativeSelect } from "@mantine/core";
import { useState } from "react";
import { useTexts } from "../i18n/index.ts";
import { useAsked } from "../sends/sends.ts";
import form from "../settings/form.module.css";
import styles from "./flows.module.css";
import { type FlowState, folded, type Line, type Version } from "./trials.ts";

interface Props {
  flow: FlowState;
  versions: Version[];
  with: number;
}

export function Compared({ flow, versions, with: after }: Props) {
  const { t } = useTexts();
  const [before, setBefore] = useState(flow.version);
  const { told, failed } = useAsked<{ lines: Line[] }>(`/flows/${flow.id}/difference?before=${before}&after=${after}`);
  const shown = folded(told?.lines ?? []);
  const others = versions.filter((each) => each.version !== after);
  return (
    <section className={styles.compared} aria-label={t("tried.comparedOf", { before, after })}>
      <NativeSelect
        label={t("tried.compareWith")}
        value={String(before)}
        onChange={(event) => setBefore(Number(event.currentTarget.value))}
        data={others.map((each) => ({ value: String(each.version), label: `${t("tried.version", { number: each.version })}${each.live ? ` (${t("tried.live")})` : ""}` }))}
      />
      {failed && <p role="alert" className={form.error}>{failed}</p>}
      {told && shown.every(({ change }) => change === "folded") ? (
        <p className={form.quiet}>{t("tried.noDifference")}</p>
      ) : (
        <table className={styles.lines}>
          <thead>
            <tr>
              <th scope="col">{t("tried.version", { number: before })}</th>
              <th scope="col">{t("tried.version", { number: after })}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((line, at) =>
              line.change === "folded" ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
                <tr key={at} data-change="folded">
                  <td colSpan={2}>{t("tried.sameLines", { count: line.lines })}</td>
                </tr>
              ) : (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
                <tr key={at} data-change={line.change}>
                  <td data-side="before">{line.before !== null && <Words text={line.before} sign={line.change === "same" ? "" : "−"} />}</td>
                  <td data-side="after">{line.after !== null && <Words text={line.after} sign={line.change === "same" ? "" : "+"} />}</td>
                </tr>
              ),
            )}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Words({ text, sign }: { text: string; sign: string }) {
  return (
    <code>
      {sign && <b>{sign} </b>}
      {text}
    </code>
  );
}
