/** Sections of each firm's articles, and its public help centre: where it is, open or closed. */
import { ActionIcon, Button, NativeSelect, TextInput } from "@mantine/core";
import { Plus, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { attempt } from "../data/actions.ts";
import { useMay, useSession } from "../data/session.ts";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { useAsked } from "../sends/sends.ts";
import { type Centre, keepSection, nameOf, removeSection, type Section, setCentre } from "./articles.ts";
import styles from "./knowledge.module.css";

interface Items<T> {
  items: T[];
}

function Sections({ firm, sections, again }: { firm: { id: string; name: string }; sections: Section[]; again: () => unknown }) {
  const { t, locale } = useTexts();
  const [name, setName] = useState("");
  const add = async (event: FormEvent) => {
    event.preventDefault();
    const position = Math.max(0, ...sections.map((each) => each.position + 1));
    if (!name.trim() || !(await attempt(keepSection({ firm_id: firm.id, names: { [locale]: name }, position })))) return;
    announce(t("knowledge.sectionMade", { name }));
    setName("");
    await again();
  };
  const drop = async (section: Section) => {
    if (await attempt(removeSection(section.id).then(() => true))) await again();
  };
  return (
    <>
      <ul className={styles.list}>
        {sections.map((each) => (
          <li key={each.id}>
            <span className={styles.grow}>{nameOf(each, locale)}</span>
            <ActionIcon variant="subtle" color="gray" size={32} aria-label={t("knowledge.removeSection", { name: nameOf(each, locale) })} onClick={() => void drop(each)}>
              <Trash2 size={16} />
            </ActionIcon>
          </li>
        ))}
      </ul>
      <form className={styles.row} onSubmit={add}>
        <TextInput label={t("knowledge.newSection", { firm: firm.name })} maxLength={80} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Button type="submit" variant="default" leftSection={<Plus size={16} />}>
          {t("knowledge.addSection")}
        </Button>
      </form>
    </>
  );
}

export function Setup() {
  const { t, locale } = useTexts();
  const firms = useSession((session) => session.me?.firms) ?? [];
  const configures = useMay("configure");
  const [chosen, setChosen] = useState("");
  const sections = useAsked<Items<Section>>("/article-sections");
  const centres = useAsked<Items<Centre>>("/help-centres");
  const firm = firms.find((each) => each.id === chosen) ?? firms[0];
  if (!firm) return null;
  const centre = centres.told?.items.find((each) => each.firm_id === firm.id) ?? null;
  const place = centre ? `/help/${centre.slug}/${locale}/` : "";
  const turn = async (open: boolean) => {
    if (!(await attempt(setCentre(firm.id, open, centre)))) return;
    await centres.again();
    announce(t(open ? "knowledge.nowOpen" : "knowledge.nowClosed"));
  };
  return (
    <section aria-label={t("knowledge.setup")} className={styles.firm}>
      <h2>{t("knowledge.setup")}</h2>
      <div className={styles.row}>
        {firms.length > 1 && (
          <NativeSelect label={t("knowledge.firm")} value={firm.id} onChange={(event) => setChosen(event.currentTarget.value)} data={firms.map((each) => ({ value: each.id, label: each.name }))} />
        )}
        <p className={styles.standing}>
          {centre?.open ? (
            <>
              {t("knowledge.open")}{" "}
              <a href={place} target="_blank" rel="noreferrer">
                {place}
              </a>
            </>
          ) : (
            t("knowledge.closed")
          )}
        </p>
        {configures && centres.told && (
          <Button variant="default" onClick={() => void turn(!centre?.open)}>
            {t(centre?.open ? "knowledge.close" : "knowledge.openIt", { firm: firm.name })}
          </Button>
        )}
      </div>
      <Sections key={firm.id} firm={firm} sections={(sections.told?.items ?? []).filter((each) => each.firm_id === firm.id)} again={sections.again} />
    </section>
  );
}
