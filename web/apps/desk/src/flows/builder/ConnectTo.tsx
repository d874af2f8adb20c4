/** What a drag from one step to another does, by keyboard: which way, to which step, or to a new one. */
import { Button, Modal, NativeSelect } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { announce } from "../../data/ui.ts";
import { useTexts } from "../../i18n/index.ts";
import styles from "./builder.module.css";
import { added, connected } from "./edit.ts";
import formed from "./form.module.css";
import { Picked } from "./Picked.tsx";
import { knownPorts, stepsOf } from "./ports.ts";
import { choose, edit, useBuilder } from "./store.ts";
import { focusStep } from "./useCanvasKeys.ts";
import { flowLanguage, kindWord, portWord } from "./words.ts";

const NEW = "+ ";

export function ConnectTo() {
  const { t } = useTexts();
  const connecting = useBuilder((state) => state.connecting);
  const close = () => {
    const step = useBuilder.getState().connecting?.step;
    useBuilder.setState({ connecting: null });
    if (step) focusStep(step);
  };
  return (
    <Modal opened={connecting !== null} onClose={close} title={t("drawn.connectOf", { step: connecting?.step ?? "" })} returnFocus={false} closeButtonProps={{ "aria-label": t("drawn.cancel") }} transitionProps={{ duration: 0 }}>
      {connecting && <Ways key={connecting.step} step={connecting.step} first={connecting.port} close={close} />}
    </Modal>
  );
}

function Ways({ step, first, close }: { step: string; first: string | null; close: () => void }) {
  const { t } = useTexts();
  const { catalogue, draft } = useBuilder.getState();
  const language = flowLanguage(draft.flow);
  const inside = stepsOf(draft.flow).get(step);
  const ports = knownPorts(catalogue, inside);
  const begin = ports.find(({ id }) => id === first) ?? ports.find(({ loose }) => loose) ?? ports[0];
  const [way, setWay] = useState(begin?.id ?? "");
  const port = ports.find(({ id }) => id === way);
  const [to, setTo] = useState<string | null>(port?.to ?? null);
  const kinds = catalogue.kinds.map(({ kind }) => ({ kind, name: `${NEW}${t("drawn.newStep", { kind: kindWord(kind) })}` }));
  const names = [...[...stepsOf(draft.flow).keys()].filter((name) => name !== step), step, ...kinds.map(({ name }) => name)];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!port) return close();
    const fresh = kinds.find(({ name }) => name === to);
    const [flow, own] = fresh ? added(draft.flow, catalogue, fresh.kind) : [draft.flow, to];
    edit(connected(flow, step, port.path, own));
    announce(t("drawn.connected", { way: portWord(inside, port, language), step, to: own ?? t("drawn.nowhere") }));
    useBuilder.setState({ connecting: null });
    choose(fresh && own ? own : step);
    focusStep(fresh && own ? own : step);
  };
  return (
    <form className={formed.form} onSubmit={submit}>
      <NativeSelect
        label={t("drawn.way")}
        value={way}
        onChange={(event) => {
          setWay(event.currentTarget.value);
          setTo(ports.find(({ id }) => id === event.currentTarget.value)?.to ?? null);
        }}
        data={ports.map((each) => ({ value: each.id, label: `${portWord(inside, each, language)}${each.to ? ` → ${each.to}` : ""}`.replace("→", "·") }))}
      />
      <Picked label={t("drawn.to")} names={names} value={to} change={setTo} unset={t("drawn.nowhere")} focus />
      <div className={styles.acts}>
        <Button type="submit" disabled={!port}>{t("drawn.doConnect")}</Button>
        <Button variant="default" onClick={close}>{t("drawn.cancel")}</Button>
      </div>
    </form>
  );
}
