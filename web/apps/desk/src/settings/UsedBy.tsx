/** Why a thing was not removed: each place that uses it, as a link to its form. */
import type { ApiError } from "@parlons/client/http.ts";
import { cause } from "../data/actions.ts";
import { address, go } from "../data/route.ts";
import { useTexts } from "../i18n/index.ts";
import { faultWord } from "./Control.tsx";
import styles from "./form.module.css";
import { faultsOf } from "./settings.ts";
import { sectionOf } from "./kinds.ts";
import { said } from "./fields.ts";

interface Use {
  kind: string;
  name: string;
  path?: string;
}

export function UsedBy({ error }: { error: ApiError }) {
  const { t } = useTexts();
  const used = (error.problem.details?.used as Use[] | undefined) ?? [];
  const faults = faultsOf(error);
  return (
    <div className={styles.notice} data-tone="bad" role="alert">
      <p>{used.length ? t("settings.used") : faults.length ? faults.map((each) => said(each, faultWord)).join(" ") : cause(error)}</p>
      {used.length > 0 && <Places things={used} />}
    </div>
  );
}

/** Things as links to their forms. */
export function Places({ things }: { things: Use[] }) {
  const { t } = useTexts();
  return (
    <ul>
      {things.map((each) => {
        const section = sectionOf(each.kind);
        const text = `${t(`settings.kind.${each.kind}.one` as "settings.kind.queue.one")} ${each.name}`;
        const to = { page: "settings", section, name: each.name } as const;
        return (
          <li key={`${each.kind} ${each.name} ${each.path ?? ""}`}>
            {section ? (
              <a
                href={address(to)}
                onClick={(event) => {
                  event.preventDefault();
                  go(to);
                }}
              >
                {text}
              </a>
            ) : (
              text
            )}
          </li>
        );
      })}
    </ul>
  );
}
