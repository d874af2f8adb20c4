/** API keys: what each may do, for which firms, when it was last used; made once, revoked at once. */
import { Button, Checkbox, NumberInput, TextInput } from "@mantine/core";
import "@mantine/core/styles/Checkbox.css";
import "@mantine/core/styles/NumberInput.css";
import { post, remove } from "@parlons/client/http.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { attempt, cause } from "../data/actions.ts";
import { useSession } from "../data/session.ts";
import { announce, undoable } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { Bounds } from "./Bounds.tsx";
import styles from "./people.module.css";
import { type Page, type Right, useMayGive, useTold } from "./people.ts";
import { Secret } from "./Secret.tsx";

const SCOPES: Record<Scope, Right[]> = { read: ["read"], write: ["steer"], configure: ["configure"], phone: ["steer"] };
type Scope = "read" | "write" | "configure" | "phone";
/** Requests a minute: of a key that is made without a word about it, and at most. */
const PACE = { usual: 6000, most: 1_000_000 };

interface Key {
  id: string;
  name: string;
  prefix: string;
  scopes: Scope[];
  firm_ids: string[] | null;
  queue_ids: string[] | null;
  /** Null: no limit. */
  per_minute: number | null;
  used_at: string | null;
  expires_at: string | null;
  revoked_at: string | null;
}

function NewKey({ made, done }: { made: (secret: string) => void; done: () => void }) {
  const { t } = useTexts();
  const me = useSession((session) => session.me);
  const mayGive = useMayGive();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<Scope[]>(["read"]);
  const queues = useSnapshot((snapshot) => snapshot.queues);
  const [firms, setFirms] = useState<string[] | null>(me?.user.firm_ids ?? null);
  const [bound, setBound] = useState<string[] | null>(me?.user.queue_ids ?? null);
  const [pace, setPace] = useState<number | string>(PACE.usual);
  const [expires, setExpires] = useState("");
  const [trouble, setTrouble] = useState("");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const expires_at = expires ? new Date(`${expires}T23:59:59`).toISOString() : null;
    try {
      made((await post<{ secret: string }>("/keys", { name, scopes, firm_ids: firms, queue_ids: bound, per_minute: pace === "" ? null : pace, expires_at })).secret);
    } catch (error) {
      setTrouble(cause(error));
      announce(cause(error), true);
    }
  };
  const places = Object.values(queues)
    .filter((each) => firms === null || each.firm_id === null || firms.includes(each.firm_id))
    .filter((each) => me?.user.queue_ids?.includes(each.id) ?? true)
    .sort((a, b) => a.name.localeCompare(b.name));
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)} aria-label={t("staff.newKey")}>
      <TextInput label={t("staff.keyName")} description={t("staff.keyNameHelp")} required value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <fieldset className={styles.bounds}>
        <legend>{t("staff.scopes")}</legend>
        {(Object.keys(SCOPES) as Scope[]).map((each) => (
          <Checkbox key={each} label={t(`staff.scope.${each}`)} checked={scopes.includes(each)} disabled={!mayGive(SCOPES[each])} onChange={(event) => setScopes(event.currentTarget.checked ? [...scopes, each] : scopes.filter((one) => one !== each))} />
        ))}
      </fieldset>
      <Bounds legend={t("staff.firms")} all={t("staff.allFirms")} some={t("staff.someFirms")} mayAll={me?.user.firm_ids == null} choices={(me?.firms ?? []).map(({ id, name }) => ({ id, name }))} value={firms} change={setFirms} />
      <Bounds legend={t("staff.keyQueues")} all={t("staff.allQueues")} some={t("staff.someQueues")} mayAll={me?.user.queue_ids == null} choices={places} value={bound} change={setBound} />
      <NumberInput label={t("staff.pace")} description={t("staff.paceHelp")} min={1} max={PACE.most} allowDecimal={false} hideControls value={pace} onChange={setPace} />
      <TextInput type="date" label={t("staff.expires")} description={t("staff.expiresHelp")} value={expires} onChange={(event) => setExpires(event.currentTarget.value)} />
      {trouble && <p className={styles.bad} role="alert">{trouble}</p>}
      <div className={styles.row}>
        <Button type="submit">{t("staff.makeKey")}</Button>
        <Button variant="default" onClick={done}>{t("staff.cancel")}</Button>
      </div>
    </form>
  );
}

export default function KeysPage() {
  const { t, locale } = useTexts();
  const firms = useSession((session) => session.me?.firms) ?? [];
  const queues = useSnapshot((snapshot) => snapshot.queues);
  const [keys, read] = useTold<Page<Key>>("/keys?limit=500");
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [going, setGoing] = useState<string | null>(null);
  const day = (at: string) => new Date(at).toLocaleDateString(locale, { day: "numeric", month: "short", year: "numeric" });
  const revoke = (key: Key) => {
    setGoing(key.id);
    const act = () => void attempt(remove(`/keys/${key.id}`)).then(read).then(() => setGoing(null));
    undoable(t("staff.keyGone", { name: key.name }), act, () => setGoing(null));
  };
  const live = keys?.items.filter((each) => each.revoked_at === null && each.id !== going) ?? [];
  const facts = (key: Key) => [
    `${key.prefix}…`,
    key.scopes.map((each) => t(`staff.scope.${each}`)).join(", "),
    key.firm_ids?.map((id) => firms.find((each) => each.id === id)?.name ?? "…").join(", ") ?? t("staff.allFirms"),
    key.queue_ids?.map((id) => queues[id]?.name ?? "…").join(", "),
    key.per_minute !== null && t("staff.paced", { count: key.per_minute, number: key.per_minute.toLocaleString(locale) }),
    key.used_at ? t("staff.used", { day: day(key.used_at) }) : t("staff.unused"),
    key.expires_at && t("staff.until", { day: day(key.expires_at) }),
  ];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <div className={styles.page} tabIndex={0} role="region" aria-label={t("staff.keys")}>
      <header>
        <h2>{t("staff.keys")}</h2>
        {!adding && secret === null && <Button leftSection={<Plus size={16} />} onClick={() => setAdding(true)}>{t("staff.newKey")}</Button>}
      </header>
      <p className={styles.quiet}>{t("staff.keysIntro")}</p>
      {secret !== null && <Secret title={t("staff.secret")} value={secret} help={t("staff.secretHelp")} done={() => setSecret(null)} />}
      {adding && (
        <NewKey
          made={(made) => {
            setSecret(made);
            setAdding(false);
            void read();
          }}
          done={() => setAdding(false)}
        />
      )}
      {keys && live.length === 0 && !adding && secret === null && <p className={styles.quiet}>{t("staff.noKeys")}</p>}
      <ul className={styles.list}>
        {live.map((each) => (
          <li key={each.id}>
            <div className={styles.item}>
              <b>{each.name}</b>
              <span>{facts(each).filter(Boolean).join(" · ")}</span>
            </div>
            <Button size="compact-sm" variant="default" aria-label={t("staff.revokeOf", { name: each.name })} onClick={() => revoke(each)}>
              {t("staff.revokeKey")}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
