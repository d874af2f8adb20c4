import { expect, test } from "vitest";
import { shownAs } from "./files.ts";

const file = { id: "FL1", name: 'a "b" <c>.pdf', content_type: "application/pdf", size: 1, picture: false, path: "/help-files/FL1" };

test("a document is a link, a picture has its description, and neither name nor words are markup", () => {
  expect(shownAs(file, "")).toBe('<p><a href="/help-files/FL1">a &#34;b&#34; &#60;c&#62;.pdf</a></p>');
  expect(shownAs({ ...file, picture: true }, 'the "key"')).toBe('<img src="/help-files/FL1" alt="the &#34;key&#34;">');
});
