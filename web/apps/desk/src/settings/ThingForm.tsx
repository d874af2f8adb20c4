/** The form of one thing: its fields, what its change would do, and the acts. Nothing is put to work before Save. */
import { Button } from "@mantine/core";
import { when } from "@parlons/ui/format.ts";
import { History, Trash2 } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { ApiError } from "@parlons/client/http.ts";
import { cause } from "../data/actions.ts";
import { toast } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { Around, Control, faultWord } from "./Control.tsx";
import { EffectsView } from "./EffectsView.tsx";
import { changed, deciding, held, type Node, propertiesOf, said, type Thing } from "./fields.ts";
import styles from "./form.module.css";
import { Revisions } from "./Revisions.tsx";
import { loadSettings, removeThing, type Setting, undoRevision } from "./settings.ts";
import { Places, UsedBy } from "./UsedBy.tsx";
import { useThing } from "./useThing.ts";

interface FormProps {
  kind: string;
  /** None: it is to be new. */
  setting: Setting | null;
  node: Node;
  /** Fields a new one begins with. */
  begin?: Thing;
  /** Whether it may be removed. */
  removable?: boolean;
  /** What it is called now, and the one-time links of people who are new. */
  saved: (name: string, links: Record<string, string>) => void;
  gone: () => void;
  children?: ReactNode;
}

const NOTHING: Thing = {};

export function ThingForm({ kind, setting, node, begin = NOTHING, removable = true, saved, gone, children }: FormProps) {
  const { t, locale } = useTexts();
  const edited = useThing(kind, setting, node, begin, saved);
  const { thing, faults, clash, refusal, dirty, draft } = edited;
  const [history, setHistory] = useState(false);
  const [used, setUsed] = useState<ApiError | null>(null);
  const defs = node.$defs ?? {};
  const decided = deciding(node, thing);
  const shown = new Set(Object.keys(node.properties ?? {}));
  const loose = faults.filter((each) => !shown.has(each.path.split(/[.[]/)[0] ?? ""));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void edited.save();
  };
  const remove = async () => {
    if (!setting) return;
    try {
      const { revision } = await removeThing(kind, setting.name, { etag: setting.etag });
      gone();
      await loadSettings();
      toast(t("settings.removed", { name: setting.name }), revision ? { undo: () => void undoRevision(revision, cause) } : {}, 10);
    } catch (error) {
      if (error instanceof ApiError) setUsed(error);
    }
  };
  return (
    <Around.Provider value={{ kind, defs, faults, thing }}>
      {draft && dirty && (
        <div className={styles.notice} role="status">
          <p>{t("settings.draft", { at: when(draft.at, locale) })}</p>
        </div>
      )}
      <form className={styles.fields} onSubmit={submit} noValidate key={edited.filled}>
        {Object.entries(propertiesOf(node, thing)).map(([name, each]) => (
          <Control
            key={each === node.properties?.[name] ? name : `${name} ${decided}`}
            node={each}
            path={name}
            words={[name]}
            value={held(thing, name, each)}
            change={(value) => edited.change(changed(node, thing, name, value))}
          />
        ))}
        <div className={styles.foot}>
          <div aria-live="polite">
            {faults.length > 0 && <p className={styles.error}>{t("settings.faults", { count: faults.length })}</p>}
            {loose.map((each) => (
              <p key={each.path + each.message} className={styles.error}>
                {said(each, faultWord)}
              </p>
            ))}
            {edited.along.length > 0 && dirty && faults.length === 0 && (
              <div className={styles.notice}>
                <p>{t("settings.along", { count: edited.along.length })}</p>
                <Places things={edited.along} />
              </div>
            )}
            {edited.effects && dirty && faults.length === 0 && <EffectsView effects={edited.effects} />}
          </div>
          {clash && <Meanwhile by={clash.by} at={clash.at} keep={edited.insist} discard={edited.discard} />}
          {refusal && <Refused error={refusal} accept={(count) => void edited.save(count)} />}
          <div className={styles.acts}>
            <Button type="submit" disabled={(!dirty && setting !== null) || edited.busy || clash !== null}>
              {t(setting ? "settings.save" : "settings.create")}
            </Button>
            {dirty && (setting || draft) && (
              <Button variant="default" onClick={() => void edited.discard()}>
                {t("settings.discard")}
              </Button>
            )}
            {setting && (
              <Button
                variant="subtle"
                leftSection={<History size={16} />}
                aria-expanded={history}
                onClick={() => setHistory(!history)}
              >
                {t("settings.history.title")}
              </Button>
            )}
            {setting && removable && (
              <Button variant="subtle" color="gray" leftSection={<Trash2 size={16} />} onClick={() => void remove()}>
                {t("settings.remove")}
              </Button>
            )}
          </div>
          {used && <UsedBy error={used} />}
        </div>
      </form>
      {children}
      {history && setting && <Revisions kind={kind} name={setting.name} />}
    </Around.Provider>
  );
}

function Meanwhile({ by, at, keep, discard }: { by: string; at: string; keep: () => Promise<void>; discard: () => Promise<void> }) {
  const { t, locale } = useTexts();
  return (
    <div className={styles.notice} data-tone="warn" role="alert">
      <p>{t("settings.meanwhile", { by: by || t("settings.somebody"), at: at ? when(at, locale) : "" })}</p>
      <div className={styles.acts}>
        <Button variant="default" size="compact-sm" onClick={() => void discard()}>
          {t("settings.theirs")}
        </Button>
        <Button variant="default" size="compact-sm" onClick={() => void keep()}>
          {t("settings.mine")}
        </Button>
      </div>
    </div>
  );
}

export function Refused({ error, accept }: { error: ApiError; accept: (count: number) => void }) {
  const { t } = useTexts();
  const count = error.problem.details?.stranded;
  if (error.problem.code === "would-strand" && typeof count === "number")
    return (
      <div className={styles.notice} data-tone="warn" role="alert">
        <p>{t("settings.strands", { count })}</p>
        <div className={styles.acts}>
          <Button variant="default" size="compact-sm" onClick={() => accept(count)}>
            {t("settings.accept", { count })}
          </Button>
        </div>
      </div>
    );
  return (
    <div className={styles.notice} data-tone="bad" role="alert">
      <p>{cause(error)}</p>
    </div>
  );
}

