/** Roles: the presets as they are, and one's own, made of the same rights. */
import { Button, Checkbox, TextInput } from "@mantine/core";
import "@mantine/core/styles/Checkbox.css";
import { ApiError, patch, post, remove } from "@parlons/client/http.ts";
import { Copy, Plus } from "lucide-react";
import { type FormEvent, type MouseEvent, useState } from "react";
import { attempt, cause } from "../data/actions.ts";
import { address, go } from "../data/route.ts";
import { useSession } from "../data/session.ts";
import { announce, toast } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import type { SectionProps } from "../settings/sections.ts";
import styles from "./people.module.css";
import { type Page, RIGHTS, type Right, type Role, useMayGive, useRoleName, useTold } from "./people.ts";

const NEW = "new";
const place = (name: string | null) => ({ page: "settings", section: "roles", name }) as const;
/** A right with what it brings along. */
const IMPLIED: Partial<Record<Right, Right[]>> = {
  fetch: ["serve"],
  read: ["figures"],
  coach: ["read", "figures"],
  steer: ["read", "figures", "coach", "plan"],
  plan: ["figures"],
};

function Line({ role, copy }: { role: Role; copy: (() => void) | null }) {
  const { t } = useTexts();
  const name = useRoleName()(role.name);
  const facts = (
    <>
      <b>{name}</b>
      <span>{role.rights.map((each) => t(`staff.right.${each}`)).join(" · ")}</span>
      <small>{t("staff.holders", { count: role.people })}{role.bound ? ` · ${t("staff.outside")}` : ""}</small>
    </>
  );
  const follow = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(place(role.id));
  };
  return (
    <li>
      {role.preset ? <div className={styles.item}>{facts}</div> : <a href={address(place(role.id))} onClick={follow}>{facts}</a>}
      {copy && (
        <Button size="compact-sm" variant="subtle" leftSection={<Copy size={14} />} aria-label={t("staff.copyOf", { name })} onClick={copy}>
          {t("staff.copyRole")}
        </Button>
      )}
    </li>
  );
}

function RoleForm({ role, from, changed }: { role: Role | null; from: Right[]; changed: () => Promise<void> }) {
  const { t } = useTexts();
  const mayGive = useMayGive();
  const [name, setName] = useState(role?.name ?? "");
  const [chosen, setChosen] = useState<Right[]>(role?.rights ?? from);
  const [trouble, setTrouble] = useState<{ field: string; text: string } | null>(null);
  const rights = [...new Set(chosen.flatMap((each) => [each, ...(IMPLIED[each] ?? [])]))];
  const forced = new Set(chosen.flatMap((each) => IMPLIED[each] ?? []));
  const fail = (error: unknown) => {
    const field = error instanceof ApiError ? String(error.problem.details?.field ?? "name") : "";
    setTrouble({ field, text: cause(error) });
    announce(cause(error), true);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      if (role) await patch(`/roles/${role.id}`, { name, rights, version: role.version });
      else await post("/roles", { name, rights });
      toast(t("staff.kept", { name }));
      await changed();
      go(place(null));
    } catch (error) {
      fail(error);
    }
  };
  const gone = async () => {
    if (!role || !(await attempt(remove(`/roles/${role.id}`).then(() => true)))) return;
    const undo = () => void post("/roles", { name: role.name, rights: role.rights }).then(changed);
    toast(t("staff.roleGone", { name: role.name }), { undo }, 10);
    await changed();
    go(place(null));
  };
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)} aria-label={role?.name ?? t("staff.newRole")}>
      <TextInput label={t("staff.roleName")} required value={name} error={trouble?.field === "name" ? trouble.text : undefined} onChange={(event) => setName(event.currentTarget.value)} />
      <fieldset className={styles.bounds}>
        <legend>{t("staff.rights")}</legend>
        <div className={styles.rights}>
          {RIGHTS.map((each) => (
            <Checkbox
              key={each}
              label={t(`staff.right.${each}`)}
              description={t(`staff.does.${each}`)}
              checked={rights.includes(each)}
              disabled={forced.has(each) || !mayGive([each])}
              onChange={(event) => setChosen(event.currentTarget.checked ? [...chosen, each] : chosen.filter((one) => one !== each))}
            />
          ))}
        </div>
      </fieldset>
      {trouble && trouble.field !== "name" && <p className={styles.bad} role="alert">{trouble.text}</p>}
      <div className={styles.row}>
        <Button type="submit">{t("staff.save")}</Button>
        <Button variant="default" onClick={() => go(place(null))}>{t("staff.cancel")}</Button>
        {role && <Button variant="default" color="red" onClick={() => void gone()}>{t("staff.removeRole")}</Button>}
      </div>
      {role && role.people > 0 && <p className={styles.quiet}>{t("staff.holdersToo", { count: role.people })}</p>}
    </form>
  );
}

export default function RolesPage({ name }: SectionProps) {
  const { t } = useTexts();
  const may = useSession((session) => session.me?.user.firm_ids) == null;
  const mayGive = useMayGive();
  const [roles, read] = useTold<Page<Role>>("/roles");
  const [from, setFrom] = useState<Right[]>([]);
  const chosen = roles?.items.find((each) => each.id !== null && (each.id === name || each.name === name)) ?? null;
  const create = (rights: Right[]) => {
    setFrom(rights);
    go(place(NEW));
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <div className={styles.page} tabIndex={0} role="region" aria-label={t("staff.roles")}>
      <header>
        <h2>{chosen?.name ?? t(name === NEW ? "staff.newRole" : "staff.roles")}</h2>
        {name === null && may && <Button leftSection={<Plus size={16} />} onClick={() => create([])}>{t("staff.newRole")}</Button>}
      </header>
      {name === null && <p className={styles.quiet}>{t("staff.rolesIntro")}</p>}
      {roles && name === null && (
        <ul className={styles.list}>
          {roles.items.map((each) => (
            <Line key={each.name} role={each} copy={may && mayGive(each.rights) ? () => create(each.rights) : null} />
          ))}
        </ul>
      )}
      {roles && (chosen || name === NEW) && <RoleForm key={`${name}-${chosen?.version}`} role={chosen} from={from} changed={read} />}
      {roles && name !== null && !chosen && name !== NEW && <Button variant="default" onClick={() => go(place(null))}>{t("act.back")}</Button>}
    </div>
  );
}
