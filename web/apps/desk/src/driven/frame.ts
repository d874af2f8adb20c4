/** Whether another page shows the desk in a frame, and whose page that is. */

export const framed = typeof window !== "undefined" && window.parent !== window;

/** The origin of the page around; null: none, or the browser does not tell. */
export function around(): string | null {
  const told = location.ancestorOrigins?.[0];
  if (told) return told;
  try {
    return framed ? new URL(document.referrer).origin : null;
  } catch {
    return null;
  }
}

/** In a frame the page around keeps the focus: the desk moves it only while it is in the desk. */
export function keepFocusAround(): void {
  const move = HTMLElement.prototype.focus;
  HTMLElement.prototype.focus = function (options) {
    if (document.hasFocus()) move.call(this, options);
  };
}
