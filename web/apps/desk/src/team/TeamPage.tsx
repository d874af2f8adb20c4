/** Colleagues: the discussions, and one of them or the form that begins one. Below 881 px one column at a time. */
import { Button } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useLive, useSnapshot } from "@parlons/sync/store.ts";
import { Users } from "lucide-react";
import { useEffect } from "react";
import { go } from "../data/route.ts";
import { useTexts } from "../i18n/index.ts";
import { PeopleForm } from "./PeopleForm.tsx";
import { useSaid } from "./said.ts";
import { DiscussionList } from "./DiscussionList.tsx";
import { DiscussionView } from "./DiscussionView.tsx";
import styles from "./team.module.css";

function Nothing({ gone }: { gone: boolean }) {
  const { t } = useTexts();
  const about = useSaid((store) => store.about);
  return (
    <div className={styles.nothing}>
      <Users size={28} aria-hidden="true" />
      <h1>{t(gone ? "team.notHere" : "place.colleagues")}</h1>
      <p>{t(about ? "team.aboutWhom" : gone ? "team.notHereHelp" : "team.intro")}</p>
      <Button variant="default" onClick={() => go({ page: "colleagues", discussion: "new" })}>
        {t("team.new")}
      </Button>
    </div>
  );
}

export default function TeamPage({ id }: { id: string | null }) {
  const { t } = useTexts();
  const discussion = useSnapshot((snapshot) => (id ? snapshot.discussions?.[id] : undefined));
  const connecting = useLive((live) => live.status === "connecting");
  const narrow = useMediaQuery("(max-width: 880px)", false, { getInitialValueInEffect: false });
  useEffect(() => {
    document.title = `${t("place.colleagues")} · Parlons`;
  }, [t]);
  return (
    <div className={styles.page}>
      {(!narrow || !id) && <DiscussionList current={id} />}
      {(!narrow || id) && (
        <div className={styles.sheet}>
          {id === "new" ? (
            <PeopleForm narrow={narrow} />
          ) : discussion ? (
            <DiscussionView key={discussion.id} discussion={discussion} narrow={narrow} />
          ) : (
            !(id && connecting) && <Nothing gone={id !== null} />
          )}
        </div>
      )}
    </div>
  );
}
