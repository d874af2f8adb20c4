/** The desk: list, conversation, context. Below 881 px one column at a time; from 881 to 1240 the context is a strip. */
import { useMediaQuery } from "@mantine/hooks";
import { useEffect } from "react";
import { Context } from "../context/Context.tsx";
import { WhyPanel } from "../context/WhyPanel.tsx";
import { Conversation } from "../conversation/Conversation.tsx";
import { useUi } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { Empty } from "./Empty.tsx";
import styles from "./inbox.module.css";
import { List } from "./List.tsx";

export function Inbox({ id }: { id: string | null }) {
  const { t } = useTexts();
  const why = useUi((ui) => ui.why);
  const open = useUi((ui) => ui.contextOpen);
  const narrow = useMediaQuery("(max-width: 880px)", false, {
    getInitialValueInEffect: false,
  });
  const strip = useMediaQuery("(max-width: 1240px)", false, {
    getInitialValueInEffect: false,
  });
  useEffect(() => {
    if (!id) document.title = `${t("place.desk")} · Parlons`;
  }, [id, t]);
  return (
    <div className={styles.inbox} data-context={open || undefined} data-why={why ? "" : undefined}>
      {(!narrow || !id) && <List current={id} />}
      {(!narrow || id || why) && (
        <div className={styles.sheet}>
          {id ? (
            <>
              <Conversation key={id} id={id} narrow={narrow} />
              {!why && <Context key={`context-${id}`} id={id} strip={strip && !narrow} narrow={narrow} />}
            </>
          ) : (
            !narrow && <Empty />
          )}
          {why && <WhyPanel target={why} onClose={() => useUi.setState({ why: null })} />}
        </div>
      )}
    </div>
  );
}
