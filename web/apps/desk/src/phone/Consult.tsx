/** While one asks a colleague: hand over, all three, or back; the customer hears music meanwhile. */
import { Button } from "@mantine/core";
import type { Call } from "@parlons/client/voice.ts";
import { ArrowLeft, Check, Users } from "lucide-react";
import { useTexts } from "../i18n/index.ts";
import { backToCustomer, handOver, merge } from "./acts.ts";
import styles from "./callbar.module.css";
import { consulted, farNumber } from "./calls.ts";
import { shown } from "./number.ts";

export function Consult({ call }: { call: Call }) {
  const { t } = useTexts();
  const party = consulted(call);
  if (!party) return null;
  const customer = call.customer_name || shown(farNumber(call));
  return (
    <>
      <span className={styles.asking} title={t("call.askingHelp", { name: customer })}>
        {t(party.state === "ringing" ? "call.ringsAt" : "call.asking", { name: shown(party.label) })}
      </span>
      <Button
        className={styles.main}
        leftSection={<Check size={16} />}
        onClick={() => void handOver(call)}
        aria-label={t("call.handOver")}
      >
        <span>{t("call.handOver")}</span>
      </Button>
      <Button
        variant="subtle"
        className={styles.act}
        data-word="wide"
        aria-label={t("call.allThree")}
        leftSection={<Users size={18} />}
        onClick={() => void merge(call)}
      >
        <span>{t("call.allThree")}</span>
      </Button>
      <Button
        variant="subtle"
        className={styles.act}
        data-word="wide"
        aria-label={t("call.backTo", { name: customer })}
        leftSection={<ArrowLeft size={18} />}
        onClick={() => void backToCustomer(call)}
      >
        <span>{t("call.backTo", { name: customer.split(" ")[0] })}</span>
      </Button>
    </>
  );
}
