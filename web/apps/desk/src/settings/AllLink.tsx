/** From a page that shows the most important fields of a thing to all of them. */
import { Button } from "@mantine/core";
import { ListTree } from "lucide-react";
import type { MouseEvent } from "react";
import { address, go } from "../data/route.ts";
import { useTexts } from "../i18n/index.ts";
import { sectionOf } from "./kinds.ts";

export function AllLink({ kind, name }: { kind: string; name: string }) {
  const { t } = useTexts();
  const to = { page: "settings", section: sectionOf(kind), name, all: true } as const;
  const follow = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <Button component="a" href={address(to)} onClick={follow} variant="subtle" color="gray" leftSection={<ListTree size={16} />}>
      {t("settings.allFields")}
    </Button>
  );
}
