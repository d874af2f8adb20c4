/** Who answers: two people with a link each. Proven by seeing them arrive. */
import { Button, TextInput } from "@mantine/core";
import { get, post } from "@parlons/client/http.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { StateGlyph } from "@parlons/ui/StateGlyph.tsx";
import { useEffect, useState } from "react";
import { attempt } from "../data/actions.ts";
import { workerShape } from "../data/select.ts";
import { useTexts } from "../i18n/index.ts";
import { Copy } from "./Copy.tsx";
import { Step } from "./Step.tsx";
import { keepPart } from "./setup.ts";
import { agentsOf } from "./steps.ts";
import type { StepPart } from "./WelcomePage.tsx";
import styles from "./welcome.module.css";

interface Row {
  name: string;
  email: string;
}

interface Person {
  id: string;
  email: string;
  name: string;
  worker_id: string | null;
  signed_in_at: string | null;
}

const EMPTY: Row = { name: "", email: "" };
const LOOK_MS = 4000;
const CAPACITY = { chat: 3, voice: 1, default: 1 };

/** The users with these addresses; a first day has few. */
async function peopleOf(emails: string[]): Promise<Person[]> {
  const { items } = await get<{ items: Person[] }>("/users?limit=500");
  return items.filter((each) => emails.includes(each.email));
}

function Arrived({ person, link, renew }: { person: Person; link: string | undefined; renew: () => void }) {
  const { t } = useTexts();
  const worker = useSnapshot((snapshot) => (person.worker_id ? snapshot.workers[person.worker_id] : undefined));
  const activities = useSnapshot((snapshot) => snapshot.activities);
  const shape = worker ? workerShape(worker, activities) : "off";
  const here = shape === "ready" || shape === "contact" ? "ready" : person.signed_in_at ? "in" : "invited";
  return (
    <li>
      <p>
        <StateGlyph shape={shape} /> <strong>{person.name}</strong> <span>{t(`welcome.people.${here}`)}</span>
      </p>
      {here === "invited" && link ? (
        <Copy label={t("welcome.people.link", { name: person.name })} help={t("welcome.people.linkHelp")} text={link} />
      ) : (
        here === "invited" && (
          <Button variant="default" size="compact-md" onClick={renew}>
            {t("welcome.people.renew", { name: person.name })}
          </Button>
        )
      )}
    </li>
  );
}

function Arrivals({ emails, links, renew }: { emails: string[]; links: Record<string, string>; renew: (person: Person) => void }) {
  const { t } = useTexts();
  const [people, setPeople] = useState<Person[]>([]);
  const written = emails.join();
  useEffect(() => {
    // A sign-in is told to nobody: asked for anew while the screen stands open.
    const look = () => void peopleOf(written.split(",")).then(setPeople, () => undefined);
    look();
    const again = setInterval(look, LOOK_MS);
    return () => clearInterval(again);
  }, [written]);
  return (
    <>
      <p>{t("welcome.people.proof")}</p>
      <ul className={styles.people}>
        {people.map((each) => (
          <Arrived key={each.id} person={each} link={links[each.email]} renew={() => renew(each)} />
        ))}
      </ul>
    </>
  );
}

export default function PeopleStep({ document, leave }: StepPart) {
  const { t, locale } = useTexts();
  const agents = agentsOf(document);
  const [rows, setRows] = useState<Row[]>(() => Array.from({ length: Math.max(0, 2 - agents.length) }, () => EMPTY));
  const [links, setLinks] = useState<Record<string, string>>({});
  const change = (at: number, part: Partial<Row>) =>
    setRows(rows.map((each, index) => (index === at ? { ...each, ...part } : each)));
  const written = rows.filter((each) => each.name.trim() || each.email.trim());
  const whole = written.every((each) => each.name.trim() && each.email.includes("@"));
  const invite = async (person: Person) => {
    const made = await attempt(post<{ link: string }>(`/users/${person.id}/link`));
    if (made) setLinks((before) => ({ ...before, [person.email]: made.link }));
  };
  const save = async () => {
    for (const row of written) {
      const email = row.email.trim().toLowerCase();
      const user = { email, name: row.name.trim(), role: "agent", locale, channels: CAPACITY };
      const kept = await keepPart("user", email, user);
      const link = kept.links[email];
      if (link) setLinks((before) => ({ ...before, [email]: link }));
      // Who is in is not asked for again when the next one is refused.
      setRows((before) => before.filter((each) => each !== row));
    }
  };
  return (
    <Step
      id="people"
      can={written.length > 0 && whole}
      changed={written.length > 0}
      save={save}
      leave={leave}
      proof={
        <Arrivals emails={agents.map((each) => each.email)} links={links} renew={(person) => void invite(person)} />
      }
    >
      {rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
        <fieldset className={styles.person} key={index}>
          <legend>{t("welcome.people.person", { number: agents.length + index + 1 })}</legend>
          <TextInput
            label={t("welcome.people.name")}
            autoComplete="off"
            maxLength={200}
            value={row.name}
            onChange={(event) => change(index, { name: event.currentTarget.value })}
          />
          <TextInput
            label={t("welcome.people.email")}
            type="email"
            autoComplete="off"
            value={row.email}
            onChange={(event) => change(index, { email: event.currentTarget.value })}
          />
        </fieldset>
      ))}
      <div>
        <Button variant="default" size="compact-md" onClick={() => setRows([...rows, EMPTY])}>
          {t("welcome.people.more")}
        </Button>
      </div>
    </Step>
  );
}
