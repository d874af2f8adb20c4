/** The team's private notes on this conversation. */
import { Button } from "@mantine/core";
import type { ConversationFull } from "@parlons/client/types.ts";
import { when } from "@parlons/ui/format.ts";
import { Portrait } from "@parlons/ui/Portrait.tsx";
import { Users } from "lucide-react";
import { go } from "../data/route.ts";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { useSaid } from "../team/said.ts";
import { inHouse } from "../team/discussions.ts";
import styles from "./parts.module.css";

export function Notes({ full }: { full: ConversationFull }) {
  const { t, locale } = useTexts();
  const me = useSession((session) => session.me);
  const ask = () => {
    useSaid.setState({ about: { id: full.id, name: full.customer.name || t("offer.visitor") } });
    go({ page: "colleagues", discussion: null });
  };
  return (
    <section className={styles.section} aria-label={t("context.notes")}>
      <h3 className={styles.sub}>{t("notes.title")}</h3>
      {full.notes.length === 0 && <p className={styles.none}>{t("notes.none")}</p>}
      <ul className={styles.notes}>
        {[...full.notes].reverse().map((note) => (
          <li key={note.id}>
            <Portrait name={note.author_name || "?"} kind="agent" />
            <div>
              <p>
                <strong>{note.author_name || t("notes.system")}</strong>{" "}
                <span className="num">{when(note.at, locale)}</span>
              </p>
              <p>{note.text}</p>
            </div>
          </li>
        ))}
      </ul>
      {inHouse(me) && (
        <Button variant="default" size="compact-md" leftSection={<Users size={14} />} onClick={ask} className={styles.ask}>
          {t("team.about")}
        </Button>
      )}
    </section>
  );
}
