/** What stands beside the conversation, as tabs: customer, history, notes, why, wrap-up. A strip below 1241 px. */
import { CloseButton, Tabs, Tooltip, UnstyledButton } from "@mantine/core";
import { Clock3, GitFork, History, ListChecks, StickyNote, UserRound } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { useDetail } from "../data/details.ts";
import { useSession } from "../data/session.ts";
import { type ContextTab, useUi } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { useCommand } from "../keys/useKeys.ts";
import { Customer } from "./Customer.tsx";
import styles from "./context.module.css";
import { HistoryTab } from "./HistoryTab.tsx";
import { Notes } from "./Notes.tsx";
import { WhyContent } from "./WhyContent.tsx";
import { WrapUp } from "./WrapUp.tsx";

interface TabLine {
  id: ContextTab;
  icon: ReactNode;
  news?: boolean;
}

function useTabs(id: string): TabLine[] {
  const { full } = useDetail(id);
  const me = useSession((session) => session.me?.user.id);
  const mine = full?.assigned?.user_id === me && full?.status === "open";
  const tabs: TabLine[] = [
    {
      id: "customer",
      icon: <UserRound size={18} />,
      news: Boolean(full?.customer.lives_on),
    },
    { id: "history", icon: <History size={18} /> },
    {
      id: "notes",
      icon: <StickyNote size={18} />,
      news: (full?.notes.length ?? 0) > 0,
    },
  ];
  if (full?.lead_task_id) tabs.push({ id: "why", icon: <GitFork size={18} /> });
  if (mine) tabs.push({ id: "wrapup", icon: <ListChecks size={18} /> });
  return tabs;
}

/** [ and ] walk through the tabs; wrap-up opens by itself when the contact has ended. */
function useTabMoves(id: string, tabs: TabLine[], tab: ContextTab): void {
  const { full } = useDetail(id);
  const step = (by: number) => {
    const at = tabs.findIndex((each) => each.id === tab);
    useUi.setState({ tab: tabs[(at + by + tabs.length) % tabs.length]!.id });
  };
  useCommand("previousTab", () => step(-1));
  useCommand("nextTab", () => step(1));
  useCommand("merge", () => useUi.setState({ tab: "customer", contextOpen: true, menu: "merge" }));
  const wrapping = full?.wrapup_since_at;
  useEffect(() => {
    if (wrapping) useUi.setState({ tab: "wrapup" });
  }, [wrapping]);
}

function Panel({ id, tab }: { id: string; tab: ContextTab }) {
  const { full } = useDetail(id);
  if (!full) return null;
  switch (tab) {
    case "customer":
      return <Customer full={full} />;
    case "history":
      return <HistoryTab full={full} />;
    case "notes":
      return <Notes full={full} />;
    case "why":
      return full.lead_task_id ? <WhyContent taskId={full.lead_task_id} /> : null;
    case "wrapup":
      return <WrapUp key={full.id} full={full} />;
  }
}

function Strip({ tabs, onOpen }: { tabs: TabLine[]; onOpen: (tab: ContextTab) => void }) {
  const { t } = useTexts();
  return (
    <aside className={styles.strip} aria-label={t("context.name")}>
      {tabs.map((each) => (
        <Tooltip key={each.id} label={t(`context.${each.id}`)} position="left">
          <UnstyledButton
            className={styles.stripTab}
            aria-label={t(`context.${each.id}`)}
            onClick={() => onOpen(each.id)}
          >
            {each.icon}
            {each.news && <i />}
          </UnstyledButton>
        </Tooltip>
      ))}
    </aside>
  );
}

export function Context({ id, strip, narrow }: { id: string; strip: boolean; narrow: boolean }) {
  const { t } = useTexts();
  const open = useUi((ui) => ui.contextOpen);
  const wanted = useUi((ui) => ui.tab);
  const tabs = useTabs(id);
  const tab = tabs.some((each) => each.id === wanted) ? wanted : "customer";
  useTabMoves(id, tabs, tab);
  const overlay = strip || narrow;
  const shut = () => useUi.setState({ contextOpen: false });
  if (overlay && !open)
    return strip ? <Strip tabs={tabs} onOpen={(next) => useUi.setState({ tab: next, contextOpen: true })} /> : null;
  return (
    <aside
      className={styles.context}
      data-overlay={overlay || undefined}
      aria-label={t("context.name")}
      onKeyDown={(event) => event.key === "Escape" && overlay && shut()}
    >
      {overlay && <CloseButton className={styles.shut} aria-label={t("act.closePanel")} onClick={shut} />}
      <Tabs
        variant="pills"
        value={tab}
        onChange={(value) => useUi.setState({ tab: value as ContextTab })}
        keepMounted={false}
        classNames={{
          root: styles.tabs,
          list: styles.tabList,
          tab: styles.tab,
          panel: styles.panel,
        }}
      >
        <Tabs.List>
          {tabs.map((each) => (
            <Tabs.Tab key={each.id} value={each.id} data-tab={each.id}>
              {t(`context.${each.id}`)}
              {each.id === "wrapup" && <WrapClock id={id} />}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map((each) => (
          <Tabs.Panel key={each.id} value={each.id} tabIndex={0}>
            {each.id === tab && <Panel id={id} tab={tab} />}
          </Tabs.Panel>
        ))}
      </Tabs>
    </aside>
  );
}

function WrapClock({ id }: { id: string }) {
  const { full } = useDetail(id);
  return full?.wrapup_since_at ? <Clock3 size={12} className={styles.wrapClock} aria-hidden="true" /> : null;
}
