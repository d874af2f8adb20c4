/** Where a first day's acts stand while nothing is there: the cards, for an administrator of a house that is still young. */
import { useMediaQuery } from "@mantine/hooks";
import { Suspense } from "react";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { fetched } from "../shell/fetched.ts";
import styles from "./cards.module.css";

/** The cards read the whole configuration: a house of many firms is past its first day. */
const YOUNG_FIRMS = 20;
const Cards = fetched(() => import("./Cards.tsx"));

export function FirstDay() {
  const young = useSession(({ me }) => me?.user.role === "administrator" && me.firms.length <= YOUNG_FIRMS);
  return (
    young && (
      <Suspense>
        <Cards />
      </Suspense>
    )
  );
}

/** The empty list of somebody who has no contacts of his own; on a narrow screen nothing stands beside it. */
export function NothingYet() {
  const { t } = useTexts();
  const narrow = useMediaQuery("(max-width: 880px)", false, { getInitialValueInEffect: false });
  return (
    <div className={styles.nothing}>
      <p>{t("welcome.nothingYet")}</p>
      {narrow && <FirstDay />}
    </div>
  );
}
