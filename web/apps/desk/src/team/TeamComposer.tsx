/** Where one writes to colleagues: the draft is kept by the server, `@` names somebody of the discussion, Ctrl+Enter sends. */
import { ActionIcon, Button, Tooltip } from "@mantine/core";
import type { Discussion } from "@parlons/client/team.ts";
import { Kbd } from "@parlons/ui/Portrait.tsx";
import { AtSign, Inbox, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useId } from "react";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import composer from "../conversation/composer.module.css";
import { useField } from "../conversation/composing.ts";
import { callFor } from "../conversation/field.ts";
import { named } from "../conversation/mentions.ts";
import { Suggest } from "../conversation/Suggest.tsx";
import { plain, useSuggestions } from "../conversation/suggesting.ts";
import { Tally } from "../conversation/Tally.tsx";
import { keyLabel, useCommand } from "../keys/useKeys.ts";
import { useDraft } from "./draft.ts";
import { say, useSaid } from "./said.ts";
import styles from "./team.module.css";
import { conversationIn, others, titleOf } from "./discussions.ts";

const LONGEST = 4000;
const SHOWN = 8;

/** The conversation the next line is about, until it is sent or let go of. */
function AboutChip() {
  const { t } = useTexts();
  const about = useSaid((store) => store.about);
  if (!about) return null;
  return (
    <p className={styles.chip}>
      <Inbox size={14} aria-hidden="true" />
      <span>{t("team.aboutNext", { name: about.name })}</span>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={24}
        aria-label={t("team.aboutNot", { name: about.name })}
        onClick={() => useSaid.setState({ about: null })}
      >
        <X size={14} />
      </ActionIcon>
    </p>
  );
}

export function TeamComposer({ discussion }: { discussion: Discussion }) {
  const { t } = useTexts();
  const id = useId();
  const me = useSession((session) => session.me?.user.id);
  const draft = useDraft(discussion.id);
  const { text } = draft;
  const { field, focus, plain: area } = useField(text);
  const team = discussion.kind === "team";
  const people = others(discussion, me).map((each) => ({ id: each.user_id, name: each.name }));
  const title = titleOf(discussion, me);
  const suggestions = useSuggestions({
    id,
    sign: "@",
    enabled: team && text.includes("@"),
    text,
    field,
    find: (query) => people.filter((each) => plain(each.name).includes(plain(query))).slice(0, SHOWN),
    choose: (each, token) => field.current?.replace(token, `@${each.name} `),
  });
  useCommand("reply", focus);
  useEffect(() => {
    if (useSaid.getState().entering !== discussion.id) return;
    useSaid.setState({ entering: null });
    focus();
  }, [discussion.id]);
  const excess = Math.max(0, text.trim().length - LONGEST);
  const can = text.trim().length > 0 && excess === 0;
  const gone = !team && others(discussion, me)[0]?.active === false;
  const submit = () => {
    if (!can) return;
    const about = useSaid.getState().about?.id ?? conversationIn(text);
    say(discussion.id, text.trim(), team ? named(text, people) : [], about);
    useSaid.setState({ about: null });
    draft.clear();
  };
  const onKey = (event: KeyboardEvent) => {
    if (suggestions.onKey(event)) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.nativeEvent.isComposing) {
      event.preventDefault();
      submit();
    }
    if (event.key === "Escape") (event.currentTarget as HTMLElement).blur();
  };
  if (gone) return <p className={styles.ended}>{t("refusal.colleague-gone")}</p>;
  return (
    <div>
      <Suggest id={id} label={t("comfort.mention.list")} suggestions={suggestions} show={(each) => each.name} />
      <div className={composer.composer}>
        <AboutChip />
        <textarea
          ref={area}
          rows={1}
          value={text}
          data-composer
          aria-label={t("team.writeTo", { name: title })}
          placeholder={t("team.writeTo", { name: title })}
          onChange={(event) => draft.write(event.currentTarget.value)}
          onBlur={() => draft.store()}
          onKeyDown={onKey}
          onSelect={suggestions.look}
          {...suggestions.aria}
        />
        <div className={composer.tools}>
          {team && (
            <Tooltip label={t("team.name")}>
              <ActionIcon
                variant="subtle"
                color="gray"
                size={30}
                aria-label={t("team.name")}
                onClick={() => field.current && callFor(field.current, "@")}
              >
                <AtSign size={16} />
              </ActionIcon>
            </Tooltip>
          )}
          <Tally text={text} over={excess} segmented={false} keptAt={draft.keptAt} />
          <Button onClick={submit} disabled={!can} rightSection={<Kbd>{keyLabel("send")}</Kbd>} className={composer.send}>
            {t("composer.send")}
          </Button>
        </div>
      </div>
    </div>
  );
}
