/** Beside the call: the picture, the text both sides see as it is typed, and the link for who has no page open yet. */
import { ActionIcon, Button, Textarea } from "@mantine/core";
import type { Call } from "@parlons/client/voice.ts";
import type { SideState } from "@parlons/sync/side.ts";
import { X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTexts } from "../../i18n/index.ts";
import styles from "./beside.module.css";
import { begin, send, typed } from "./carry.ts";
import { LinkMaker } from "./LinkMaker.tsx";
import { useBeside } from "./state.ts";

const LINE_MAX = 1000;

function Film({ stream, label, className }: { stream: MediaStream | null; label: string; className?: string }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (!video.current) return;
    video.current.srcObject = stream;
    if (stream) void video.current.play().catch(() => undefined);
  }, [stream]);
  return <video ref={video} className={className} muted autoPlay playsInline aria-label={label} hidden={!stream} />;
}

function Pictures({ video, name }: { video: SideState; name: string }) {
  const { t } = useTexts();
  if (video.video !== "on" && video.video !== "connecting") return null;
  return (
    <div className={styles.pictures}>
      <Film stream={video.farCamera ? video.far : null} label={t("beside.far", { name })} className={styles.far} />
      {video.video === "on" && !video.farCamera && <p className={styles.nobody}>{t("beside.farOff", { name })}</p>}
      <Film stream={video.own} label={t("beside.own")} className={styles.own} />
    </div>
  );
}

const BARRED: readonly SideState["why"][] = ["refused", "none", "taken", "insecure"];

function Choices({ call, video, page }: { call: Call; video: SideState | null; page: boolean }) {
  const { t } = useTexts();
  const side = begin(call.id);
  const press = (label: string, act: () => unknown, variant = "default") => (
    <Button key={label} size="compact-md" variant={variant} onClick={() => void act()}>
      {label}
    </Button>
  );
  switch (video?.video ?? "off") {
    case "off":
      if (!page) return null;
      return (
        <div className={styles.choices}>
          {press(t("beside.start"), () => side.ask(true), "filled")}
          {BARRED.includes(video?.why ?? null) && press(t("beside.without"), () => side.ask(false))}
        </div>
      );
    case "asked":
      return (
        <div className={styles.choices}>
          {press(t("beside.withCamera"), () => side.accept(true), "filled")}
          {press(t("beside.watch"), () => side.accept(false))}
          {press(t("beside.decline"), () => side.decline())}
        </div>
      );
    case "on":
      return (
        <div className={styles.choices}>
          {press(t(video?.own ? "beside.cameraOff" : "beside.cameraOn"), () => side.camera(!video?.own))}
          {press(t("beside.stop"), () => side.stop())}
        </div>
      );
    default:
      return <div className={styles.choices}>{press(t("beside.cancel"), () => side.stop())}</div>;
  }
}

function Standing({ video, name }: { video: SideState | null; name: string }) {
  const { t } = useTexts();
  const now = video?.video ?? "off";
  const word = now === "off" || now === "on" ? (video?.why ?? null) : (video?.why ?? now);
  return (
    <p className={styles.standing} role="status">
      {word ? t(`beside.is.${word}`, { name }) : ""}
    </p>
  );
}

function Write({ call, name }: { call: Call; name: string }) {
  const { t } = useTexts();
  const [text, setText] = useState("");
  const farText = useBeside((beside) => beside.farText);
  const finish = async () => {
    const line = text.trim();
    if (!line) return;
    setText("");
    if (!(await send(call, line))) setText(line);
  };
  return (
    <>
      {farText && (
        <p className={styles.live}>
          <b>{t("beside.typesNow", { name })}</b> {farText}
        </p>
      )}
      <div className={styles.write}>
        <Textarea
          autosize
          minRows={1}
          maxRows={4}
          maxLength={LINE_MAX}
          value={text}
          aria-label={t("beside.text")}
          placeholder={t("beside.text")}
          description={t("beside.textHelp", { name })}
          inputWrapperOrder={["input", "description"]}
          onChange={(event) => {
            setText(event.currentTarget.value);
            typed(event.currentTarget.value);
          }}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            void finish();
          }}
        />
        <Button variant="default" onClick={() => void finish()}>
          {t("beside.send")}
        </Button>
      </div>
    </>
  );
}

export default function Panel({ call, close }: { call: Call; close: () => void }) {
  const { t } = useTexts();
  const video = useBeside((beside) => beside.video);
  const page = useBeside((beside) => beside.page);
  const name = call.customer_name || t("beside.customer");
  return (
    <section
      className={styles.panel}
      aria-label={t("beside.panel")}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        close();
      }}
    >
      <header className={styles.head}>
        <h2>{t("beside.panel")}</h2>
        <ActionIcon variant="subtle" aria-label={t("beside.close")} onClick={close}>
          <X size={16} />
        </ActionIcon>
      </header>
      {video && <Pictures video={video} name={name} />}
      <Standing video={video} name={name} />
      <Choices call={call} video={video} page={page} />
      {page && call.conversation_id && <Write call={call} name={name} />}
      {!page && <p className={styles.quiet}>{t("beside.noPage", { name })}</p>}
      {call.conversation_id && <LinkMaker call={call} page={page} />}
    </section>
  );
}
