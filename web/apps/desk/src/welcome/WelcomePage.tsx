/** First run: six steps from nothing to a chat and a call. Each keeps what it says at once; one may leave and come back. */
import "@mantine/core/styles/Alert.css";
import "@mantine/core/styles/Checkbox.css";
import "@mantine/core/styles/Group.css";
import "@mantine/core/styles/NumberInput.css";
import "@mantine/core/styles/Radio.css";
import "@mantine/core/styles/Stack.css";
import { Alert, Button } from "@mantine/core";
import { CircleCheck, CircleDashed } from "lucide-react";
import { type ComponentType, type MouseEvent, useEffect } from "react";
import { address, go } from "../data/route.ts";
import { useTexts } from "../i18n/index.ts";
import CallStep from "./CallStep.tsx";
import ChatStep from "./ChatStep.tsx";
import Done from "./Done.tsx";
import FirmStep from "./FirmStep.tsx";
import HoursStep from "./HoursStep.tsx";
import PeopleStep from "./PeopleStep.tsx";
import QueueStep from "./QueueStep.tsx";
import { loadSetup, useSetup } from "./setup.ts";
import { type Document, isDone, openSteps, STEPS, type StepId } from "./steps.ts";
import styles from "./welcome.module.css";

export interface StepPart {
  document: Document;
  leave: (step: StepId | "done") => void;
}

const PAGES: Record<StepId | "done", ComponentType<StepPart>> = {
  firm: FirmStep,
  hours: HoursStep,
  queue: QueueStep,
  people: PeopleStep,
  chat: ChatStep,
  call: CallStep,
  done: Done,
};

const place = (step: string) => ({ page: "welcome", step }) as const;

function Steps({ document, here }: { document: Document; here: string }) {
  const { t } = useTexts();
  const follow = (step: StepId) => (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(place(step));
  };
  return (
    <nav className={styles.steps} aria-label={t("welcome.name")}>
      <ol>
        {STEPS.map((each) => {
          const done = isDone(each, document);
          const Icon = done ? CircleCheck : CircleDashed;
          return (
            <li key={each}>
              <a href={address(place(each))} onClick={follow(each)} aria-current={here === each ? "step" : undefined}>
                <Icon size={18} data-done={done || undefined} aria-label={t(done ? "welcome.isDone" : "welcome.isOpen")} />
                <span>{t(`welcome.steps.${each}`)}</span>
              </a>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

export default function WelcomePage({ step }: { step: string | null }) {
  const { t } = useTexts();
  const document_ = useSetup((setup) => setup.document);
  const error = useSetup((setup) => setup.error);
  useEffect(() => void loadSetup(), []);
  useEffect(() => {
    document.title = `${t("welcome.name")} · Parlons`;
  }, [t]);
  if (error && !document_)
    return (
      <div className={styles.alone}>
        <Alert color="rouge" role="alert" title={t("welcome.unread")}>
          {error}
        </Alert>
        <Button variant="default" onClick={() => void loadSetup()}>
          {t("welcome.again")}
        </Button>
      </div>
    );
  if (!document_) return null;
  const here = step && step in PAGES ? (step as StepId) : (openSteps(document_)[0] ?? "done");
  const Page = PAGES[here];
  return (
    <div className={styles.page}>
      <Steps document={document_} here={here} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <div className={styles.sheet} tabIndex={0} role="region" aria-label={t("welcome.name")}>
        <Page key={here} document={document_} leave={(to) => go(place(to))} />
      </div>
    </div>
  );
}
