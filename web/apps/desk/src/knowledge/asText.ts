/** The words of an article as a plain message: paragraphs apart, lists with dashes. */
const BLOCKS = "h1,h2,h3,h4,p,li,tr,pre,blockquote";

export function asText(html: string): string {
  const body = new DOMParser().parseFromString(html, "text/html").body;
  for (const br of body.querySelectorAll("br")) br.replaceWith("\n");
  const lines = [...body.querySelectorAll(BLOCKS)].flatMap((block) => {
    if (block.querySelector(BLOCKS)) return [];
    const cells = block.matches("tr") ? [...block.children].map((cell) => cell.textContent?.trim()).join(" | ") : (block.textContent?.trim() ?? "");
    const listed = block.closest("li");
    return cells ? [listed ? `- ${cells}` : cells] : [];
  });
  return lines.length > 0 ? lines.join("\n") : (body.textContent?.trim() ?? "");
}
