/** What stands beside a call, in the tokens of the call's own sheet. */
const css = `
.beside{display:grid;gap:8px}
.pictures{position:relative;min-height:120px;border-radius:12px;overflow:hidden;background:#0d1113;color:#e7eaec}
.pictures .far{display:block;width:100%;max-height:46dvh;object-fit:contain;background:#0d1113}
.pictures .own{position:absolute;right:8px;bottom:8px;width:27%;min-width:84px;border-radius:8px;border:2px solid #fff;background:#0d1113;transform:scaleX(-1)}
.pictures [hidden]{display:none}
.nobody{padding:40px 16px;text-align:center}
.beside-standing{color:var(--text2)}
.beside-standing:empty{display:none}
.choices{display:flex;flex-wrap:wrap;gap:8px}
.choices .main{min-height:40px;padding:0 16px}
.choices .plain,.write .plain{border:1px solid var(--control);min-height:36px}
.written{max-height:200px;overflow-y:auto;display:grid;gap:2px;border-radius:8px}
.written p{padding:4px 10px;border-radius:6px;overflow-wrap:anywhere;white-space:pre-wrap}
.written .theirs{background:var(--soft)}
.written .live{background:var(--tint)}
.write{display:flex;gap:8px;align-items:flex-end}
.write .line{flex:1;min-width:0;min-height:36px;padding:6px 10px;border:1px solid var(--control);border-radius:8px;background:none;color:inherit;font:inherit;font-size:16px;resize:vertical}
.write .line:focus-visible{outline:0;border-color:var(--at);box-shadow:0 0 0 3px color-mix(in srgb,var(--at) 16%,transparent)}
`;

export function besideSheet(): CSSStyleSheet {
  const own = new CSSStyleSheet();
  own.replaceSync(css);
  return own;
}
