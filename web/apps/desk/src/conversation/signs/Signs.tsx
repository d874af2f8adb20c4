/** The button that opens the emoji; they are fetched when it is pressed, not before. */
import { ActionIcon, Popover, Tooltip } from "@mantine/core";
import { Smile } from "lucide-react";
import { Suspense, useRef, useState } from "react";
import { useTexts } from "../../i18n/index.ts";
import { fetched } from "../../shell/fetched.ts";
import styles from "./signs.module.css";

const SignGrid = fetched(() => import("./SignGrid.tsx"));

export function Signs({ put }: { put: (sign: string) => void }) {
  const { t } = useTexts();
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  return (
    <Popover opened={open} onChange={setOpen} position="top-start" width="min(328px, calc(100vw - 24px))" trapFocus returnFocus={false} withinPortal>
      <Popover.Target>
        <Tooltip label={t("mail.signs.name")} disabled={open}>
          <ActionIcon ref={opener} variant="subtle" color="gray" size={30} aria-label={t("mail.signs.name")} aria-expanded={open} onClick={() => setOpen(!open)}>
            <Smile size={16} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown
        aria-label={t("mail.signs.name")}
        onKeyDown={(event) => {
          if (event.key === "Escape") opener.current?.focus();
        }}
      >
        <Suspense fallback={<div className={styles.coming} />}>
          <SignGrid
            choose={(sign) => {
              setOpen(false);
              put(sign);
            }}
          />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
