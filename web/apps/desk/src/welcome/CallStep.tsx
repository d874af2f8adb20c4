/** A line that rings: customers call it from a page, without a telephone. To be tried in place. */
import { Anchor, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTexts } from "../i18n/index.ts";
import { isSecure } from "../phone/devices.ts";
import { Insecure } from "../phone/Insecure.tsx";
import { Arrival } from "./Arrival.tsx";
import { Copy } from "./Copy.tsx";
import { Step } from "./Step.tsx";
import { keepPart } from "./setup.ts";
import { lineOf, ruleOf, slug } from "./steps.ts";
import type { StepPart } from "./WelcomePage.tsx";
import styles from "./welcome.module.css";

const LINE = /^[a-z0-9][a-z0-9-]{2,63}$/;

function Try({ line }: { line: string }) {
  const { t } = useTexts();
  const path = `/call/${encodeURIComponent(line)}`;
  return (
    <>
      {isSecure() ? (
        <>
          <p>{t("welcome.call.proof")}</p>
          <Arrival channel="voice" />
          <iframe className={styles.frame} src={path} title={t("welcome.call.frame")} allow="microphone; autoplay" />
          <Anchor href={path} target="_blank">
            {t("welcome.call.alone")}
          </Anchor>
        </>
      ) : (
        <Insecure />
      )}
      <Copy label={t("welcome.call.link")} help={t("welcome.call.linkHelp")} text={location.origin + path} />
    </>
  );
}

export default function CallStep({ document, leave }: StepPart) {
  const { t } = useTexts();
  const { firm } = document;
  const known = lineOf(document);
  const [line, setLine] = useState(known ?? slug(firm.name));
  const save = async () => {
    const language = firm.languages[0] ?? "en";
    const workflow = ruleOf(document)?.name;
    const point = { channel: "voice", address: line, firm: firm.name, language, workflow };
    await keepPart("entry_point", `voice ${line}`, point);
  };
  return (
    <Step
      id="call"
      can={LINE.test(line)}
      changed={!known}
      save={save}
      leave={leave}
      proof={<Try line={known ?? line} />}
    >
      <TextInput
        label={t("welcome.call.line")}
        description={t("welcome.call.lineHelp", { address: `${location.origin}/call/${line}` })}
        error={line === "" || LINE.test(line) ? undefined : t("welcome.call.lineBad")}
        readOnly={known !== undefined}
        required
        value={line}
        onChange={(event) => setLine(event.currentTarget.value.trim().toLowerCase())}
      />
      <p>{t("welcome.call.number")}</p>
    </Step>
  );
}
