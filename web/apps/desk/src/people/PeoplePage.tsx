/** People: who is there, with which role and reach; one of them open beside the address. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { Plus, Search } from "lucide-react";
import { type MouseEvent, useEffect, useState } from "react";
import { attempt } from "../data/actions.ts";
import { address, go } from "../data/route.ts";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { AllLink } from "../settings/AllLink.tsx";
import { AllFields } from "../settings/OneThing.tsx";
import { NEW as NEW_THING } from "../settings/useThing.ts";
import type { SectionProps } from "../settings/sections.ts";
import { everybody, type Page, type Person, type Role, useRoleName, useTold } from "./people.ts";
import styles from "./people.module.css";
import { PersonForm } from "./PersonForm.tsx";

const NEW = "new";
const SHOWN = 200;
const place = (name: string | null) => ({ page: "settings", section: "people", name }) as const;

function Line({ person }: { person: Person }) {
  const { t } = useTexts();
  const called = useRoleName();
  const firms = useSession((session) => session.me?.firms) ?? [];
  const reach = person.firm_ids?.map((id) => firms.find((each) => each.id === id)?.name ?? "…").join(", ");
  const state = !person.active ? "inactive" : person.signed_in_at ? null : person.invited ? "invited" : "expired";
  const follow = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(place(person.id));
  };
  return (
    <li>
      <a href={address(place(person.id))} onClick={follow}>
        <b>{person.name}</b>
        <span>{person.email}</span>
        <small>{[called(person.role), reach ?? t("staff.allFirms"), state && t(`staff.state.${state}`)].filter(Boolean).join(" · ")}</small>
      </a>
    </li>
  );
}

function List({ people, roles }: { people: Person[]; roles: Role[] }) {
  const { t } = useTexts();
  const called = useRoleName();
  const [query, setQuery] = useState("");
  const [role, setRole] = useState("");
  const [gone, setGone] = useState(false);
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = people.filter(
    (each) =>
      each.active !== gone &&
      (!role || each.role === role) &&
      words.every((word) => `${each.name} ${each.email}`.toLowerCase().includes(word)),
  );
  return (
    <>
      <div className={styles.filters}>
        <TextInput aria-label={t("staff.search")} placeholder={t("staff.search")} leftSection={<Search size={15} />} value={query} onChange={(event) => setQuery(event.currentTarget.value)} />
        <NativeSelect aria-label={t("staff.byRole")} value={role} onChange={(event) => setRole(event.currentTarget.value)} data={[{ value: "", label: t("staff.everyRole") }, ...roles.map((each) => ({ value: each.name, label: called(each.name) }))]} />
        <NativeSelect aria-label={t("staff.byState")} value={gone ? "gone" : "here"} onChange={(event) => setGone(event.currentTarget.value === "gone")} data={[{ value: "here", label: t("staff.here") }, { value: "gone", label: t("staff.goneOnes") }]} />
      </div>
      <p className={styles.quiet} role="status">{t("staff.count", { count: found.length })}</p>
      <ul className={styles.list}>
        {found.slice(0, SHOWN).map((each) => (
          <Line key={each.id} person={each} />
        ))}
      </ul>
      {found.length > SHOWN && <p className={styles.quiet}>{t("staff.more", { count: found.length - SHOWN })}</p>}
    </>
  );
}

export default function PeoplePage({ name, all }: SectionProps) {
  const { t } = useTexts();
  const configures = useSession((session) => session.me?.user.role === "administrator" && session.me.user.firm_ids === null);
  const [people, setPeople] = useState<Person[] | null>(null);
  const [roles] = useTold<Page<Role>>("/roles");
  const read = async () => {
    const found = await attempt(everybody());
    if (found) setPeople([...found].sort((a, b) => a.name.localeCompare(b.name)));
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: at first, and when the page of all fields was left
  useEffect(() => void read(), [all]);
  const chosen = people?.find((each) => each.id === name || each.email === name) ?? null;
  if (all && name !== null) return people && <AllFields kind="user" name={chosen?.email ?? name} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <div className={styles.page} tabIndex={0} role="region" aria-label={t("staff.title")}>
      <header>
        <h2>{chosen && name !== null ? chosen.name : name === NEW ? t("staff.invite") : t("staff.title")}</h2>
        {name === null && (
          <Button leftSection={<Plus size={16} />} onClick={() => go(place(NEW))}>
            {t("staff.invite")}
          </Button>
        )}
        {configures && name !== null && (chosen?.active || name === NEW) && <AllLink kind="user" name={chosen?.email ?? NEW_THING} />}
      </header>
      {name === null && <p className={styles.quiet}>{t("staff.intro")}</p>}
      {people && roles && name === null && <List people={people} roles={roles.items} />}
      {people && roles && name !== null && (chosen || name === NEW) && (
        <PersonForm key={`${name}-${chosen?.version}`} person={chosen} roles={roles.items} changed={read} done={() => go(place(null))} />
      )}
      {people && name !== null && !chosen && name !== NEW && (
        <Button variant="default" onClick={() => go(place(null))}>{t("act.back")}</Button>
      )}
    </div>
  );
}
