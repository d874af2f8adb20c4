/** At the foot of the picture: closer, further, all of it, laid out anew; and the counts of the live version. */
import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { Panel, useReactFlow, useStore } from "@xyflow/react";
import { percent } from "@parlons/ui/format.ts";
import { Maximize, Minus, Plus, Users } from "lucide-react";
import type { ReactNode } from "react";
import { attempt } from "../../data/actions.ts";
import { announce } from "../../data/ui.ts";
import { useTexts } from "../../i18n/index.ts";
import styles from "./canvas.module.css";
import { unplaced } from "./edit.ts";
import { trafficOf } from "./server.ts";
import { tidy, useBuilder } from "./store.ts";

const HOURS = 24;

export function Tools() {
  const { t, locale } = useTexts();
  const view = useReactFlow();
  const zoom = useStore((state) => state.transform[2]);
  const { live, traffic } = useBuilder();
  const count = async () => {
    if (traffic || !live) return useBuilder.setState({ traffic: null });
    const told = await attempt(trafficOf(live.state.id, HOURS));
    if (told) useBuilder.setState({ traffic: told });
  };
  const arranged = () => {
    tidy(unplaced(useBuilder.getState().draft.flow));
    announce(t("drawn.tidiedNow"));
    requestAnimationFrame(() => void view.fitView({ minZoom: 0.3, maxZoom: 1, padding: 0.08 }));
  };
  return (
    <Panel position="bottom-left" className={styles.tools}>
      <Tool name={t("drawn.zoomOut")} act={() => void view.zoomOut()} icon={<Minus size={16} />} />
      <Tool name={t("drawn.zoomIn")} act={() => void view.zoomIn()} icon={<Plus size={16} />} />
      <Tool name={t("drawn.fit")} act={() => void view.fitView({ padding: 0.08 })} icon={<Maximize size={16} />} />
      <span className="num">{percent(zoom, locale)}</span>
      <Button variant="subtle" size="compact-sm" onClick={arranged}>
        {t("drawn.tidy")}
      </Button>
      <Tooltip label={t("drawn.trafficOf", { number: live?.state.version ?? 0 })}>
        <Button variant={traffic ? "light" : "subtle"} size="compact-sm" aria-pressed={traffic !== null} leftSection={<Users size={14} />} onClick={() => void count()}>
          {t("drawn.traffic")}
        </Button>
      </Tooltip>
    </Panel>
  );
}

function Tool({ name, act, icon }: { name: string; act: () => void; icon: ReactNode }) {
  return (
    <Tooltip label={name}>
      <ActionIcon aria-label={name} onClick={act} size={28}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}
