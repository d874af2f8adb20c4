/** Who customers speak with: name, languages, colour. */
import { Checkbox, Group, Radio, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTexts } from "../i18n/index.ts";
import { Step } from "./Step.tsx";
import { keepPart } from "./setup.ts";
import { isNamed } from "./steps.ts";
import type { StepPart } from "./WelcomePage.tsx";
import styles from "./welcome.module.css";

/** White text reads well on each of them. */
export const COLOURS = ["#00647c", "#1d4ed8", "#5d45a2", "#146d34", "#a02326", "#303a3d"] as const;
const LANGUAGES = ["en", "fr"];

export default function FirmStep({ document, leave }: StepPart) {
  const { t, locale } = useTexts();
  const { firm } = document;
  const [name, setName] = useState(isNamed(firm) ? firm.name : "");
  const [languages, setLanguages] = useState(isNamed(firm) ? firm.languages : [locale]);
  const [colour, setColour] = useState<string>(firm.colour ?? COLOURS[0]);
  const changed =
    name.trim() !== firm.name || colour !== firm.colour || languages.join() !== firm.languages.join();
  const others = firm.languages.filter((each) => !LANGUAGES.includes(each));
  const save = async () => {
    await keepPart("firm", firm.name, { name: name.trim(), colour, languages });
  };
  const choose = (chosen: string[]) => setLanguages([...LANGUAGES.filter((each) => chosen.includes(each)), ...others]);
  return (
    <Step
      id="firm"
      can={name.trim() !== "" && languages.length > 0}
      changed={changed}
      save={save}
      leave={leave}
      proof={
        <>
          <p>{t("welcome.firm.proof")}</p>
          <div className={styles.head} style={{ background: firm.colour ?? COLOURS[0] }}>
            {firm.name}
          </div>
        </>
      }
    >
      <TextInput
        label={t("welcome.firm.name")}
        description={t("welcome.firm.nameHelp")}
        required
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Checkbox.Group label={t("welcome.firm.languages")} value={languages} onChange={choose}>
        <Group mt={8}>
          <Checkbox value="en" label="English" />
          <Checkbox value="fr" label="Français" />
        </Group>
      </Checkbox.Group>
      <Radio.Group label={t("welcome.firm.colour")} value={colour} onChange={setColour}>
        <Group mt={8}>
          {COLOURS.map((each) => (
            <Radio
              key={each}
              value={each}
              label={
                <span className={styles.colour}>
                  <i style={{ background: each }} aria-hidden="true" />
                  {t(`welcome.firm.colours.${COLOURS.indexOf(each) as 0}`)}
                </span>
              }
            />
          ))}
        </Group>
      </Radio.Group>
    </Step>
  );
}
