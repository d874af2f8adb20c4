/** A link that leads the customer into this conversation: into a picture beside the call, or into the chat. */
import { Button, TextInput } from "@mantine/core";
import type { Call } from "@parlons/client/voice.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { time } from "@parlons/ui/format.ts";
import { Copy, Link2 } from "lucide-react";
import { useState } from "react";
import { announce, toast } from "../../data/ui.ts";
import { useTexts } from "../../i18n/index.ts";
import styles from "./beside.module.css";
import { type Link, type LinkKind, makeLink, sendLink } from "./carry.ts";

export function LinkMaker({ call, page }: { call: Call; page: boolean }) {
  const { t, locale } = useTexts();
  const [link, setLink] = useState<Link | null>(null);
  const chats = useSnapshot((snapshot) => snapshot.conversations[call.conversation_id ?? ""]?.channel === "webchat");
  const make = async (kind: LinkKind) => setLink((await makeLink(call, kind)) ?? null);
  const url = link ? `${location.origin}${link.path}` : "";
  const copy = async () => {
    await navigator.clipboard.writeText(url);
    announce(t("beside.copied"));
    toast(t("beside.copied"));
  };
  return (
    <div className={styles.links} role="group" aria-label={t("beside.links")}>
      {!link && (
        <div className={styles.choices}>
          {!page && (
            <Button size="compact-md" variant="default" leftSection={<Link2 size={14} />} onClick={() => void make("video")}>
              {t("beside.linkVideo")}
            </Button>
          )}
          <Button size="compact-md" variant="default" leftSection={<Link2 size={14} />} onClick={() => void make("chat")}>
            {t("beside.linkChat")}
          </Button>
        </div>
      )}
      {link && (
        <>
          <TextInput
            readOnly
            value={url}
            label={t("beside.linkHere")}
            description={t("beside.linkUntil", { time: time(Date.parse(link.expires_at), locale) })}
            onFocus={(event) => event.currentTarget.select()}
          />
          <div className={styles.choices}>
            {window.isSecureContext && (
              <Button size="compact-md" variant="default" leftSection={<Copy size={14} />} onClick={() => void copy()}>
                {t("beside.copy")}
              </Button>
            )}
            {chats && (
              <Button size="compact-md" variant="default" onClick={() => void sendLink(call, url).then(() => setLink(null))}>
                {t("beside.sendInChat")}
              </Button>
            )}
            <Button size="compact-md" variant="subtle" onClick={() => setLink(null)}>
              {t("beside.anotherLink")}
            </Button>
          </div>
        </>
      )}
    </div>
  );
}
