/** What an administrator does on the first day, while no conversation is open: go on setting up, or be one's own customer. */
import { Button } from "@mantine/core";
import { ListChecks, MessageCircle, Phone } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { go } from "../data/route.ts";
import { useTexts } from "../i18n/index.ts";
import { loadSetup, useSetup } from "./setup.ts";
import { lineOf, openSteps, STEPS, widgetOf } from "./steps.ts";
import styles from "./cards.module.css";

interface CardProps {
  icon: ReactNode;
  title: string;
  text: string;
  lead?: boolean;
  children: ReactNode;
}

function Card({ icon, title, text, lead, children }: CardProps) {
  return (
    <section className={styles.card} data-lead={lead || undefined} aria-label={title}>
      {icon}
      <h2>{title}</h2>
      <p>{text}</p>
      {children}
    </section>
  );
}

export default function Cards() {
  const { t } = useTexts();
  const document = useSetup((setup) => setup.document);
  useEffect(() => void loadSetup(), []);
  if (!document) return null;
  const open = openSteps(document);
  const first = open[0];
  const widget = widgetOf(document);
  const line = lineOf(document);
  return (
    <div className={styles.cards}>
      {first && (
        <Card
          lead
          icon={<ListChecks size={20} aria-hidden="true" />}
          title={t("welcome.cards.set")}
          text={t("welcome.cards.setText", { count: STEPS.length - open.length, all: STEPS.length })}
        >
          <Button onClick={() => go({ page: "welcome", step: first })}>
            {open.length === STEPS.length
              ? t("welcome.cards.begin")
              : t("welcome.cards.goOn", { step: t(`welcome.steps.${first}`) })}
          </Button>
        </Card>
      )}
      {widget && (
        <Card
          icon={<MessageCircle size={20} aria-hidden="true" />}
          title={t("welcome.cards.customer")}
          text={t("welcome.cards.customerText")}
        >
          <Button component="a" variant="default" href={`/chat/${encodeURIComponent(widget.key)}`} target="_blank">
            {t("welcome.cards.openChat")}
          </Button>
        </Card>
      )}
      {line && (
        <Card
          icon={<Phone size={20} aria-hidden="true" />}
          title={t("welcome.cards.caller")}
          text={t("welcome.cards.callerText")}
        >
          <Button component="a" variant="default" href={`/call/${encodeURIComponent(line)}`} target="_blank">
            {t("welcome.cards.openCall")}
          </Button>
        </Card>
      )}
    </div>
  );
}
