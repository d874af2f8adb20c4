/** Messages on their way: in the log at once, grey until the server has them, in place with the cause when it refused. */
import { ApiError, newKey, post } from "@parlons/client/http.ts";
import type { Message } from "@parlons/client/types.ts";
import i18next from "i18next";
import { cause } from "./actions.ts";
import { addMessage, change, type Letter, moment, type Outgoing, useDetails } from "./details.ts";
import { announce, undoable } from "./ui.ts";

const setOutgoing = (id: string, clientId: string, how: (one: Outgoing) => Outgoing): void =>
  change(id, (detail) => ({
    ...detail,
    outgoing: detail.outgoing.map((each) => (each.clientId === clientId ? how(each) : each)),
  }));

/** As the API takes it; what a channel has not is left out. */
function body({ text, attachments, inside, way, subject, cc, bcc, html, template }: Letter) {
  const by = way && { channel: way.channel, account_id: way.account_id, to: way.to };
  return { text, attachment_ids: [...attachments.map((each) => each.id), ...(inside ?? [])], ...by, subject, cc, bcc, html, template };
}

async function deliver(id: string, one: Outgoing, anyway = false): Promise<void> {
  const asked = moment();
  try {
    const message = await post<Message>(
      `/conversations/${id}/messages`,
      { ...body(one), client_id: one.clientId, seen_number: one.seen, anyway },
      { key: one.clientId, keepalive: one.state === "held" },
    );
    if (message?.id) addMessage(message, asked);
  } catch (error) {
    const code = error instanceof ApiError ? error.problem.code : undefined;
    setOutgoing(id, one.clientId, (each) => ({
      ...each,
      state: "failed",
      cause: cause(error),
      code,
    }));
    announce(i18next.t("log.failed", { cause: cause(error) }), true);
  }
}

function outgoing(id: string, letter: Letter, state: Outgoing["state"]): Outgoing {
  const seen = useDetails.getState()[id]?.full?.messages.at(-1)?.number ?? 0;
  const one: Outgoing = { ...letter, clientId: newKey(), at: new Date().toISOString(), seen, state };
  change(id, (detail) => ({ ...detail, outgoing: [...detail.outgoing, one] }));
  return one;
}

/** Sends a message: it stands in the log at once, grey until the server has it. */
export const send = (id: string, letter: Letter): void => void deliver(id, outgoing(id, letter, "sending"));

/** Sends after ten seconds in which it can be taken back; `takenBack` puts the words where they were. */
export function sendUndoable(id: string, letter: Letter, takenBack: () => void): void {
  const one = outgoing(id, letter, "held");
  const leave = () => {
    setOutgoing(id, one.clientId, (each) => ({ ...each, state: "sending" }));
    void deliver(id, one);
  };
  const back = () => {
    change(id, (detail) => ({ ...detail, outgoing: detail.outgoing.filter((each) => each.clientId !== one.clientId) }));
    takenBack();
  };
  undoable(i18next.t("channels.leaves"), leave, back);
}

/** Sends a failed message again under the same key: what did arrive is not doubled. */
export function resend(id: string, clientId: string): void {
  const one = useDetails.getState()[id]?.outgoing.find((each) => each.clientId === clientId);
  if (!one) return;
  setOutgoing(id, clientId, (each) => ({ ...each, state: "sending" }));
  void deliver(id, { ...one, state: "sending" }, one.code === "colleague-answered");
}
