/** The desk's first line: texts and theme before the first frame, then the sign-in or the shell. */
import "@fontsource-variable/geist/wght.css";
import "@parlons/ui/mantine.css";
import "./desk.css";
import { MantineProvider } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { contrastResolver, cssVariablesResolver, theme } from "@parlons/ui/theme.ts";
import { StrictMode, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";
import { keptPreferences, load, usePreference } from "./data/session.ts";
import { unlockSound } from "./data/sound.ts";
import { framed, keepFocusAround } from "./driven/frame.ts";
import { setLocale, startTexts, wanted } from "./i18n/index.ts";
import { renew } from "./shell/fetched.ts";

/** Chosen by the person, else asked for by the system. */
function useContrast(): boolean {
  const asked = useMediaQuery("(prefers-contrast: more)", false, { getInitialValueInEffect: false });
  const chosen = usePreference("contrast");
  return chosen ? chosen === "more" : asked === true;
}

function Root() {
  const scheme = usePreference("theme") ?? "auto";
  const more = useContrast();
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
      cssVariablesResolver={more ? contrastResolver : cssVariablesResolver}
      defaultColorScheme="auto"
      forceColorScheme={forced}
    >
      <App />
    </MantineProvider>
  );
}

async function start(): Promise<void> {
  addEventListener("vite:preloadError", () => void renew());
  if (framed) keepFocusAround();
  unlockSound();
  await Promise.all([startTexts(wanted(keptPreferences().locale)), load()]);
  createRoot(document.getElementById("root")!).render(
    <StrictMode>
      <Root />
    </StrictMode>,
  );
}

void start();
