/** Notify me on this device: the switch, what it may name, and what stands in the way with the way round it. */
import { Switch } from "@mantine/core";
import { useTexts } from "../i18n/index.ts";
import { switchOff, switchOn, usePush } from "./push.ts";

export function ThisDevice() {
  const { t } = useTexts();
  const { state, names, busy } = usePush();
  const on = state === "on";
  const blocked = state === "insecure" || state === "absent" || state === "denied";
  return (
    <>
      <h2>{t("comfort.push.title")}</h2>
      <p>{t("comfort.push.help")}</p>
      <Switch
        label={t("comfort.push.switch")}
        checked={on || busy}
        disabled={blocked}
        onChange={(event) => void (event.currentTarget.checked ? switchOn() : switchOff())}
      />
      {on && (
        <Switch
          label={t("comfort.push.names")}
          description={t("comfort.push.namesHelp")}
          checked={names}
          onChange={(event) => void switchOn(event.currentTarget.checked)}
        />
      )}
      <p role="status">{(blocked || state === "failed") && t(`comfort.push.${state}`)}</p>
    </>
  );
}
