/** Every change of the configuration, whoever made it and by which road. */
import { NativeSelect } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTexts } from "../i18n/index.ts";
import { Sheet } from "./Sheet.tsx";
import { Revisions } from "./Revisions.tsx";
import { loadSettings, useSettings } from "./settings.ts";

export default function HistoryPage() {
  const { t } = useTexts();
  const [kind, setKind] = useState("");
  const kinds = useSettings((settings) => settings.known?.kinds);
  useEffect(() => void loadSettings(), []);
  return (
    <Sheet title={t("settings.history.title")}>
      <NativeSelect
        label={t("settings.history.kind")}
        value={kind}
        onChange={(event) => setKind(event.currentTarget.value)}
        data={[
          { value: "", label: t("settings.history.all") },
          ...Object.keys(kinds ?? {}).map((each) => ({
            value: each,
            label: t(`settings.kind.${each}.many` as "settings.kind.queue.many"),
          })),
        ]}
      />
      <Revisions key={kind} {...(kind ? { kind } : {})} />
    </Sheet>
  );
}
