/** The desk's tokens for a call, as a constructed sheet: it works where a site's policy forbids inline styles. */
const css = `
:host{--bg:#fff;--ground:#f1f3f4;--soft:#eef1f2;--line:#e4e8ea;--control:#868f93;--text:#181f22;--text2:#4d575b;--accent:#00647c;--hover:#004d60;--on:#fff;
--at:#00647c;--tint:#e6f5fa;--bad:#b1262a;--bads:#fdeeec;--hang:#b1262a;--hangon:#fff;--warn:#824f0f;--warns:#fff3e0;
all:initial;display:block;color-scheme:light;font:400 15px/1.5 "Geist Parlons","Geist Variable",Geist,system-ui,sans-serif;color:var(--text)}
:host(.corner){position:fixed;inset:20px 20px auto auto;z-index:2147483001;width:min(344px,calc(100vw - 24px))}
*{box-sizing:border-box;margin:0}
button,input{font:inherit;color:inherit;border:0;background:none;padding:0}
button{cursor:pointer}
svg{display:block;width:22px;height:22px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
:focus-visible{outline:2px solid var(--at);outline-offset:2px}
.card{display:flex;flex-direction:column;gap:12px;padding:16px;border-radius:16px;background:var(--bg);box-shadow:0 20px 50px -12px rgb(16 32 40/.28),0 2px 6px rgb(16 32 40/.08)}
.card.page{width:min(460px,100%);min-height:min(560px,100dvh);margin:0 auto;padding:24px}
.card.page.idle{min-height:0}
.top{display:flex;flex-wrap:wrap;align-items:center;gap:4px 12px}
.top h1{flex:1;min-width:0;font-size:18px;font-weight:600;line-height:1.3;overflow-wrap:anywhere}
.time{font-weight:600;color:var(--at);font-variant-numeric:tabular-nums}
.standing{font-size:16px;font-weight:550}
.standing:empty,.notes:empty{display:none}
.notes{display:grid;gap:8px;color:var(--text2)}
.notes .bad,.notes .warn,.begin .warn{padding:8px 12px;border-radius:8px}
.bad{background:var(--bads);color:var(--bad)}
.warn{background:var(--warns);color:var(--warn)}
.captions{max-height:220px;overflow-y:auto;display:grid;gap:2px;border-radius:8px}
.captions p{padding:4px 10px;border-radius:6px;color:var(--text2)}
.captions .newest{background:var(--tint);color:var(--text)}
.card.page .captions{max-height:none;flex:1;align-content:start}
.controls{display:flex;justify-content:center;gap:16px;margin-top:auto}
.round{display:grid;place-items:center;width:52px;height:52px;border-radius:50%;background:var(--soft)}
.round[aria-pressed=true],.round[aria-expanded=true]{background:var(--accent);color:var(--on)}
.hang{margin-left:16px;background:var(--hang);color:var(--hangon)}
.pad{display:grid;gap:6px;justify-items:center}
.sent{min-height:22px;color:var(--text2);font-variant-numeric:tabular-nums}
.keys{display:grid;grid-template-columns:repeat(3,64px);gap:8px}
.keys button{height:48px;border:1px solid var(--line);border-radius:10px;font-size:18px;font-weight:600}
.keys button:hover,.plain:hover{background:var(--soft)}
.begin{display:grid;gap:12px}
.begin p{color:var(--text2)}
.begin label{display:grid;gap:4px;font-size:13px;font-weight:550}
.begin input{min-height:44px;padding:8px 12px;border:1px solid var(--control);border-radius:8px;font-size:16px;font-weight:400}
.begin input:focus-visible{outline:0;border-color:var(--at);box-shadow:0 0 0 3px color-mix(in srgb,var(--at) 16%,transparent)}
.main{display:flex;align-items:center;justify-content:center;gap:10px;min-height:48px;padding:0 20px;border-radius:10px;background:var(--accent);color:var(--on);font-weight:600}
.main:hover{background:var(--hover)}
.plain{min-height:36px;padding:0 10px;border-radius:8px;color:var(--at);font-weight:550}
.link{min-height:24px;color:inherit;font-weight:600;text-decoration:underline}
@media (max-width:480px){:host(.corner){inset:82px 12px auto 12px;width:auto}.card.page{min-height:100dvh;border-radius:0;box-shadow:none}}
@media (prefers-color-scheme:dark){:host(:not([data-theme=light])){--bg:#14191c;--ground:#0d1113;--soft:#1d2427;--line:#343d42;--control:#737e83;--text:#e7eaec;--text2:#b3bcc0;
--accent:#27b5dc;--hover:#62d1f5;--on:#04222b;--at:#5ccbee;--tint:#0f2b34;--bad:#ff8d85;--bads:#2b1716;--hang:#ff726b;--hangon:#2b0b0a;--warn:#edb055;--warns:#2c2110;
color-scheme:dark}:host(:not([data-theme=light])) .card{box-shadow:0 0 0 1px #2a3338,0 20px 50px -12px rgb(0 0 0/.7)}}
@media (prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}
@media (forced-colors:active){.round,.main,.keys button{border:1px solid;forced-color-adjust:none}}
`;

export function sheet(): CSSStyleSheet {
  const own = new CSSStyleSheet();
  own.replaceSync(css);
  return own;
}
