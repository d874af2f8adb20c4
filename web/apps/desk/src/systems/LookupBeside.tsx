/** Below the form of a customer system: whether it answers, what waits for it, a test, and the address it may call. */
import { Button } from "@mantine/core";
import type { components } from "@parlons/client/api.d.ts";
import { get, post } from "@parlons/client/http.ts";
import { when } from "@parlons/ui/format.ts";
import { useCallback, useEffect, useState } from "react";
import { attempt } from "../data/actions.ts";
import { useTexts } from "../i18n/index.ts";
import form from "../settings/form.module.css";
import type { Setting } from "../settings/settings.ts";
import { Copy } from "../welcome/Copy.tsx";
import styles from "./systems.module.css";

type Api = components["schemas"];

export function LookupBeside({ setting }: { setting: Setting }) {
  const { t, locale } = useTexts();
  const [one, setOne] = useState<Api["LookupState"] | null>(null);
  const [told, setTold] = useState<Api["LookupTested"] | null>(null);
  const [busy, setBusy] = useState(false);
  const load = useCallback(
    () =>
      get<Api["LookupStates"]>("/lookups")
        .then(({ items }) => setOne(items.find((each) => each.name === setting.name) ?? null))
        .catch(() => undefined),
    [setting.name],
  );
  useEffect(() => {
    setTold(null);
    void load();
  }, [load, setting.etag]);
  if (!one) return null;
  const test = async () => {
    setBusy(true);
    setTold((await attempt(post<Api["LookupTested"]>(`/lookups/${one.id}/test`, {}))) ?? null);
    setBusy(false);
    await load();
  };
  const since = one.away_since_at;
  return (
    <section className={styles.system} aria-label={t("systems.state")}>
      <p className={since ? styles.bad : form.quiet}>
        {since ? t("systems.away", { name: one.name, at: when(since, locale) }) : t("systems.well")}{" "}
        {one.waiting > 0 && t("systems.waits", { count: one.waiting })}
      </p>
      <div className={styles.acts}>
        <Button variant="default" loading={busy} onClick={() => void test()}>
          {t("systems.test")}
        </Button>
        <span role="status" className={told && !told.works ? styles.bad : undefined}>
          {told && (told.works ? t("systems.works") : t("systems.worksNot", { reason: told.reason }))}
        </span>
      </div>
      <Copy label={t("systems.hook")} help={t("systems.hookHelp")} text={one.hook_url} />
    </section>
  );
}
