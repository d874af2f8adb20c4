/** The company's own pages beside a conversation, each in a frame that reaches nothing of the desk but by messages.
    Only the page of the configured origin, in this very frame, is heard; it is told whom the agent serves when it asks. */
import { Button } from "@mantine/core";
import type { components } from "@parlons/client/api.d.ts";
import { get } from "@parlons/client/http.ts";
import type { ConversationFull } from "@parlons/client/types.ts";
import { useEffect, useRef, useState } from "react";
import parts from "../context/parts.module.css";
import { go } from "../data/route.ts";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { useAnswer } from "../knowledge/inserting.ts";
import { contextMessage, type Wish, wishOf } from "./panels.ts";
import styles from "./systems.module.css";

type Panel = components["schemas"]["DeskPanel"];

/** Nobody but the page itself can say that it is there: a browser hides from us that a frame shows nothing but an error. */
const SILENT_MS = 6000;

const load = (full: ConversationFull, signal?: AbortSignal): Promise<Panel[]> =>
  get<{ items: Panel[] }>(`/customers/${full.customer.id}/panels?conversation_id=${full.id}`, signal)
    .then(({ items }) => items)
    .catch(() => []);

export function Panels({ full }: { full: ConversationFull }) {
  const [panels, setPanels] = useState<Panel[]>([]);
  const { id } = full;
  // biome-ignore lint/correctness/useExhaustiveDependencies: one conversation's panels stay while it changes
  useEffect(() => {
    const leave = new AbortController();
    void load(full, leave.signal).then((items) => !leave.signal.aborted && setPanels(items));
    return () => leave.abort();
  }, [id]);
  return panels.map((panel) => <Framed key={panel.id} full={full} panel={panel} />);
}

function Framed({ full, panel }: { full: ConversationFull; panel: Panel }) {
  const { t } = useTexts();
  const [turn, setTurn] = useState(0);
  const { name } = panel;
  return (
    <section className={parts.section} aria-label={t("systems.panel", { name })}>
      <h3 className={parts.sub}>{name}</h3>
      {panel.origin === location.origin ? (
        <p className={parts.none}>{t("systems.panelOwn", { name })}</p>
      ) : (
        <Frame key={turn} full={full} panel={panel} again={() => setTurn(turn + 1)} />
      )}
    </section>
  );
}

/** One loading of the page. */
function Frame({ full, panel, again }: { full: ConversationFull; panel: Panel; again: () => void }) {
  const { t, locale } = useTexts();
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(panel.height);
  const { name, origin } = panel;
  const [silent, setSilent] = useState(false);
  const waits = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    waits.current = setTimeout(() => setSilent(true), SILENT_MS);
    return () => clearTimeout(waits.current);
  }, []);
  const heard = async (wish: Wish) => {
    clearTimeout(waits.current);
    setSilent(false);
    switch (wish.type) {
      case "ready": {
        // A token lasts minutes: each time the page asks it gets a fresh one.
        const fresh = (await load(full)).find((each) => each.id === panel.id);
        if (fresh) frame.current?.contentWindow?.postMessage(contextMessage(fresh.context, fresh.token, locale), origin);
        return;
      }
      case "open":
        return go({ page: "desk", conversation: wish.conversation_id });
      case "insert":
        useAnswer.getState().put?.(wish.text);
        return announce(t("systems.panelInserted", { name }));
      case "resize":
        return setHeight(wish.height);
    }
  };
  const latest = useRef(heard);
  latest.current = heard;
  useEffect(() => {
    const listen = (event: MessageEvent) => {
      if (event.origin !== origin || event.source !== frame.current?.contentWindow) return;
      const wish = wishOf(event.data);
      if (wish) void latest.current(wish);
    };
    addEventListener("message", listen);
    return () => removeEventListener("message", listen);
  }, [origin]);
  return (
    <>
      <iframe
        ref={frame}
        className={styles.panel}
        style={{ height }}
        title={t("systems.panel", { name })}
        src={panel.url}
        sandbox="allow-scripts allow-forms allow-popups allow-same-origin"
        referrerPolicy="no-referrer"
      />
      <div role="status">
        {silent && (
          <div className={styles.silent}>
            <p>{t("systems.panelSilent", { name })}</p>
            <div className={styles.acts}>
              <Button size="compact-sm" variant="default" onClick={again}>
                {t("systems.panelAgain")}
              </Button>
              <a className={styles.out} href={panel.url} target="_blank" rel="noreferrer noopener">
                {t("systems.panelApart")}
              </a>
            </div>
          </div>
        )}
      </div>
    </>
  );
}
