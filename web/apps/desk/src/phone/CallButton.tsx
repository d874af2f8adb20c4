/** Click to call: from the head of a conversation, and beside each number of the customer. */
import { ActionIcon } from "@mantine/core";
import type { ConversationFull } from "@parlons/client/types.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { Phone } from "lucide-react";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { dial } from "./acts.ts";
import { callOfConversation, myCall } from "./calls.ts";
import { shown } from "./number.ts";
import { useHasVoice } from "./usePhoneShift.ts";

/** Whether a call can be placed: I have a phone and am on none. */
function useFree(): boolean {
  const workerId = useSession((session) => session.me?.worker_id ?? null);
  const voice = useHasVoice();
  const busy = useSnapshot((snapshot) => myCall(snapshot, workerId) !== undefined);
  return voice && !busy;
}

export function CallNumber({ number, conversationId }: { number: string; conversationId: string }) {
  const { t } = useTexts();
  const free = useFree();
  if (!free) return null;
  const label = t("call.callNumber", { number: shown(number) });
  return (
    <ActionIcon
      variant="subtle"
      size={24}
      ml={6}
      aria-label={label}
      title={label}
      onClick={() => void dial({ number }, conversationId)}
    >
      <Phone size={14} />
    </ActionIcon>
  );
}

export function CallButton({ full, name }: { full: ConversationFull; name: string }) {
  const { t } = useTexts();
  const free = useFree();
  const live = useSnapshot((snapshot) => callOfConversation(snapshot, full.id) !== undefined);
  const number = full.customer_details?.addresses.find((each) => each.kind === "phone")?.value;
  if (!free || live || !number) return null;
  const label = t("call.callCustomer", { name });
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={34}
      aria-label={label}
      title={label}
      onClick={() => void dial({ number }, full.id)}
    >
      <Phone size={18} />
    </ActionIcon>
  );
}
