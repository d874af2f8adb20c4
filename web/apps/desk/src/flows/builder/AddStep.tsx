/** A new step: its kind out of a list; it stands beside the one that is chosen, and the first open way leads to it. */
import { Menu } from "@mantine/core";
import type { ReactNode } from "react";
import { announce } from "../../data/ui.ts";
import { useTexts } from "../../i18n/index.ts";
import { added, connected } from "./edit.ts";
import styles from "./form.module.css";
import { KindIcon } from "./kindIcons.tsx";
import { knownPorts, stepsOf } from "./ports.ts";
import { choose, edit, useBuilder } from "./store.ts";
import { focusStep } from "./useCanvasKeys.ts";
import { kindHelp, kindWord } from "./words.ts";

interface Props {
  opened: boolean;
  change: (opened: boolean) => void;
  children: ReactNode;
}

export function AddStep({ opened, change, children }: Props) {
  const { t } = useTexts();
  const kinds = useBuilder((state) => state.catalogue.kinds);
  const add = (kind: string) => {
    const { draft, catalogue, chosen } = useBuilder.getState();
    const [flow, name] = added(draft.flow, catalogue, kind);
    const from = chosen[0];
    const open = from === undefined ? undefined : knownPorts(catalogue, stepsOf(draft.flow).get(from)).find(({ loose }) => loose);
    edit(from !== undefined && open ? connected(flow, from, open.path, name) : flow);
    choose(name);
    useBuilder.setState({ panel: "step" });
    announce(t("drawn.addedNow", { name }));
    setTimeout(() => focusStep(name));
  };
  return (
    <Menu opened={opened} onChange={change} position="bottom-start" returnFocus={false} transitionProps={{ duration: 0 }}>
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown className={styles.kinds}>
        <Menu.Label>{t("drawn.addOf")}</Menu.Label>
        {kinds.map(({ kind }) => (
          <Menu.Item key={kind} leftSection={<KindIcon kind={kind} />} onClick={() => add(kind)}>
            {kindWord(kind)}
            {kindHelp(kind) && <span className={styles.kindHelp}>{kindHelp(kind)}</span>}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
