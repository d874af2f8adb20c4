/** The head of the builder: which draft, which version answers, the three views, search, undo, publish. */
import { ActionIcon, Anchor, Button, SegmentedControl, TextInput, Tooltip } from "@mantine/core";
import { ArrowLeft, Pencil, Plus, Redo2, Search, Undo2 } from "lucide-react";
import { type RefObject, useMemo, useState } from "react";
import { address, go } from "../../data/route.ts";
import { announce } from "../../data/ui.ts";
import { useTexts } from "../../i18n/index.ts";
import { placeOf } from "../trials.ts";
import { AddStep } from "./AddStep.tsx";
import styles from "./builder.module.css";
import { show } from "./Problems.tsx";
import { found } from "./search.ts";
import { changedIn, choose, redo, undo, useBuilder, type View } from "./store.ts";
import { kindWord } from "./words.ts";

const VIEWS: View[] = ["picture", "outline", "text"];

interface Props {
  name: string;
  search: RefObject<HTMLInputElement | null>;
  adding: boolean;
  setAdding: (adding: boolean) => void;
  readOnly: boolean;
}

export function Head({ name, search, adding, setAdding, readOnly }: Props) {
  const { t } = useTexts();
  const view = useBuilder((state) => state.view);
  const live = useBuilder((state) => state.live?.state);
  const drafted = useBuilder(changedIn);
  const past = useBuilder((state) => state.draft.past.length > 0);
  const publishing = useBuilder((state) => state.panel === "publish");
  const future = useBuilder((state) => state.draft.future.length > 0);
  return (
    <header className={styles.top}>
      <div className={styles.title}>
        <Tooltip label={t("drawn.back", { name })}>
          <Anchor href={address(placeOf(name, false))} aria-label={t("drawn.back", { name })} className={styles.backLink} onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            go(placeOf(name, false));
          }}>
            <ArrowLeft size={18} />
          </Anchor>
        </Tooltip>
        <h2>{name}</h2>
        <span className={styles.chip} data-drafted={drafted || undefined}>
          {drafted && <Pencil size={12} aria-hidden />} {t(drafted ? "drawn.draft" : "drawn.same")}
        </span>
        <span className={styles.liveNow}>
          {live && t("drawn.liveNow", { number: live.version })}
          {live?.trial && ` · ${t("drawn.trialNow", { number: live.trial.trial_version, percent: live.trial.percent })}`}
        </span>
      </div>
      {!readOnly && (
        <div className={styles.bar}>
          <SegmentedControl aria-label={t("drawn.views")} size="xs" value={view} onChange={(value) => useBuilder.setState({ view: value as View })} data={VIEWS.map((value) => ({ value, label: t(`drawn.view.${value}`) }))} />
          <Act name={t("drawn.undo")} icon={<Undo2 size={16} />} act={undo} disabled={!past} />
          <Act name={t("drawn.redo")} icon={<Redo2 size={16} />} act={redo} disabled={!future} />
          <AddStep opened={adding} change={setAdding}>
            <Button variant="default" leftSection={<Plus size={16} />}>
              {t("drawn.add")}
            </Button>
          </AddStep>
          <Finder input={search} />
          <Button variant={publishing ? "default" : "filled"} onClick={() => useBuilder.setState({ panel: "publish" })}>{t("drawn.publish")}</Button>
        </div>
      )}
    </header>
  );
}

function Act({ name, icon, act, disabled }: { name: string; icon: React.ReactNode; act: () => void; disabled: boolean }) {
  return (
    <Tooltip label={name}>
      <ActionIcon aria-label={name} onClick={act} disabled={disabled} size={32}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}

/** Enter goes to the first step that has the words, and again to the next. */
function Finder({ input }: { input: RefObject<HTMLInputElement | null> }) {
  const { t } = useTexts();
  const flow = useBuilder((state) => state.draft.flow);
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(-1);
  const hits = useMemo(() => found(flow, query, kindWord), [flow, query]);
  const next = () => {
    if (hits.length === 0) return announce(t("drawn.found", { count: 0 }));
    const index = (at + 1) % hits.length;
    setAt(index);
    choose(hits[index]!);
    announce(hits[index]!);
  };
  return (
    <TextInput
      ref={input}
      className={styles.finder}
      aria-label={t("drawn.search")}
      placeholder={t("drawn.search")}
      leftSection={<Search size={14} />}
      rightSectionWidth={76}
      rightSection={query && <span className={styles.count}>{t("drawn.found", { count: hits.length })}</span>}
      value={query}
      onChange={(event) => {
        setQuery(event.currentTarget.value);
        setAt(-1);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") next();
        if (event.key !== "Escape") return;
        setQuery("");
        const here = useBuilder.getState().chosen[0];
        if (here) show(here);
      }}
    />
  );
}
