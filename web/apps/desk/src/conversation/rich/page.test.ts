import { expect, it } from "vitest";
import { fromText, isPlain, pictures } from "./page.ts";

const FILE = `FL${"a".repeat(32)}`;

it("holds plain words as paragraphs in which nothing is markup", () => {
  expect(fromText("Bonjour <b>,\n\n& merci")).toBe("<p>Bonjour &lt;b&gt;,</p><p></p><p>&amp; merci</p>");
  expect(fromText("")).toBe("");
});

it("knows what plain text can say as well", () => {
  expect(isPlain("<p>a<br>b</p><p></p>")).toBe(true);
  for (const page of ["<p><strong>a</strong></p>", "<ul><li><p>a</p></li></ul>", '<p><a href="x">a</a></p>', `<img src="x">`])
    expect(isPlain(page)).toBe(false);
});

it("names the files of its pictures once, and no others", () => {
  const page = `<p>x</p><img src="/api/v1/files/${FILE}" alt="p"><img alt="p" src="/api/v1/files/${FILE}"><img src="https://x.example/FL1">`;
  expect(pictures(page)).toEqual([FILE]);
});
