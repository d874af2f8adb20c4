import type { Way } from "@parlons/client/channels.ts";
import { describe, expect, it } from "vitest";
import { accepted, addresses, answered, CHAT, fileFault, filled, freedom, over, pieces, usual } from "./ways.ts";

const NOW = Date.parse("2026-11-22T10:00:00Z");
const way = (change: Partial<Way> = {}): Way => ({
  channel: "sms",
  account_id: "CA1",
  from: "+33900000000",
  to: "+33600000000",
  capabilities: CHAT,
  open_until: null,
  refusal: null,
  ...change,
});

describe("freedom", () => {
  it("is free without a window or inside it", () => {
    expect(freedom(way(), NOW)).toBe("free");
    expect(freedom(way({ open_until: "2026-11-22T10:00:01Z" }), NOW)).toBe("free");
  });
  it("after the window leaves templates, or nothing", () => {
    const closed = { open_until: "2026-11-22T10:00:00Z" };
    expect(freedom(way(closed), NOW)).toBe("none");
    expect(freedom(way({ ...closed, capabilities: { ...CHAT, templates: true } }), NOW)).toBe("template");
  });
  it("is none where the customer said no", () => {
    expect(freedom(way({ refusal: "opted-out" }), NOW)).toBe("none");
  });
});

describe("what fits", () => {
  it("counts characters up to the channel's limit and never beyond ours", () => {
    expect(over("x".repeat(1001), { ...CHAT, text: 1000 })).toBe(1);
    expect(over("x".repeat(8001), { ...CHAT, text: null })).toBe(1);
    expect(over("x".repeat(8000), { ...CHAT, text: 90_000 })).toBe(0);
  });
  it("says why a file cannot go", () => {
    const able = { ...CHAT, media: ["image/*", "application/pdf"], media_bytes: 100, files: 2 };
    expect(fileFault({ type: "image/png", size: 100 }, 0, able)).toBeNull();
    expect(fileFault({ type: "text/csv", size: 1 }, 0, able)).toBe("kind");
    expect(fileFault({ type: "application/pdf", size: 101 }, 0, able)).toBe("size");
    expect(fileFault({ type: "image/png", size: 1 }, 2, able)).toBe("count");
    expect(fileFault({ type: "", size: 1 }, 0, able)).toBeNull();
    expect(accepted(able)).toBe("image/*,application/pdf");
    expect(accepted(CHAT)).toBeUndefined();
  });
});

describe("usual", () => {
  const mail = way({ channel: "email", account_id: "CA2", to: "a@example.org" });
  it("answers where the customer wrote, on the same account", () => {
    const second = way({ account_id: "CA3" });
    expect(usual([mail, way(), second], { channel: "sms", account_id: "CA3" }, NOW)).toBe(second);
    expect(usual([mail, way()], { channel: "sms", account_id: "gone" }, NOW)?.channel).toBe("sms");
  });
  it("goes elsewhere when that is shut, and stays to say why when there is nothing else", () => {
    const shut = way({ refusal: "opted-out" });
    expect(usual([shut, mail], { channel: "sms" }, NOW)).toBe(mail);
    expect(usual([shut], { channel: "sms" }, NOW)).toBe(shut);
    expect(usual([], null, NOW)).toBeNull();
  });
});

describe("template", () => {
  it("shows what is still missing", () => {
    expect(filled("Bonjour {{1}}, {{2}}", ["Claire", ""])).toBe("Bonjour Claire, {{2}}");
    expect(filled("{{1}}", ["{{1}}"])).toBe("{{1}}");
    expect(pieces("Bonjour {{1}}, {{2}} !", ["Claire", ""])).toEqual([
      { text: "Bonjour " },
      { text: "Claire" },
      { text: ", " },
      { text: "{{2}}", missing: 2 },
      { text: " !" },
    ]);
  });
});

describe("mail", () => {
  it("answers a subject once", () => {
    expect(answered("RE: Re : Tr: Reprise de ma Vela")).toBe("Re: Reprise de ma Vela");
    expect(answered("Re[2]: Devis")).toBe("Re: Devis");
    expect(answered("Regarding: x")).toBe("Re: Regarding: x");
    expect(answered("  ")).toBe("");
  });
  it("reads addresses as people type them", () => {
    expect(addresses("a@x.fr; b@y.co.uk,a@x.fr  nobody")).toEqual({ good: ["a@x.fr", "b@y.co.uk"], wrong: ["nobody"] });
    expect(addresses("a@localhost a@x..fr").wrong).toHaveLength(2);
  });
});
