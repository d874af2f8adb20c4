/** Every field of a step, beside the picture and in the outline alike. */
import { Button, TextInput } from "@mantine/core";
import { Copy, Flag, Trash2 } from "lucide-react";
import { memo, useCallback, useState } from "react";
import { announce } from "../../data/ui.ts";
import { useTexts } from "../../i18n/index.ts";
import styles from "./builder.module.css";
import { changed, copied, NAME, pasted, removed, renamedStep } from "./edit.ts";
import { Fields, Raw } from "./FieldForm.tsx";
import formed from "./form.module.css";
import { KindIcon } from "./kindIcons.tsx";
import { kindOf } from "./kinds.ts";
import { kindIn, knownPorts, stepsOf } from "./ports.ts";
import { choose, edit, useBuilder } from "./store.ts";
import { focusStep } from "./useCanvasKeys.ts";
import { isDict, textOf, type Value } from "./value.ts";
import { kindWord } from "./words.ts";

const GROUPS = ["words", "ways", "settings"] as const;
const now = () => useBuilder.getState();

export const StepForm = memo(function StepForm({ name }: { name: string }) {
  const { t } = useTexts();
  const step = useBuilder((state) => stepsOf(state.draft.flow).get(name));
  const catalogue = useBuilder((state) => state.catalogue);
  const begins = useBuilder((state) => textOf(state.draft.flow.get("start")) === name);
  const set = useCallback((field: string, value: Value | undefined) => edit(changed(now().draft.flow, name, [field], value), `${name}.${field}`), [name]);
  if (step === undefined) return null;
  const word = kindIn(step);
  const kind = kindOf(catalogue, word);
  const ports = knownPorts(catalogue, step);
  const loose = (field: string) => ports.some((port) => port.loose && port.path[0] === field);
  return (
    <div className={formed.form} data-form={name}>
      <p className={formed.kind}>
        <KindIcon kind={word} /> {kindWord(word)}
      </p>
      <StepName key={name} name={name} />
      {kind && isDict(step) ? (
        GROUPS.map((group) => {
          const fields = kind.fields.filter((field) => (field.group ?? "settings") === group && field.name !== "at" && field.name !== "do");
          return (
            fields.length > 0 && (
              <section key={group} className={formed.group} aria-label={t(`drawn.groups.${group}`)}>
                <h4>{t(`drawn.groups.${group}`)}</h4>
                <Fields fields={fields} kind={word} value={step} change={set} looseAt={loose} />
              </section>
            )
          );
        })
      ) : (
        <Raw label={name} value={step} change={(value) => edit(changed(now().draft.flow, null, ["steps", name], value ?? null), name)} />
      )}
      <Acts name={name} begins={begins} />
    </div>
  );
});

/** What can have the focus in the form of a step; under a new name it is drawn anew, and the focus returns to its place. */
const fieldsOf = (name: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(`[data-form="${CSS.escape(name)}"] :is(input, textarea, select, button)`)];

function StepName({ name }: { name: string }) {
  const { t } = useTexts();
  const [typed, setTyped] = useState(name);
  const wanted = typed.trim();
  const bad = wanted !== name && (!NAME.test(wanted) || stepsOf(now().draft.flow).has(wanted));
  const rename = (next: Element | null) => {
    if (bad || wanted === name) return setTyped(name);
    const place = fieldsOf(name).indexOf(next as HTMLElement);
    const { draft, catalogue, laid } = now();
    const stands = laid.get(name);
    if (stands) useBuilder.setState({ laid: new Map(laid).set(wanted, stands) });
    edit(renamedStep(draft.flow, catalogue, name, wanted));
    choose(wanted);
    if (place >= 0) requestAnimationFrame(() => requestAnimationFrame(() => fieldsOf(wanted)[place]?.focus()));
  };
  return <TextInput label={t("drawn.name")} value={typed} maxLength={64} error={bad ? t("drawn.nameBad") : undefined} onChange={(event) => setTyped(event.currentTarget.value)} onBlur={(event) => rename(event.relatedTarget)} onKeyDown={(event) => event.key === "Enter" && rename(event.currentTarget)} />;
}

function Acts({ name, begins }: { name: string; begins: boolean }) {
  const { t } = useTexts();
  const connect = useBuilder((state) => knownPorts(state.catalogue, stepsOf(state.draft.flow).get(name)).length > 0);
  const copy = () => {
    const { draft, catalogue } = now();
    const [flow, names] = pasted(draft.flow, catalogue, copied(draft.flow, [name]));
    edit(flow);
    choose(...names);
    announce(t("drawn.addedNow", { name: names[0] ?? "" }));
  };
  const remove = () => {
    const { draft, catalogue } = now();
    const names = [...stepsOf(draft.flow).keys()];
    const beside = names[names.indexOf(name) + 1] ?? names[names.indexOf(name) - 1];
    edit(removed(draft.flow, catalogue, [name]));
    announce(t("drawn.removedNow", { count: 1 }));
    if (!beside) return choose();
    choose(beside);
    focusStep(beside);
  };
  return (
    <div className={styles.acts}>
      {connect && (
        <Button variant="default" size="compact-sm" onClick={() => useBuilder.setState({ connecting: { step: name, port: null } })}>
          {t("drawn.connect")}
        </Button>
      )}
      {!begins && (
        <Button variant="subtle" size="compact-sm" leftSection={<Flag size={14} />} onClick={() => edit(changed(now().draft.flow, null, ["start"], name))}>
          {t("drawn.begin")}
        </Button>
      )}
      <Button variant="subtle" size="compact-sm" leftSection={<Copy size={14} />} onClick={copy}>
        {t("drawn.duplicate")}
      </Button>
      <Button variant="subtle" size="compact-sm" leftSection={<Trash2 size={14} />} onClick={remove}>
        {t("drawn.remove")}
      </Button>
    </div>
  );
}

const setHeader = (field: string, value: Value | undefined): void => edit(changed(now().draft.flow, null, [field], value), `.${field}`);

/** The fields of the flow itself. */
export function HeaderForm() {
  const { t } = useTexts();
  const header = useBuilder((state) => state.catalogue.header);
  const flow = useBuilder((state) => state.draft.flow);
  const shown = header.filter(({ name }) => name !== "name");
  return (
    <div className={formed.form}>
      <h4>{t("drawn.header")}</h4>
      <Fields fields={shown} kind="" value={flow} change={setHeader} />
    </div>
  );
}
