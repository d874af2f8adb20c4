/** A channel is a line icon in text2, never a colour. The word stands in the row's name. */
import { CheckSquare, Mail, MessageCircle, Phone, Smartphone } from "lucide-react";

export function ChannelIcon({
  channel,
  size = 14,
  color = "var(--p-text2)",
}: {
  channel: string | null | undefined;
  size?: number;
  color?: string;
}) {
  const Icon =
    channel === "voice"
      ? Phone
      : channel === "email"
        ? Mail
        : channel === "sms"
          ? Smartphone
          : channel === "default"
            ? CheckSquare
            : MessageCircle;
  return <Icon size={size} color={color === "inherit" ? "currentColor" : color} aria-hidden="true" />;
}
