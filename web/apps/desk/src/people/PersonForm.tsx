/** One person: who it is, the role, the firms and queues it reaches; and below, the way in and the way out. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { ApiError, post, remove } from "@parlons/client/http.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { type FormEvent, useState } from "react";
import { attempt, cause } from "../data/actions.ts";
import { useSession } from "../data/session.ts";
import { announce, toast } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { Bounds } from "./Bounds.tsx";
import styles from "./people.module.css";
import { type Draft, keepPerson, type Person, type Role, setActive, useMayGive, useRoleName } from "./people.ts";
import { Secret } from "./Secret.tsx";

interface Props {
  person: Person | null;
  roles: Role[];
  changed: () => Promise<void>;
  done: () => void;
}

export function PersonForm({ person, roles, changed, done }: Props) {
  const { t, locale } = useTexts();
  const me = useSession((session) => session.me);
  const queues = useSnapshot((snapshot) => snapshot.queues);
  const mayGive = useMayGive();
  const called = useRoleName();
  const fresh: Draft = { email: "", name: "", role: "agent", firm_ids: me?.user.firm_ids ?? null, queue_ids: null, locale };
  const [draft, setDraft] = useState<Draft>(person ?? fresh);
  const [trouble, setTrouble] = useState<{ field: string; text: string } | null>(null);
  const [link, setLink] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const at = (field: string) => (trouble?.field === field ? trouble.text : undefined);
  const given = roles.filter((each) => mayGive(each.rights) || each.name === person?.role);
  const role = roles.find((each) => each.name === draft.role);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setTrouble(null);
    try {
      const { email, name, role, firm_ids, queue_ids, locale } = draft;
      const kept = await keepPerson({ email, name, role, firm_ids, queue_ids, locale }, person);
      await changed();
      announce(t("staff.kept", { name: kept.name }));
      if ("link" in kept) setLink(String(kept.link));
      else {
        toast(t("staff.kept", { name: kept.name }));
        done();
      }
    } catch (error) {
      const field = error instanceof ApiError ? String(error.problem.details?.field ?? "") : "";
      setTrouble({ field, text: cause(error) });
      announce(cause(error), true);
    }
    setBusy(false);
  };
  if (link !== null)
    return <Secret title={t("staff.linkFor", { name: draft.name || draft.email })} value={link} help={t("staff.linkHelp")} done={done} />;
  const firms = (me?.firms ?? []).map((each) => ({ id: each.id, name: each.name }));
  const places = Object.values(queues)
    .filter((each) => draft.firm_ids === null || each.firm_id === null || draft.firm_ids.includes(each.firm_id))
    .sort((a, b) => a.name.localeCompare(b.name));
  return (
    <>
      <form className={styles.form} onSubmit={(event) => void submit(event)} aria-label={person?.name ?? t("staff.invite")}>
        <TextInput label={t("staff.email")} type="email" required value={draft.email} error={at("email")} onChange={(event) => change({ email: event.currentTarget.value })} />
        <TextInput label={t("staff.name")} required value={draft.name} error={at("name")} onChange={(event) => change({ name: event.currentTarget.value })} />
        <NativeSelect
          label={t("staff.role")}
          description={role?.rights.map((each) => t(`staff.right.${each}`)).join(" · ")}
          value={draft.role}
          error={at("role")}
          onChange={(event) => change({ role: event.currentTarget.value })}
          data={given.map((each) => ({ value: each.name, label: called(each.name) }))}
        />
        <Bounds legend={t("staff.firms")} all={t("staff.allFirms")} some={t("staff.someFirms")} mayAll={me?.user.firm_ids == null && !role?.bound} choices={firms} value={role?.bound ? (draft.firm_ids ?? []) : draft.firm_ids} change={(firm_ids) => change({ firm_ids })} fault={at("firm_ids")} />
        <Bounds legend={t("staff.queues")} all={t("staff.allQueues")} some={t("staff.someQueues")} mayAll={me?.user.queue_ids == null} choices={places} value={draft.queue_ids} change={(queue_ids) => change({ queue_ids })} fault={at("queue_ids")} />
        <NativeSelect label={t("staff.language")} value={draft.locale} onChange={(event) => change({ locale: event.currentTarget.value as "en" | "fr" })} data={[{ value: "fr", label: "Français" }, { value: "en", label: "English" }]} />
        {trouble && !at("email") && !at("name") && !at("role") && !at("firm_ids") && !at("queue_ids") && <p className={styles.bad} role="alert">{trouble.text}</p>}
        <div className={styles.row}>
          <Button type="submit" loading={busy}>{t(person ? "staff.save" : "staff.inviteNow")}</Button>
          <Button variant="default" onClick={done}>{t("staff.cancel")}</Button>
        </div>
      </form>
      {person && <Ways person={person} changed={changed} show={setLink} />}
    </>
  );
}

/** The way in and the way out. */
function Ways({ person, changed, show }: { person: Person; changed: () => Promise<void>; show: (link: string) => void }) {
  const { t } = useTexts();
  const mine = useSession((session) => session.me?.user.id) === person.id;
  const ask = async (way: "link" | "reset") => {
    const made = await attempt(post<{ link: string }>(`/users/${person.id}/${way}`, {}));
    if (!made) return;
    await changed();
    show(made.link);
  };
  const revoke = async () => {
    if (!(await attempt(remove(`/users/${person.id}/link`).then(() => true)))) return;
    toast(t("staff.revoked"));
    await changed();
  };
  const active = async (wanted: boolean) => {
    if (!(await attempt(setActive(person, wanted)))) return;
    const undo = wanted ? {} : { undo: () => void attempt(setActive(person, true)).then(changed) };
    toast(t(wanted ? "staff.back" : "staff.gone", { name: person.name }), undo, 10);
    await changed();
  };
  return (
    <section className={styles.ways} aria-label={t("staff.access")}>
      <h3>{t("staff.access")}</h3>
      {person.active ? (
        <>
          <p className={styles.quiet}>{t(person.invited ? "staff.linkOpen" : person.signed_in_at ? "staff.signedIn" : "staff.noLink")}</p>
          <div className={styles.row}>
            <Button variant="default" onClick={() => void ask("link")}>{t("staff.newLink")}</Button>
            {person.invited && <Button variant="default" onClick={() => void revoke()}>{t("staff.revoke")}</Button>}
            {!mine && <Button variant="default" onClick={() => void ask("reset")}>{t("staff.reset")}</Button>}
            {!mine && <Button variant="default" color="red" onClick={() => void active(false)}>{t("staff.deactivate")}</Button>}
          </div>
          {!mine && <p className={styles.quiet}>{t("staff.resetHelp")}</p>}
        </>
      ) : (
        <Button variant="default" onClick={() => void active(true)}>{t("staff.activate")}</Button>
      )}
    </section>
  );
}
