/** News of colleagues: a line to me alone, or one that names me, is said once with the way there; the rest lights the lamp. */
import type { Line, Discussion } from "@parlons/client/team.ts";
import type { WireEvent } from "@parlons/sync/socket.ts";
import i18next from "i18next";
import { go, here } from "../data/route.ts";
import { useSession } from "../data/session.ts";
import { announce, toast } from "../data/ui.ts";
import { takeInLine } from "./said.ts";

const EXCERPT = 80;

/** Whether somebody looks at this discussion now. */
function before(id: string): boolean {
  const route = here();
  return route.page === "colleagues" && route.discussion === id && document.visibilityState === "visible";
}

export function heardTeam({ event, data }: WireEvent): void {
  const line = data.line as Line | undefined;
  const discussion = data.discussion as Discussion | undefined;
  if (!line || !discussion || !event.startsWith("team.")) return;
  takeInLine(line);
  const me = useSession.getState().me?.user.id ?? "";
  const toMe = discussion.kind === "direct" || line.mentions.includes(me);
  if (event !== "team.said" || line.author_user_id === me || !toMe || before(discussion.id)) return;
  const words = { name: line.author_name, text: line.text.replace(/\s+/g, " ").slice(0, EXCERPT), team: discussion.name };
  const text = i18next.t(discussion.kind === "direct" ? "team.told" : "team.toldIn", words);
  toast(text, { open: () => go({ page: "colleagues", discussion: discussion.id }) }, 8);
  announce(text);
}
