/** What a new flow begins as: empty, or one of the ready-made ones that ship. */
import { NativeSelect } from "@mantine/core";
import { get } from "@parlons/client/http.ts";
import { useEffect, useState } from "react";
import { attempt } from "../data/actions.ts";
import { useTexts } from "../i18n/index.ts";
import type { Thing } from "./fields.ts";

export interface Example {
  name: string;
  title: Record<string, string>;
  about: Record<string, string>;
  flow: Thing;
}

/** The fields of a new flow, called as this language calls the example. */
export const begunAs = (one: Example, language: string): Thing => ({ ...one.flow, name: one.title[language] ?? one.title.en ?? one.name });

export function FlowStart({ begin }: { begin: (thing: Thing) => void }) {
  const { t, locale } = useTexts();
  const [examples, setExamples] = useState<Example[]>([]);
  const [name, setName] = useState("");
  useEffect(() => void attempt(get<{ items: Example[] }>("/flow-examples")).then((read) => read && setExamples(read.items)), []);
  const language = locale.slice(0, 2);
  const chosen = examples.find((one) => one.name === name);
  const choose = (wanted: string) => {
    setName(wanted);
    const one = examples.find((each) => each.name === wanted);
    begin(one ? begunAs(one, language) : {});
  };
  return (
    <NativeSelect
      label={t("settings.flow.begin")}
      description={chosen?.about[language] ?? t("settings.flow.beginHelp")}
      value={name}
      onChange={(event) => choose(event.currentTarget.value)}
      data={[{ value: "", label: t("settings.flow.empty") }, ...examples.map((one) => ({ value: one.name, label: one.title[language] ?? one.name }))]}
      style={{ marginBottom: 24 }}
    />
  );
}
