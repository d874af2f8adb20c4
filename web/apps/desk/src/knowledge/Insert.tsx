/** The button beside the answer that opens the articles; they are fetched when it is pressed, not before. */
import { ActionIcon, Popover, Tooltip } from "@mantine/core";
import { BookOpen } from "lucide-react";
import { Suspense, useRef, useState } from "react";
import { useTexts } from "../i18n/index.ts";
import { fetched } from "../shell/fetched.ts";
import { useTakesArticles } from "./inserting.ts";

const Finder = fetched(() => import("./Finder.tsx"));

interface Props {
  firm: string;
  language: string;
  put: (text: string) => void;
}

export function Insert({ firm, language, put }: Props) {
  const { t } = useTexts();
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  useTakesArticles(put);
  return (
    <Popover opened={open} onChange={setOpen} position="top-start" width="min(480px, calc(100vw - 24px))" trapFocus returnFocus={false} withinPortal>
      <Popover.Target>
        <Tooltip label={t("knowledge.insert")} disabled={open}>
          <ActionIcon ref={opener} variant="subtle" color="gray" size={30} aria-label={t("knowledge.insert")} aria-expanded={open} onClick={() => setOpen(!open)}>
            <BookOpen size={16} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown
        aria-label={t("knowledge.insert")}
        onKeyDown={(event) => {
          if (event.key === "Escape") opener.current?.focus();
        }}
      >
        <Suspense>
          <Finder
            firm={firm}
            language={language}
            put={(text) => {
              setOpen(false);
              put(text);
            }}
          />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
