/** Messages on their way: in the log at once, grey until the server has them, in place with the cause when it refused. */
import { ApiError, newKey, post } from "@parlons/client/http.ts";
import type { Attachment, Message } from "@parlons/client/types.ts";
import i18next from "i18next";
import { cause } from "./actions.ts";
import { addMessage, change, type Outgoing, useDetails } from "./details.ts";
import { announce } from "./ui.ts";

const setOutgoing = (id: string, clientId: string, how: (one: Outgoing) => Outgoing): void =>
  change(id, (detail) => ({
    ...detail,
    outgoing: detail.outgoing.map((each) => (each.clientId === clientId ? how(each) : each)),
  }));

async function deliver(id: string, one: Outgoing, anyway = false): Promise<void> {
  try {
    const message = await post<Message>(
      `/conversations/${id}/messages`,
      {
        text: one.text,
        attachment_ids: one.attachments.map((each) => each.id),
        client_id: one.clientId,
        seen_number: one.seen,
        anyway,
      },
      { key: one.clientId },
    );
    if (message?.id) addMessage(message);
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

/** Sends a message: it stands in the log at once, grey until the server has it. */
export function send(id: string, text: string, attachments: Attachment[]): void {
  const seen = useDetails.getState()[id]?.full?.messages.at(-1)?.number ?? 0;
  const at = new Date().toISOString();
  const one: Outgoing = {
    clientId: newKey(),
    text,
    attachments,
    at,
    seen,
    state: "sending",
  };
  change(id, (detail) => ({ ...detail, outgoing: [...detail.outgoing, one] }));
  void deliver(id, one);
}

/** Sends a failed message again under the same key: what did arrive is not doubled. */
export function resend(id: string, clientId: string): void {
  const one = useDetails.getState()[id]?.outgoing.find((each) => each.clientId === clientId);
  if (!one) return;
  setOutgoing(id, clientId, (each) => ({ ...each, state: "sending" }));
  void deliver(id, { ...one, state: "sending" }, one.code === "colleague-answered");
}
