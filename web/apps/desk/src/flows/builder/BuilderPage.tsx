/** The builder: one draft of a flow as a picture, an outline and a text; its simulator, its problems, its publishing. */
import { Button, Loader } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";
import { announce } from "../../data/ui.ts";
import { fetchPart, useTexts } from "../../i18n/index.ts";
import styles from "./builder.module.css";
import { Canvas } from "./Canvas.tsx";
import { ConnectTo } from "./ConnectTo.tsx";
import { Head } from "./Head.tsx";
import { Outline } from "./Outline.tsx";
import { Notices } from "./Notices.tsx";
import { LooseLine } from "./Problems.tsx";
import { play } from "./playing.ts";
import { Side } from "./Side.tsx";
import { leave, open, redo, undo, useBuilder } from "./store.ts";
import { TextView } from "./TextView.tsx";

export default function BuilderPage({ name }: { name: string }) {
  const [ready, setReady] = useState(false);
  useEffect(() => void fetchPart("drawn").then(() => setReady(true)), []);
  useEffect(() => {
    void play(null);
    void open(name);
    addEventListener("pagehide", leave);
    return () => {
      removeEventListener("pagehide", leave);
      leave();
    };
  }, [name]);
  return ready ? <Page name={name} /> : null;
}

function Page({ name }: { name: string }) {
  const { t } = useTexts();
  const state = useBuilder((builder) => builder.state);
  const view = useBuilder((builder) => builder.view);
  const narrow = useMediaQuery("(max-width: 600px)", undefined, { getInitialValueInEffect: false });
  const search = useRef<HTMLInputElement>(null);
  const [adding, setAdding] = useState(false);
  useEffect(() => {
    const heard = (event: KeyboardEvent) => anywhere(event, () => search.current?.focus(), t);
    addEventListener("keydown", heard);
    return () => removeEventListener("keydown", heard);
  }, [t]);
  useEffect(() => {
    document.title = `${t("drawn.title", { name })} · Parlons`;
  }, [t, name]);
  if (state !== "ready")
    return (
      <div className={styles.still}>
        {state === "loading" ? <Loader size="sm" aria-label={t("drawn.checking")} /> : <p role="alert">{t(state === "missing" ? "drawn.missing" : "drawn.failed", { name })}</p>}
        {state === "failed" && (
          <Button variant="default" onClick={() => void open(name)}>
            {t("settings.again")}
          </Button>
        )}
      </div>
    );
  const find = () => search.current?.focus();
  const add = () => setAdding(true);
  return (
    <div className={styles.page}>
      <Head name={name} search={search} adding={adding} setAdding={setAdding} readOnly={narrow === true} />
      <Notices />
      {narrow ? (
        <Outline readOnly />
      ) : (
        <div className={styles.body}>
          <div className={styles.view}>
            {view === "picture" && <Canvas search={find} add={add} />}
            {view === "outline" && <Outline />}
            {view === "text" && <TextView />}
            {view === "picture" && <LooseLine />}
          </div>
          <Side />
        </div>
      )}
      <ConnectTo />
    </div>
  );
}

/** Undo and search work in every view and field. */
function anywhere(event: KeyboardEvent, find: () => void, t: ReturnType<typeof useTexts>["t"]): void {
  if (event.defaultPrevented || !(event.ctrlKey || event.metaKey) || event.altKey) return;
  if (useBuilder.getState().state !== "ready" || (event.target instanceof HTMLElement && event.target.closest("[role=dialog]"))) return;
  const key = event.key.toLowerCase();
  if (key === "f" && !event.shiftKey) find();
  else if (key === "z" || key === "y") {
    const again = key === "y" || event.shiftKey;
    (again ? redo : undo)();
    announce(t(again ? "drawn.redoneNow" : "drawn.undoneNow"));
  } else return;
  event.preventDefault();
}
