/** Sends to many: the list, a new one, a draft before it leaves, a begun one with its report. */
import { useEffect } from "react";
import { useTexts } from "../i18n/index.ts";
import { Draft } from "./Draft.tsx";
import { Frame } from "./Frame.tsx";
import { Progress } from "./Progress.tsx";
import { SendList } from "./SendList.tsx";
import { moves, type Send, useAsked } from "./sends.ts";

const SOON_MS = 1500;
const LATER_MS = 15_000;

function One({ id }: { id: string }) {
  const { t } = useTexts();
  const asked = useAsked<Send>(`/sends/${id}`, (send) => (send.state === "draft" ? null : moves(send) ? SOON_MS : LATER_MS));
  const { told: send, failed } = asked;
  if (failed && !send) return <Frame title={t("sends.one")} back failed={failed} again={asked.again} />;
  if (!send) return <Frame title={t("sends.one")} back />;
  return send.state === "draft" ? <Draft key={send.id} send={send} put={asked.put} /> : <Progress send={send} put={asked.put} failed={failed} />;
}

export default function SendsPage({ id }: { id: string | null }) {
  const { t } = useTexts();
  useEffect(() => {
    document.title = `${t("place.sends")} · Parlons`;
  }, [t]);
  if (id === "new") return <Draft key="new" send={null} put={() => undefined} />;
  return id ? <One key={id} id={id} /> : <SendList />;
}
