/** One message that can go into a conversation of its own: its menu, or, while choosing, a box beside it. */
import { ActionIcon, Checkbox, Menu } from "@mantine/core";
import "@mantine/core/styles/Checkbox.css";
import type { ConversationFull, Message } from "@parlons/client/types.ts";
import { Ellipsis, Split as SplitIcon } from "lucide-react";
import type { ReactNode } from "react";
import { useTexts } from "../i18n/index.ts";
import { keyLabel } from "../keys/useKeys.ts";
import { begin, canGo, toggle, useChoosing, useMaySplit } from "./split.ts";
import styles from "./split.module.css";

const SHOWN = 80;

interface Props {
  message: Message;
  full: ConversationFull;
  side: "in" | "out";
  children: ReactNode;
}

export function Pickable({ message, full, side, children }: Props) {
  const { t } = useTexts();
  const may = useMaySplit(full);
  const choosing = useChoosing((each) => each.of === full.id);
  const chosen = useChoosing((each) => each.chosen.has(message.id));
  if (!may || !canGo(message)) return children;
  const words = message.text.slice(0, SHOWN) || message.attachments[0]?.name || "";
  return (
    <div className={styles.pick} data-side={side} data-chosen={(choosing && chosen) || undefined}>
      {children}
      {choosing ? (
        <Checkbox
          className={styles.box}
          checked={chosen}
          data-pick={message.id}
          aria-label={t("comfort.split.goes", { text: words })}
          onChange={() => toggle(message.id)}
        />
      ) : (
        <Menu position="bottom" width={280} returnFocus>
          <Menu.Target>
            {/* The keyboard's way is the key of the command: a stop at every message would be too many. */}
            <ActionIcon
              className={styles.more}
              variant="subtle"
              color="gray"
              size={24}
              tabIndex={-1}
              aria-label={t("comfort.split.menuOf", { text: words })}
            >
              <Ellipsis size={15} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              leftSection={<SplitIcon size={15} />}
              rightSection={<kbd className={styles.key}>{keyLabel("split")}</kbd>}
              onClick={() => begin(full, message.id)}
            >
              {t("comfort.split.begin")}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
}
