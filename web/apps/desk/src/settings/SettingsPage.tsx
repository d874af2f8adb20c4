/** The place where everything is set up: the sections by group at the left, the one chosen beside them; the first where there is room. */
import { ActionIcon } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { ArrowLeft } from "lucide-react";
import { type ComponentType, type MouseEvent, Suspense, useEffect } from "react";
import { address, go } from "../data/route.ts";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { fetched } from "../shell/fetched.ts";
import { GROUPS, type Section, type SectionProps, sectionsFor } from "./sections.ts";
import styles from "./settings.module.css";

const pages = new Map<string, ComponentType<SectionProps>>();

/** The page of a section, loaded once. */
function pageOf(section: Section): ComponentType<SectionProps> {
  const known = pages.get(section.id) ?? fetched(section.load);
  pages.set(section.id, known);
  return known;
}

const place = (section: string | null) => ({ page: "settings", section, name: null }) as const;

function Line({ section, here }: { section: Section; here: boolean }) {
  const { t } = useTexts();
  const Icon = section.icon;
  const follow = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(place(section.id));
  };
  return (
    <a href={address(place(section.id))} onClick={follow} aria-current={here ? "page" : undefined}>
      <Icon size={16} aria-hidden />
      {t(section.label)}
    </a>
  );
}

export default function SettingsPage({ section, name, all, versions, edit }: { section: string | null } & SectionProps) {
  const { t } = useTexts();
  const me = useSession((session) => session.me);
  const sections = sectionsFor(me?.user.role, me?.rights);
  const narrow = useMediaQuery("(max-width: 880px)", undefined, { getInitialValueInEffect: false });
  const chosen = sections.find((each) => each.id === section) ?? (section === null && !narrow ? sections[0] : undefined);
  const title = chosen ? t(chosen.label) : t("place.settings");
  useEffect(() => {
    document.title = `${title} · Parlons`;
  }, [title]);
  const Page = chosen && pageOf(chosen);
  return (
    <div className={styles.frame} data-open={chosen ? "" : undefined} data-wide={edit || undefined}>
      <nav className={styles.sections} aria-label={t("settings.sections")}>
        <h1>{t("place.settings")}</h1>
        {GROUPS.filter((group) => sections.some((each) => each.group === group)).map((group) => (
          <div key={group} role="group" aria-labelledby={`sections-${group}`}>
            <p id={`sections-${group}`}>{t(`settings.group.${group}`)}</p>
            {sections.map((each) => each.group === group && <Line key={each.id} section={each} here={each === chosen} />)}
          </div>
        ))}
      </nav>
      <div className={styles.content}>
        {Page ? (
          <>
            <ActionIcon
              className={styles.back}
              variant="subtle"
              color="gray"
              size={36}
              aria-label={t("settings.back")}
              onClick={() => go(place(null))}
            >
              <ArrowLeft size={18} />
            </ActionIcon>
            <Suspense>
              <Page key={chosen?.id} name={name} all={all} versions={versions} edit={edit} />
            </Suspense>
          </>
        ) : (
          sections.length === 0 && <p className={styles.hint}>{t("settings.nothing")}</p>
        )}
      </div>
    </div>
  );
}
