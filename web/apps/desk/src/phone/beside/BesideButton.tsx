/** In the call bar: opens the panel with picture, text and link. What the customer begins there knocks, and opens nothing. */
import { Button, Portal, Tooltip } from "@mantine/core";
import type { Call } from "@parlons/client/voice.ts";
import { Video } from "lucide-react";
import { Suspense, useRef } from "react";
import { useTexts } from "../../i18n/index.ts";
import { fetched } from "../../shell/fetched.ts";
import callbar from "../callbar.module.css";
import styles from "./beside.module.css";
import { loadCarry, useBeside } from "./state.ts";

const Panel = fetched(() => import("./Panel.tsx"));

function Knock({ call, open }: { call: Call; open: () => void }) {
  const { t } = useTexts();
  const text = useBeside((beside) => (beside.callId === call.id ? beside.farText : ""));
  const asked = useBeside((beside) => beside.callId === call.id && beside.video?.video === "asked");
  if (!text && !asked) return null;
  const name = call.customer_name || t("beside.customer");
  return (
    <Portal>
      <div className={styles.knock} role="group" aria-label={t("beside.panel")}>
        <p>{asked ? t("beside.askedBy", { name }) : t("beside.types", { name, text })}</p>
        <Button size="compact-md" variant="default" onClick={open}>
          {t("beside.show")}
        </Button>
      </div>
    </Portal>
  );
}

export function BesideButton({ call }: { call: Call }) {
  const { t } = useTexts();
  const open = useBeside((beside) => beside.open && beside.callId === call.id);
  const button = useRef<HTMLButtonElement>(null);
  const show = async (wanted: boolean) => {
    (await loadCarry()).begin(call.id);
    useBeside.setState({ open: wanted });
    if (!wanted) button.current?.focus();
  };
  return (
    <>
      <Tooltip label={t("beside.panel")}>
        <Button
          ref={button}
          variant="subtle"
          className={callbar.act}
          aria-label={t("beside.panel")}
          aria-expanded={open}
          data-on={open || undefined}
          leftSection={<Video size={18} />}
          onClick={() => void show(!open)}
        />
      </Tooltip>
      {open ? (
        <Portal>
          <Suspense>
            <Panel call={call} close={() => void show(false)} />
          </Suspense>
        </Portal>
      ) : (
        <Knock call={call} open={() => void show(true)} />
      )}
    </>
  );
}
