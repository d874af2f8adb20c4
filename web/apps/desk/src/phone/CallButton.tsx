/** Click to call: from the head of a conversation, and beside each number of the customer. */
import { ActionIcon } from "@mantine/core";
import type { ConversationFull } from "@parlons/client/types.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { Phone } from "lucide-react";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { dial } from "./acts.ts";
import { callOfConversation, myCall } from "./calls.ts";
import { numbersIn, shown } from "./number.ts";
import { useHasVoice } from "./usePhoneShift.ts";

/** Whether a call can be placed: I have a phone and am on none. */
function useFree(): boolean {
  const workerId = useSession((session) => session.me?.worker_id ?? null);
  const voice = useHasVoice();
  const busy = useSnapshot((snapshot) => myCall(snapshot, workerId) !== undefined);
  return voice && !busy;
}

/** Numbers the customer wrote in this matter, the latest first, that are none of those known of him. */
export function mentioned(full: ConversationFull): string[] {
  const known = full.customer_details?.addresses.map((each) => each.value) ?? [];
  const written = full.messages.filter((each) => each.direction === "in").reverse();
  const numbers = [...new Set(written.flatMap((each) => numbersIn(each.text)))];
  return numbers.filter((each) => !known.some((one) => one.endsWith(each.replace(/^0/, "")))).slice(0, 3);
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
  const known = full.customer_details?.addresses.find((each) => each.kind === "phone")?.value;
  const number = known ?? mentioned(full)[0];
  if (!free || live || !number) return null;
  // A number that only stands in a text is named: whoever wrote it may have a dear one in mind.
  const label = known ? t("call.callCustomer", { name }) : t("call.callNumber", { number: shown(number) });
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
