/** The desk's first line: texts and theme before the first frame, then the sign-in or the shell. */
import "@fontsource-variable/geist/wght.css";
import "@parlons/ui/mantine.css";
import "./desk.css";
import { MantineProvider } from "@mantine/core";
import { cssVariablesResolver, theme } from "@parlons/ui/theme.ts";
import { StrictMode, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";
import { keptPreferences, load, usePreference } from "./data/session.ts";
import { unlockSound } from "./data/sound.ts";
import { setLocale, startTexts, wanted } from "./i18n/index.ts";

function Root() {
  const scheme = usePreference("theme") ?? "auto";
  const locale = wanted(usePreference("locale"));
  const density = usePreference("density") ?? "comfortable";
  useEffect(() => void setLocale(locale), [locale]);
  useEffect(() => {
    document.documentElement.dataset.density = density;
  }, [density]);
  const forced = scheme === "auto" ? undefined : scheme;
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      defaultColorScheme="auto"
      forceColorScheme={forced}
    >
      <App />
    </MantineProvider>
  );
}

const RELOADED = "parlons.reloaded";
const ONCE_IN_MS = 30_000;

/** A part of the desk that is fetched when needed is gone after an update of the server: the page then becomes the new
 * one. Drafts are kept as at any leaving, a call goes on. Once only, lest a broken server make it spin. */
function renewWhenUpdated(): void {
  addEventListener("vite:preloadError", (event) => {
    const last = Number(sessionStorage.getItem(RELOADED) ?? 0);
    if (Date.now() - last < ONCE_IN_MS) return;
    event.preventDefault();
    sessionStorage.setItem(RELOADED, String(Date.now()));
    location.reload();
  });
}

async function start(): Promise<void> {
  renewWhenUpdated();
  unlockSound();
  await Promise.all([startTexts(wanted(keptPreferences().locale)), load()]);
  createRoot(document.getElementById("root")!).render(
    <StrictMode>
      <Root />
    </StrictMode>,
  );
}

void start();
