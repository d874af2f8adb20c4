/** The desk's tokens, for one small panel. A constructed sheet: it works under a policy that forbids inline styles. */
const css = `
:host{--bg:#fff;--soft:#eef1f2;--line:#e4e8ea;--control:#868f93;--text:#181f22;--text2:#4d575b;--text3:#5d666a;--accent:#00647c;
--hover:#004d60;--on:#fff;--at:#00647c;--bad:#b1262a;--bads:#fdeeec;--warn:#824f0f;--warns:#fff3e0;--r:16px;
all:initial;display:block;position:fixed;inset:auto 20px 20px auto;z-index:2147483000;color-scheme:light;
font:400 14px/1.5 "Geist Parlons","Geist Variable",Geist,system-ui,sans-serif;color:var(--text)}
:host([data-side=left]){inset:auto auto 20px 20px}
*{box-sizing:border-box;margin:0}
button,textarea,input{font:inherit;color:inherit;border:0;background:none;padding:0}
button,a{cursor:pointer}
svg{display:block;width:20px;height:20px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
:focus-visible{outline:2px solid var(--at);outline-offset:2px}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.launch{position:relative;display:grid;place-items:center;width:60px;height:60px;margin-left:auto;border-radius:50%;background:var(--accent);
color:var(--on);box-shadow:0 6px 20px -6px rgb(16 32 40/.4),0 1px 3px rgb(16 32 40/.12);transition:background .12s ease-out}
:host([data-side=left]) .launch{margin-left:0}
:is(.fail button,.link,.under a):hover{text-decoration:underline}
.launch .n{position:absolute;top:-3px;right:-3px;min-width:22px;height:22px;padding:0 6px;border-radius:11px;background:var(--bg);color:var(--at);
border:2px solid var(--accent);line-height:18px;font-size:12px;font-weight:600;text-align:center;font-variant-numeric:tabular-nums}
.panel{display:flex;flex-direction:column;width:384px;height:min(612px,calc(100vh - 116px));margin-bottom:16px;border-radius:var(--r);background:var(--bg);
overflow:hidden;box-shadow:0 20px 50px -12px rgb(16 32 40/.28),0 2px 6px rgb(16 32 40/.08);animation:in .18s ease-out}
@keyframes in{from{opacity:0;transform:translateY(4px)}}
.head{display:flex;align-items:center;gap:12px;padding:14px 12px 14px 16px;min-height:70px;background:var(--accent);color:var(--on)}
.head :focus-visible{outline-color:var(--on)}
.face{flex:none;display:grid;place-items:center;width:38px;height:38px;border-radius:50%;background:var(--on);color:var(--accent);font-size:13px;font-weight:600}
.face.firm{border-radius:11px}
.who{flex:1;min-width:0}
.who b,.who span{display:block;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.who b{font-size:16px;font-weight:600;line-height:1.3}
.who span{font-size:13px;line-height:1.45}
.icon{flex:none;display:grid;place-items:center;width:36px;height:36px;border-radius:8px;transition:background .12s ease-out}
.icon:hover{background:rgb(127 127 127/.18)}
.bar{padding:8px 16px;font-size:13px;line-height:1.45;color:var(--text2);background:var(--soft)}
.bar.warn{color:var(--warn);background:var(--warns)}
.bar.bad{color:var(--bad);background:var(--bads)}
.offers{max-height:34%;overflow:auto;flex:none}.offers ul{padding-left:18px}.offers a{display:block;padding:4px 0;color:var(--at)}
.log{flex:1;overflow-y:auto;overscroll-behavior:contain;padding:16px;display:flex;flex-direction:column;gap:10px}
.log:focus-visible{outline-offset:-2px}
.log>:first-child{margin-top:auto}
.event,.meta{font-size:12px;line-height:1.4;color:var(--text3)}
.event{text-align:center;padding:0 16px;white-space:pre-line;overflow-wrap:anywhere}
.meta{padding:2px 2px 0;margin-bottom:-6px;font-variant-numeric:tabular-nums}
.meta.mine{align-self:flex-end;display:flex;gap:4px;align-items:center;margin:-6px 0 0}
.meta svg{width:14px;height:14px}
.bubble{max-width:296px;padding:10px 13px;border-radius:16px;font-size:15px;white-space:pre-wrap;overflow-wrap:anywhere;background:var(--soft)}
.bubble.them{align-self:flex-start;border-top-left-radius:4px}
.bubble.mine{align-self:flex-end;border-top-right-radius:4px;background:var(--accent);color:var(--on)}
.bubble.wait{opacity:.72}
:is(.bubble,.event) a{color:inherit;text-decoration:underline}
.file{display:flex;align-items:center;gap:8px;min-height:36px;text-align:left;font-weight:550;text-decoration:underline;text-underline-offset:2px}
.file svg{flex:none}
.fail{align-self:flex-end;max-width:296px;font-size:13px;color:var(--bad);text-align:right}
.fail button,.link{min-height:36px;padding:0 6px;font-weight:550;color:var(--at);font-size:13px}
.dots{display:flex;gap:4px;align-items:center;height:22px}
.dots i{width:6px;height:6px;border-radius:50%;background:var(--text3);animation:dot 1.2s infinite ease-in-out}
.dots i+i{animation-delay:.15s}.dots i+i+i{animation-delay:.3s}
@keyframes dot{0%,60%,100%{opacity:.35}30%{opacity:1}}
.more{align-self:center;position:sticky;bottom:0;min-height:36px;padding:0 14px;border-radius:18px;background:var(--bg);color:var(--at);font-weight:550;font-size:13px;
box-shadow:0 6px 20px -6px rgb(16 32 40/.3),0 0 0 1px var(--line)}
.foot{padding:0 12px 10px}
.box{display:flex;align-items:flex-end;gap:2px;padding:5px;border:1px solid var(--control);border-radius:12px}
textarea,input{display:block;width:100%;font-size:16px;line-height:1.4}
:is(textarea,input):focus-visible{outline:0}
[hidden]{display:none}
.box textarea{flex:1;min-width:0;resize:none;padding:7px 6px 7px 9px;height:36px;max-height:140px}
::placeholder{color:var(--text3);opacity:1}
.go{background:var(--accent);color:var(--on)}
:is(.launch,.go,.main):hover{background:var(--hover)}
.go[aria-disabled=true],.go[aria-disabled=true]:hover{background:var(--soft);color:var(--text3);cursor:default}
.under{min-height:36px;display:flex;flex-wrap:wrap;justify-content:space-between;align-items:center;column-gap:8px;padding:0 4px;font-size:12px;line-height:1.4;color:var(--text3)}
.under span:first-child:not(.mark){flex-basis:100%;padding-top:8px}
.under a{display:flex;align-items:center;min-height:36px;color:var(--at);text-decoration:none;white-space:nowrap}
.mark{display:flex;align-items:center;gap:5px;margin-left:auto;white-space:nowrap}
.mark svg{width:14px;height:14px;stroke-width:3}
.chips{display:flex;flex-wrap:wrap;gap:6px;padding-bottom:6px}
.chip{display:flex;align-items:center;gap:4px;max-width:100%;padding-left:10px;border-radius:8px;background:var(--soft);font-size:13px;position:relative;overflow:hidden}
.chip span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.chip progress{position:absolute;inset:auto 0 0;width:100%;height:4px;accent-color:var(--accent)}
form.leave{flex:1;overflow-y:auto;padding:16px;display:flex;flex-direction:column;gap:14px}
.leave label{display:block;font-size:13px;font-weight:550;margin-bottom:4px}
.leave input,.leave textarea{padding:8px 10px;min-height:40px;border:1px solid var(--control);border-radius:8px}
.leave textarea{min-height:120px;resize:vertical}
:is(.box:focus-within,.leave :focus:is(input,textarea)){border-color:var(--at);box-shadow:0 0 0 3px color-mix(in srgb,var(--at) 16%,transparent)}
.leave [aria-invalid=true]{border-color:var(--bad)}
.leave small{display:block;font-size:13px;color:var(--bad)}
.main{min-height:40px;padding:0 16px;border-radius:8px;background:var(--accent);color:var(--on);font-weight:550}
.done{margin:auto;padding:24px;text-align:center;font-size:15px}
.done svg{margin:0 auto 12px;color:var(--at)}
@media (max-width:480px){.panel{position:fixed;inset:0;width:auto;height:100dvh;margin:0;border-radius:0}[data-open] .launch{display:none}.bubble,.fail{max-width:84%}}
@media (prefers-color-scheme:dark){:host(:not([data-theme=light])){--bg:#14191c;--soft:#1d2427;--line:#242c30;--control:#737e83;--text:#e7eaec;--text2:#b3bcc0;
--text3:#8f9a9f;--accent:#27b5dc;--hover:#62d1f5;--on:#04222b;--at:#5ccbee;--bad:#ff8d85;--bads:#2b1716;--warn:#edb055;--warns:#2c2110;
color-scheme:dark}:host(:not([data-theme=light])) .panel{box-shadow:0 0 0 1px #2a3338,0 20px 50px -12px rgb(0 0 0/.7)}}
@media (prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}
@media (forced-colors:active){.bubble,.panel,.chip{border:1px solid}.launch,.go,.main{forced-color-adjust:none}}
`;

export function sheet(accent: string | null): CSSStyleSheet[] {
  const own = new CSSStyleSheet();
  own.replaceSync(css);
  if (!accent) return [own];
  const brand = new CSSStyleSheet();
  // The shop's colour carries white text in both themes; the server refused one that could not.
  brand.replaceSync(
    `:host{--accent:${accent}!important;--hover:color-mix(in srgb,${accent} 82%,#000)!important;--on:#fff!important}` +
      `@media (prefers-color-scheme:light){:host{--at:${accent}!important}}`,
  );
  return [own, brand];
}
