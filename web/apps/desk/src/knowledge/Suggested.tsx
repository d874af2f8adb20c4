/** Articles for the customer's last words, beside the conversation: put into the answer, or said to be of no use here. */
import { Button } from "@mantine/core";
import { put as send } from "@parlons/client/http.ts";
import type { ConversationFull } from "@parlons/client/types.ts";
import { useEffect, useRef } from "react";
import part from "../context/parts.module.css";
import { attempt } from "../data/actions.ts";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { useAsked } from "../sends/sends.ts";
import type { Found } from "./articles.ts";
import { useAnswer, useInserting } from "./inserting.ts";
import styles from "./knowledge.module.css";

function Offers({ full, put }: { full: ConversationFull; put: (text: string) => void }) {
  const { t } = useTexts();
  const heading = useRef<HTMLHeadingElement>(null);
  const { told, again } = useAsked<{ items: Found[] }>(`/article-offers?conversation_id=${full.id}`);
  const { linked, insert } = useInserting(full.firm_id, put);
  const asked = full.messages.filter((each) => each.author?.kind === "customer").length;
  const first = useRef(asked);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked anew when the customer has written
  useEffect(() => {
    if (first.current === asked) return;
    first.current = asked;
    void again();
  }, [asked]);
  const settle = async (one: Found, outcome: "inserted" | "unhelpful") => {
    await attempt(send(`/article-offers/${one.id}`, { conversation_id: full.id, outcome }));
    await again();
  };
  if (!told?.items.length) return null;
  return (
    <section className={part.section} aria-label={t("knowledge.suggested.name")}>
      <h3 ref={heading} tabIndex={-1} className={part.sub}>
        {t("knowledge.suggested.name")}
      </h3>
      <ul className={styles.suggested}>
        {told.items.map((one) => (
          <li key={one.id}>
            <span className={styles.grow} lang={one.language}>
              <b>{one.title}</b>
              <small>{one.summary}</small>
            </span>
            <div>
              <Button
                size="compact-sm"
                variant="default"
                aria-label={t("knowledge.suggested.insertOf", { title: one.title })}
                onClick={async () => {
                  if (await insert(one, linked(one))) await settle(one, "inserted");
                }}
              >
                {t("knowledge.suggested.insert")}
              </Button>
              <Button
                size="compact-sm"
                variant="subtle"
                aria-label={t("knowledge.suggested.unhelpfulOf", { title: one.title })}
                onClick={() => {
                  announce(t("knowledge.suggested.gone", { title: one.title }));
                  heading.current?.focus();
                  void settle(one, "unhelpful");
                }}
              >
                {t("knowledge.suggested.unhelpful")}
              </Button>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Suggested({ full }: { full: ConversationFull }) {
  const put = useAnswer((answer) => answer.put);
  return put && full.status === "open" ? <Offers key={full.id} full={full} put={put} /> : null;
}
