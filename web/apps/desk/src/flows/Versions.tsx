/** Every text a flow had: who wrote it, when and why; compared with the live one, tried on a part, or live again. */
import { Button } from "@mantine/core";
import { when } from "@parlons/ui/format.ts";
import { useState } from "react";
import { attempt } from "../data/actions.ts";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { useAsked } from "../sends/sends.ts";
import form from "../settings/form.module.css";
import { loadSettings } from "../settings/settings.ts";
import { Compared } from "./Compared.tsx";
import styles from "./flows.module.css";
import { TrialStart } from "./TrialStart.tsx";
import { type FlowState, publish, type Version } from "./trials.ts";

interface Props {
  flow: FlowState;
  changed: () => Promise<void>;
}

type Open = { version: number; what: "compare" | "try" } | null;

export function Versions({ flow, changed }: Props) {
  const { t } = useTexts();
  const [limit, setLimit] = useState(20);
  const [open, setOpen] = useState<Open>(null);
  const { told } = useAsked<{ items: Version[]; next: number | null }>(`/flows/${flow.id}/versions?limit=${limit}`);
  const back = async (version: number) => {
    const done = await attempt(publish(flow, version));
    await changed();
    if (!done) return;
    await loadSettings();
    announce(t("tried.isLive", { number: version }));
  };
  return (
    <section aria-label={t("tried.versions")} className={styles.part}>
      <h3>{t("tried.versions")}</h3>
      {told?.items.length === 1 && <p className={form.quiet}>{t("tried.onlyOne")}</p>}
      <ul className={styles.list}>
        {told?.items.map((each) => (
          <li key={each.version}>
            <One flow={flow} version={each} open={open?.version === each.version ? open.what : null} show={(what) => setOpen(what && { version: each.version, what })} back={back} />
            {open?.version === each.version && open.what === "compare" && <Compared flow={flow} versions={told.items} with={each.version} />}
            {open?.version === each.version && open.what === "try" && <TrialStart flow={flow} version={each.version} changed={changed} />}
          </li>
        ))}
      </ul>
      {told?.next && (
        <Button variant="default" mt={12} onClick={() => setLimit(Math.min(200, limit + 60))}>
          {t("tried.more")}
        </Button>
      )}
    </section>
  );
}

interface OneProps {
  flow: FlowState;
  version: Version;
  open: "compare" | "try" | null;
  show: (what: "compare" | "try" | null) => void;
  back: (version: number) => Promise<void>;
}

function One({ flow, version, open, show, back }: OneProps) {
  const { t, locale } = useTexts();
  const { version: number } = version;
  const tried = flow.trial?.trial_version === number;
  const about = [version.author || t("settings.somebody"), version.at ? when(version.at, locale) : "", version.note].filter(Boolean);
  return (
    <div className={styles.version}>
      <strong>{t("tried.version", { number })}</strong>
      {version.live && <em>{t("tried.live")}</em>}
      {tried && <em>{t("tried.onTrial")}</em>}
      <span>{about.join(" · ")}</span>
      {!version.live && (
        <div className={styles.acts}>
          <Button variant="subtle" size="compact-sm" aria-expanded={open === "compare"} aria-label={t("tried.compareOf", { number })} onClick={() => show(open === "compare" ? null : "compare")}>
            {t("tried.compare")}
          </Button>
          {!flow.trial && (
            <Button variant="subtle" size="compact-sm" aria-expanded={open === "try"} aria-label={t("tried.tryOf", { number })} onClick={() => show(open === "try" ? null : "try")}>
              {t("tried.try")}
            </Button>
          )}
          {!tried && (
            <Button variant="subtle" size="compact-sm" aria-label={t("tried.backOf", { number })} onClick={() => void back(number)}>
              {t("tried.back")}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
