/** A link into this conversation's chat, put into the text: what a text message cannot carry goes on there, in the same hands. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { post } from "@parlons/client/http.ts";
import { Link2 } from "lucide-react";
import { useState } from "react";
import { attempt } from "../data/actions.ts";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import type { Composing } from "./useComposer.ts";

export function ChatLink({ id, composing }: { id: string; composing: Composing }) {
  const { t } = useTexts();
  const [asking, setAsking] = useState(false);
  const insert = async () => {
    setAsking(true);
    const link = await attempt(post<{ path: string }>(`/conversations/${id}/links`, { kind: "chat", call_id: null }));
    setAsking(false);
    if (!link) return;
    composing.field.current?.append(`${location.origin}${link.path}`);
    announce(t("channels.chatLinkPut"));
    composing.field.current?.focus();
  };
  return (
    <Tooltip label={t("channels.chatLink")}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={30}
        aria-label={t("channels.chatLink")}
        aria-busy={asking}
        onClick={() => !asking && void insert()}
      >
        <Link2 size={16} />
      </ActionIcon>
    </Tooltip>
  );
}
