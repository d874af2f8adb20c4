import type { Me } from "@parlons/client/types.ts";
import { afterEach, describe, expect, it, vi } from "vitest";
import { prefer, useSession } from "./session.ts";

afterEach(() => vi.unstubAllGlobals());

describe("preferences", () => {
  it("are sent one after the other, so that the last choice stays", async () => {
    const sent: unknown[] = [];
    let answer = () => {};
    vi.stubGlobal("fetch", (_: string, init: RequestInit) => {
      sent.push(JSON.parse(String(init.body)));
      return new Promise<Response>((done) => {
        answer = () => done(Response.json({}));
      });
    });
    useSession.setState({ state: "in", me: { user: {}, rights: [], firms: [] } as unknown as Me });
    prefer({ locale: "fr" });
    prefer({ theme: "dark" });
    prefer({ theme: "light", contrast: "more" });
    expect(sent).toEqual([{ locale: "fr" }]);
    answer();
    await vi.waitFor(() => expect(sent).toEqual([{ locale: "fr" }, { theme: "light", contrast: "more" }]));
    answer();
  });
});
