/** With whom: one person begins (or finds again) the discussion of two, several a team with a name; also changes a team. */
import { ActionIcon, Button, Checkbox, TextInput } from "@mantine/core";
import { get, newKey, patch, post } from "@parlons/client/http.ts";
import type { Colleague, Discussion } from "@parlons/client/team.ts";
import { ArrowLeft } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { attempt } from "../data/actions.ts";
import { go } from "../data/route.ts";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import head from "../conversation/head.module.css";
import { Presence } from "./Presence.tsx";
import { useSaid } from "./said.ts";
import styles from "./team.module.css";
import { others } from "./discussions.ts";

const LONGEST = 60;
const PAUSE_MS = 200;
type Page = { items: Colleague[] };

/** Colleagues whose name holds these words; null while the first are fetched. */
function useColleagues(words: string): Colleague[] | null {
  const [found, setFound] = useState<Colleague[] | null>(null);
  useEffect(() => {
    const leave = new AbortController();
    const ask = () =>
      get<Page>(`/team/colleagues?limit=200&q=${encodeURIComponent(words)}`, leave.signal)
        .then((page) => setFound(page.items.sort((a, b) => a.name.localeCompare(b.name))))
        .catch(() => setFound((before) => before ?? []));
    const soon = setTimeout(ask, words ? PAUSE_MS : 0);
    return () => {
      leave.abort();
      clearTimeout(soon);
    };
  }, [words]);
  return found;
}

interface Props {
  narrow: boolean;
  /** The team that is changed; without it one begins. */
  discussion?: Discussion;
  done?: () => void;
}

export function PeopleForm({ narrow, discussion, done }: Props) {
  const { t } = useTexts();
  const me = useSession((session) => session.me?.user.id);
  const [words, setWords] = useState("");
  const [name, setName] = useState(discussion?.name ?? "");
  const [chosen, setChosen] = useState<Colleague[]>(() => (discussion ? others(discussion, me) : []));
  const found = useColleagues(words.trim());
  // Nobody moves when he is chosen: the focus would be lost.
  const list = [...chosen.filter((each) => !found?.some((one) => one.user_id === each.user_id)), ...(found ?? [])];
  const team = discussion !== undefined || chosen.length > 1;
  const can = chosen.length > 0 && (!team || (name.trim() !== "" && name.trim().length <= LONGEST));
  const back = done ?? (() => go({ page: "colleagues", discussion: null }));
  const toggle = (each: Colleague, on: boolean) =>
    setChosen((before) => (on ? [...before, each] : before.filter((one) => one.user_id !== each.user_id)));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!can) return;
    const user_ids = chosen.map((each) => each.user_id);
    if (discussion) {
      const changed = await attempt(patch(`/team/discussions/${discussion.id}`, { name, user_ids, version: discussion.version }));
      if (changed) back();
      return;
    }
    const body = team ? { name, user_ids } : { user_id: user_ids[0] };
    const begun = await attempt(post<Discussion>("/team/discussions", body, { key: newKey() }));
    if (!begun) return;
    useSaid.setState({ entering: begun.id });
    go({ page: "colleagues", discussion: begun.id });
  };
  const label = discussion ? t("team.save") : team ? t("team.beginTeam") : t("team.begin", { name: chosen[0]?.name ?? "…" });
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      <header className={head.head}>
        {(narrow || discussion) && (
          <ActionIcon variant="subtle" color="gray" size={36} aria-label={t("act.back")} onClick={back}>
            <ArrowLeft size={18} />
          </ActionIcon>
        )}
        <div className={head.title}>
          <h1>{discussion ? t("team.edit") : t("team.new")}</h1>
          <p className={head.line}>
            <span>{t(discussion ? "team.editHelp" : "team.newHelp")}</span>
          </p>
        </div>
      </header>
      <div className={styles.fields}>
        <TextInput
          label={t("team.search")}
          type="search"
          data-autofocus
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <fieldset className={styles.people}>
          <legend>{t("team.chosen", { count: chosen.length })}</legend>
          {found !== null && list.length === 0 && <p className={styles.hint}>{t(words ? "team.noneFound" : "team.alone")}</p>}
          {list.map((each) => (
            <div key={each.user_id} className={styles.person}>
              <Checkbox
                label={each.name}
                checked={chosen.some((one) => one.user_id === each.user_id)}
                onChange={(event) => toggle(each, event.currentTarget.checked)}
              />
              <Presence workerId={each.worker_id} word />
            </div>
          ))}
        </fieldset>
      </div>
      <footer className={styles.foot}>
        {team && (
          <TextInput
            className={styles.teamName}
            label={t("team.teamName")}
            placeholder={t("team.teamNameExample")}
            maxLength={LONGEST}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        )}
        <Button variant="default" onClick={back}>
          {t("team.cancel")}
        </Button>
        <Button type="submit" disabled={!can}>
          {label}
        </Button>
      </footer>
    </form>
  );
}
