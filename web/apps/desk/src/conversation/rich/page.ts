/** A letter between the editor and the wire: lines become paragraphs as one reads them, pictures are named by their files. */

const escape = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** Plain words as the editor holds them: a paragraph a line. */
export const fromText = (text: string): string =>
  text
    ? text
        .split("\n")
        .map((line) => `<p>${escape(line)}</p>`)
        .join("")
    : "";

/** Nothing that plain text could not say. */
export const isPlain = (html: string): boolean => !/<(?!\/?(?:p|br)\b)/i.test(html);

const PICTURE = /<img\b[^>]*?\ssrc="\/api\/v1\/files\/(FL[0-9a-f]+)"/g;

/** The files a letter shows inside it. */
export const pictures = (html: string): string[] => [...new Set([...html.matchAll(PICTURE)].map((found) => found[1]!))];

/** Lines that follow one another are one paragraph; an empty one parts two. */
function gather(holder: Element): void {
  let open: Element | null = null;
  for (const child of [...holder.children]) {
    if (child.tagName !== "P") {
      open = null;
      if (child.tagName === "BLOCKQUOTE") gather(child);
      for (const item of child.querySelectorAll("li")) gather(item);
    } else if (child.childNodes.length === 0) {
      open = null;
      child.remove();
    } else if (open) {
      open.append(document.createElement("br"), ...child.childNodes);
      child.remove();
    } else open = child;
  }
}

/** As it is sent. */
export function toSend(html: string): string {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  gather(body);
  // Mail programs leave a line free around each paragraph, also in a list.
  for (const only of body.querySelectorAll("li > p:first-child")) only.replaceWith(...only.childNodes);
  for (const picture of body.querySelectorAll("img")) {
    const id = /^\/api\/v1\/files\/(FL[0-9a-f]+)$/.exec(picture.getAttribute("src") ?? "")?.[1];
    if (id) picture.setAttribute("src", `cid:${id}`);
    else picture.remove();
  }
  return body.innerHTML;
}
