/** What is wrong with the phone while the shift is on, in one chip; nothing when all is well. */
import { Menu, UnstyledButton } from "@mantine/core";
import { PhoneOff } from "lucide-react";
import { go } from "../data/route.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./phone.module.css";
import { loadPhone, usePhone } from "./state.ts";

const WRONG = ["insecure", "elsewhere", "reconnecting", "down"] as const;

export function PhoneChip() {
  const { t } = useTexts();
  const state = usePhone((phone) => phone.state);
  const wrong = WRONG.find((each) => each === state);
  if (!wrong) return null;
  const name = t(`phone.state.${wrong}`);
  return (
    <Menu width={260} position="bottom-end">
      <Menu.Target>
        <UnstyledButton className={styles.chip} data-bad={wrong !== "elsewhere" || undefined} title={name}>
          <PhoneOff size={16} aria-hidden="true" />
          <span>{name}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown aria-label={name}>
        {wrong === "elsewhere" && (
          <Menu.Item onClick={() => void loadPhone().then((phone) => phone.takeOver())}>{t("phone.useHere")}</Menu.Item>
        )}
        {wrong === "down" && (
          <Menu.Item onClick={() => void loadPhone().then((phone) => phone.start())}>{t("phone.retry")}</Menu.Item>
        )}
        <Menu.Item onClick={() => go({ page: "phone" })}>{t("phone.check")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
