/** A channel is a line icon in text2, never a colour. The word stands in the row's name. */
import type { Way } from "@parlons/client/channels.ts";
import { AtSign, Bell, CheckSquare, Mail, MessageCircle, MessagesSquare, Phone, Smartphone } from "lucide-react";

/** Messages by a service where one has a name of one's own. */
const PRIVATE = new Set(["whatsapp", "messenger", "instagram", "telegram", "matrix", "x"]);
/** What everybody can read. */
const PUBLIC = new Set(["facebook", "instagram_comments", "x_posts"]);

/** Of a way of answering: one channel can be public, and private for once. */
export function WayIcon({ way, color }: { way: Way; color?: string }) {
  const { public: seen, once } = way.capabilities;
  return <ChannelIcon channel={once ? "messenger" : seen ? "facebook" : way.channel} size={16} color={color} />;
}

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
            : channel === "push"
              ? Bell
              : PUBLIC.has(channel ?? "")
                ? AtSign
                : PRIVATE.has(channel ?? "")
                  ? MessagesSquare
                  : MessageCircle;
  return <Icon size={size} color={color === "inherit" ? "currentColor" : color} aria-hidden="true" />;
}
