/** What every editor of this part has: the name, whether it is a draft, checks with their remedies, save, and the way back. */
import { Button, TextInput } from "@mantine/core";
import type { ApiError } from "@parlons/client/http.ts";
import { when } from "@parlons/ui/format.ts";
import { ArrowLeft, Check, TriangleAlert } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { announce, toast } from "../data/ui.ts";
import { go } from "../data/route.ts";
import { AllLink } from "../settings/AllLink.tsx";
import { UsedBy } from "../settings/UsedBy.tsx";
import { useTexts } from "../i18n/index.ts";
import { type Draft, type Kind, removeThing, undoRevision } from "./draft.ts";
import { EffectsText } from "./EffectsText.tsx";
import styles from "./editor.module.css";

const SECTION = { queue: "queues", workflow: "workflows" } as const;

export const openThing = (kind: Kind, name: string | null, replace = false) =>
  go({ page: "settings", section: SECTION[kind], name }, replace);

interface Props<T extends { name: string }> {
  kind: Kind;
  name: string;
  draft: Draft<T>;
  /** Something on this page cannot be read yet: saving waits. */
  unread: boolean;
  saved: () => void;
  /** Short fields beside the name. */
  fields: ReactNode;
  children: ReactNode;
  aside: ReactNode;
}

function Standing<T>({ draft, unread }: { draft: Draft<T>; unread: boolean }) {
  const { t } = useTexts();
  if (unread || draft.trouble)
    return (
      <span className={styles.standing} data-tone="bad">
        <TriangleAlert size={14} aria-hidden /> {t("routing.edit.problem")}
      </span>
    );
  if (!draft.dirty || !draft.checked) return null;
  return (
    <span className={styles.standing} data-tone="ok">
      <Check size={14} aria-hidden /> {t("routing.edit.noProblem")}
    </span>
  );
}

function Troubles<T>({ draft, save }: { draft: Draft<T>; save: (accept?: number) => void }) {
  const { t, locale } = useTexts();
  const { trouble } = draft;
  if (!trouble) return null;
  const said =
    trouble.kind === "strands"
      ? t("routing.edit.strands", { count: trouble.count })
      : trouble.kind === "refused"
        ? trouble.text
        : trouble.by && trouble.at
          ? t("routing.edit.meanwhileBy", { by: trouble.by, at: when(trouble.at, locale) })
          : t("routing.edit.meanwhile");
  return (
    <div className={styles.trouble} role="alert">
      <p>{said}</p>
      {trouble.kind === "strands" && (
        <Button size="compact-sm" variant="default" onClick={() => save(trouble.count)}>
          {t("routing.edit.saveStranding", { count: trouble.count })}
        </Button>
      )}
      {trouble.kind === "meanwhile" && (
        <Button size="compact-sm" variant="default" onClick={draft.reload}>
          {t("routing.edit.reload")}
        </Button>
      )}
    </div>
  );
}

export function EditorFrame<T extends { name: string }>({ kind, name, draft, unread, saved, fields, children, aside }: Props<T>) {
  const { t } = useTexts();
  const [removing, setRemoving] = useState(false);
  const [used, setUsed] = useState<ApiError | null>(null);
  const { thing, served, dirty } = draft;
  useEffect(() => setRemoving(false), [name]);
  const back = () => openThing(kind, null);
  const save = async (accept?: number) => {
    const revision = await draft.save(accept);
    if (revision === null) return;
    announce(t("routing.edit.savedSay"));
    const undo = () =>
      void undoRevision(revision).then((undone) => {
        if (!undone) return;
        saved();
        if (served) draft.reload();
        else back();
      });
    toast(t("routing.edit.saved", { name: thing?.name ?? name }), revision ? { undo } : {}, 10);
    saved();
    if (thing && thing.name !== name) openThing(kind, thing.name, true);
  };
  const removed = async () => {
    setRemoving(true);
    const refused = await removeThing(kind, name, t("routing.edit.removed", { name }), saved);
    setRemoving(false);
    setUsed(refused);
    if (!refused) back();
  };
  if (draft.missing)
    return (
      <div className={styles.page}>
        <p className={styles.gone}>{t(`routing.edit.missing.${kind}`, { name })}</p>
        <Button variant="default" onClick={back} className={styles.goneAct}>
          {t(`routing.${kind}.all`)}
        </Button>
      </div>
    );
  if (!thing) return null;
  return (
    <section className={styles.page} aria-label={thing.name || t(`routing.${kind}.new`)}>
      <header className={styles.head}>
        <Button size="compact-sm" variant="subtle" ml={-8} leftSection={<ArrowLeft size={14} />} onClick={back}>
          {t(`routing.${kind}.all`)}
        </Button>
        <h2>{thing.name || t(`routing.${kind}.new`)}</h2>
        {dirty && <span className={styles.chip}>{t(draft.kept ? "routing.edit.draftKept" : "routing.edit.draft")}</span>}
        {dirty && served && <span className={styles.serving}>{t("routing.edit.serving")}</span>}
        <span className={styles.space} />
        <Standing draft={draft} unread={unread} />
        <AllLink kind={kind} name={name} />
        {served && !dirty && (
          <Button variant="default" loading={removing} onClick={() => void removed()}>
            {t("routing.edit.remove")}
          </Button>
        )}
        {dirty && served && (
          <Button variant="default" onClick={draft.discard}>
            {t("routing.edit.discard")}
          </Button>
        )}
        <Button
          onClick={() => void save()}
          loading={draft.busy}
          disabled={!dirty || unread || !thing.name.trim() || draft.trouble?.kind === "refused"}
        >
          {t("routing.edit.save")}
        </Button>
      </header>
      <div className={styles.columns}>
        <div className={styles.main} data-scroll>
          {used && <UsedBy error={used} />}
          <Troubles draft={draft} save={(accept) => void save(accept)} />
          <div className={styles.fields}>
            <TextInput
              label={t("routing.edit.name")}
              value={thing.name}
              maxLength={200}
              onChange={(event) => draft.change({ name: event.currentTarget.value } as Partial<T>)}
            />
            {fields}
          </div>
          {children}
        </div>
        <aside className={styles.aside} aria-label={t("routing.edit.aside")} data-scroll>
          {aside}
          {dirty && draft.checked && <EffectsText effects={draft.checked.effects} text={draft.checked.text} />}
        </aside>
      </div>
    </section>
  );
}
