/** Which of a customer's addresses a person can read: neither a visitor's id nor the name of a browser that takes notifications. */
export const readable = ({ kind, value }: { kind: string; value: string }): boolean =>
  kind !== "webchat" && !value.startsWith("push:");
