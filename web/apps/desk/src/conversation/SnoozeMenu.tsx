/** Snooze: until a time, or until the customer writes. */
import { ActionIcon, Menu } from "@mantine/core";
import type { ConversationFull } from "@parlons/client/types.ts";
import { Clock3 } from "lucide-react";
import { park } from "../data/actions.ts";
import { serverNow } from "../data/clock.ts";
import { useUi } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { keyLabel, useCommand } from "../keys/useKeys.ts";

function at(hours: number, tomorrow: boolean): string {
  const date = new Date(serverNow());
  if (tomorrow) {
    date.setDate(date.getDate() + 1);
    date.setHours(9, 0, 0, 0);
  } else date.setTime(date.getTime() + hours * 3_600_000);
  return date.toISOString();
}

export function SnoozeMenu({ full, name }: { full: ConversationFull; name: string }) {
  const { t } = useTexts();
  const opened = useUi((ui) => ui.menu === "snooze");
  const set = (open: boolean) => useUi.setState({ menu: open ? "snooze" : null });
  useCommand("snooze", () => set(true));
  const choose = (until: string | null) => void park(full.id, name, until);
  return (
    <Menu opened={opened} onChange={set} width={240} position="bottom-end">
      <Menu.Target>
        <ActionIcon
          title={`${t("head.snooze")} (${keyLabel("snooze")})`}
          variant="subtle"
          color="gray"
          size={34}
          aria-label={t("head.snooze")}
        >
          <Clock3 size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown aria-label={t("head.snooze")}>
        <Menu.Item onClick={() => choose(null)}>{t("snooze.reply")}</Menu.Item>
        <Menu.Item onClick={() => choose(at(1, false))}>{t("snooze.hour")}</Menu.Item>
        <Menu.Item onClick={() => choose(at(3, false))}>{t("snooze.threeHours")}</Menu.Item>
        <Menu.Item onClick={() => choose(at(0, true))}>{t("snooze.tomorrow")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
