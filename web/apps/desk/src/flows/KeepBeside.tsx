/** Below a flow's text: keep what is written as a version that nobody gets yet, and the way to all versions. */
import { Button, TextInput } from "@mantine/core";
import { type MouseEvent, useState } from "react";
import { attempt } from "../data/actions.ts";
import { address, go, type Route } from "../data/route.ts";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./flows.module.css";
import { keepVersion, pictureOf, placeOf } from "./trials.ts";

interface Props {
  name: string;
  text: string;
  /** It was checked, and differs from what is live. */
  ready: boolean;
}

export function KeepBeside({ name, text, ready }: Props) {
  const { t } = useTexts();
  const [note, setNote] = useState("");
  const keep = async () => {
    const kept = await attempt(keepVersion(name, text, note));
    if (!kept) return;
    announce(t("tried.kept", { number: kept.version }));
    go(placeOf(name, true));
  };
  const follow = (to: Route) => (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <div className={styles.keep}>
      {ready && (
        <>
          <TextInput label={t("tried.note")} description={t("tried.noteHelp")} maxLength={300} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
          <Button variant="default" onClick={() => void keep()}>
            {t("tried.keep")}
          </Button>
        </>
      )}
      <a href={address(pictureOf(name))} onClick={follow(pictureOf(name))}>
        {t("tried.draw")}
      </a>
      <a href={address(placeOf(name, true))} onClick={follow(placeOf(name, true))}>
        {t("tried.title")}
      </a>
    </div>
  );
}
