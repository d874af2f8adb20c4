/** The picture: steps that are dragged and connected by pointer, and by keyboard alike. */
import "@xyflow/react/dist/base.css";
import { Background, type Connection, type NodeChange, ReactFlow, ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTexts } from "../../i18n/index.ts";
import styles from "./canvas.module.css";
import { connected, movedTo } from "./edit.ts";
import { heightOf, type Place, WIDTH } from "./layout.ts";
import { litBy, painter } from "./picture.ts";
import { stepsOf } from "./ports.ts";
import { StepNode, type StepNodeType } from "./StepNode.tsx";
import { choose, edit, placeOf, useBuilder } from "./store.ts";
import { Tools } from "./Tools.tsx";
import { useCanvasKeys } from "./useCanvasKeys.ts";

const TYPES = { step: StepNode };
const NONE: never[] = [];

export function Canvas({ search, add }: { search: () => void; add: () => void }) {
  return (
    <ReactFlowProvider>
      <Drawn search={search} add={add} />
    </ReactFlowProvider>
  );
}

function Drawn({ search, add }: { search: () => void; add: () => void }) {
  const { t, locale } = useTexts();
  const { catalogue, draft, laid, chosen, problems, played, traffic } = useBuilder();
  const paint = useRef(painter()).current;
  const [dragged, setDragged] = useState<ReadonlyMap<string, Place> | null>(null);
  const flow = draft.flow;
  const lit = useMemo(() => litBy(played), [played]);
  const stop = chosen[0] ?? [...stepsOf(flow).keys()][0] ?? null;
  const { nodes, edges } = useMemo(
    () => paint({ catalogue, flow: dragged ? movedTo(flow, dragged) : flow, laid, chosen, stop, lit, problems: problems ?? NONE, traffic, locale }),
    [paint, catalogue, flow, dragged, laid, chosen, stop, lit, problems, traffic, locale],
  );
  const onNodesChange = useCallback((changes: NodeChange<StepNodeType>[]) => {
    const places = new Map<string, Place>();
    for (const change of changes) if (change.type === "position" && change.dragging && change.position) places.set(change.id, [change.position.x, change.position.y]);
    if (places.size) setDragged((before) => new Map([...(before ?? []), ...places]));
  }, []);
  const dropped = useCallback(() => {
    if (dragged) edit(movedTo(useBuilder.getState().draft.flow, dragged));
    setDragged(null);
  }, [dragged]);
  const onConnect = useCallback(({ source, sourceHandle, target }: Connection) => {
    if (sourceHandle) edit(connected(useBuilder.getState().draft.flow, source, sourceHandle.split("."), target));
  }, []);
  const onNodeClick = useCallback((event: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }, { id }: { id: string }) => {
    const before = useBuilder.getState().chosen;
    if (event.shiftKey || event.ctrlKey || event.metaKey) choose(...(before.includes(id) ? before.filter((each) => each !== id) : [id, ...before]));
    else choose(id);
    useBuilder.setState((now) => (now.panel === "step" || now.panel === "play" ? now : { panel: "step" }));
  }, []);
  const keys = useCanvasKeys(search, add);
  return (
    <section className={styles.canvas} aria-label={t("drawn.canvas")} onKeyDown={keys.onKeyDown} onCopy={keys.onCopy} onPaste={keys.onPaste}>
      <p className="hidden" id="canvas-help">{t("drawn.canvasHelp")}</p>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={TYPES}
        onNodesChange={onNodesChange}
        onNodeDragStop={dropped}
        onConnect={onConnect}
        onNodeClick={onNodeClick}
        onPaneClick={() => choose()}
        disableKeyboardA11y
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        nodesDraggable
        onlyRenderVisibleElements
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        minZoom={0.15}
        maxZoom={1.5}
        proOptions={{ hideAttribution: true }}
        aria-describedby="canvas-help"
      >
        <Background gap={22} size={1.4} />
        <Sight />
        <Tools />
      </ReactFlow>
    </section>
  );
}

/** Sees to it that what is chosen is seen; the whole flow at first, as large as can be read. */
function Sight() {
  const view = useReactFlow();
  const stop = useBuilder((state) => state.chosen[0]);
  const first = useRef(true);
  useEffect(() => {
    const { catalogue, draft } = useBuilder.getState();
    const begin = stop ?? String(draft.flow.get("start") ?? "");
    const place = placeOf(useBuilder.getState(), begin);
    const box = document.querySelector(".react-flow")?.getBoundingClientRect();
    if (!box) return;
    if (first.current) {
      first.current = false;
      void view.fitView({ minZoom: 0.55, maxZoom: 1, padding: 0.08 }).then(() => {
        const seen = view.flowToScreenPosition({ x: place[0], y: place[1] });
        if (seen.x < box.left || seen.y < box.top || seen.x > box.right - 80) void view.setViewport({ x: 32 - place[0] * 0.8, y: 120 - place[1] * 0.8, zoom: 0.8 });
      });
      return;
    }
    if (!stop) return;
    const height = heightOf(catalogue, stepsOf(draft.flow).get(stop));
    const [a, b] = [view.flowToScreenPosition({ x: place[0], y: place[1] }), view.flowToScreenPosition({ x: place[0] + WIDTH, y: place[1] + height })];
    if (a.x >= box.left && a.y >= box.top && b.x <= box.right && b.y <= box.bottom) return;
    void view.setCenter(place[0] + WIDTH / 2, place[1] + height / 2, { zoom: Math.max(0.6, view.getZoom()) });
  }, [stop, view]);
  return null;
}
