/** Who else this customer is: merge with another at once, with ten seconds to undo, and separate at any time after. */
import { Button, Popover } from "@mantine/core";
import { get, post } from "@parlons/client/http.ts";
import type { Customer, Id } from "@parlons/client/types.ts";
import { when } from "@parlons/ui/format.ts";
import { Merge as MergeIcon } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { type Option, Pick } from "../conversation/Pick.tsx";
import { attempt } from "../data/actions.ts";
import { loadDetail } from "../data/details.ts";
import { announce, toast, useUi } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { readable } from "./addresses.ts";
import styles from "./parts.module.css";

interface Merged {
  id: Id;
  name: string;
  at: string;
  conversations: number;
}

interface Told {
  items: Merged[];
  alike: Customer[];
}

interface Props {
  customerId: Id;
  firmId: Id;
  conversationId: Id;
  name: string;
}

const SEARCH_MS = 200;

/** A customer on one line: his name, and the address by which he is told from others of that name. */
function line(customer: Customer, nobody: string): string {
  const reach = customer.addresses.find(readable)?.value;
  return [customer.name || (reach ? "" : nobody), reach].filter(Boolean).join(" · ");
}

function useOthers(open: boolean, { customerId, firmId }: Props, alike: Customer[]): [Option[], (text: string) => void] {
  const { t } = useTexts();
  const [text, setText] = useState("");
  const [found, setFound] = useState<Customer[]>([]);
  useEffect(() => {
    if (!open || text.trim().length < 2) return setFound([]);
    const leave = new AbortController();
    const search = () =>
      get<{ items: Customer[] }>(`/customers?limit=20&q=${encodeURIComponent(text.trim())}`, leave.signal)
        .then((page) => setFound(page.items))
        .catch(() => undefined);
    const soon = setTimeout(() => void search(), SEARCH_MS);
    return () => {
      leave.abort();
      clearTimeout(soon);
    };
  }, [open, text]);
  const known = new Set(alike.map((each) => each.id));
  const option = (each: Customer, group: string): Option => ({ id: each.id, group, name: line(each, t("offer.visitor")) });
  const others = found.filter((each) => each.id !== customerId && each.firm_id === firmId && !known.has(each.id));
  return [
    [
      ...alike.map((each) => option(each, t("comfort.merge.alike"))),
      ...others.map((each) => option(each, t("comfort.merge.found"))),
    ],
    setText,
  ];
}

export function Merging(props: Props) {
  const { customerId, conversationId, name } = props;
  const { t, locale } = useTexts();
  const [told, setTold] = useState<Told>({ items: [], alike: [] });
  const opened = useUi((ui) => ui.menu === "merge");
  const setOpen = (open: boolean) => useUi.setState({ menu: open ? "merge" : null });
  const load = useCallback(() => {
    void get<Told>(`/customers/${customerId}/merges`)
      .then(setTold)
      .catch(() => undefined);
  }, [customerId]);
  useEffect(load, [load]);
  const [options, search] = useOthers(opened, props, told.alike);
  const again = () => {
    void loadDetail(conversationId);
    load();
  };
  const separate = async (id: Id) => {
    useUi.setState({ toast: null });
    const done = await attempt(post<Customer>(`/customers/${customerId}/merges/${id}/undo`));
    if (!done) return;
    announce(t("comfort.merge.separated"));
    again();
  };
  const merge = async (option: Option) => {
    setOpen(false);
    const done = await attempt(post<{ id: Id }>(`/customers/${customerId}/merge`, { other_id: option.id }));
    if (!done) return;
    const text = t("comfort.merge.done", { name, other: option.name });
    announce(text);
    toast(text, { undo: () => void separate(done.id) }, 10);
    again();
  };
  const label = t("comfort.merge.with");
  return (
    <section className={styles.section} aria-label={t("comfort.merge.title")}>
      {told.items.length > 0 && (
        <ul className={styles.merges}>
          {told.items.map((each) => (
            <li key={each.id}>
              <span>
                {t("comfort.merge.merged", { name: each.name || t("offer.visitor"), when: when(each.at, locale) })}
              </span>
              <Button
                size="compact-sm"
                variant="default"
                aria-label={t("comfort.merge.separateOf", { name: each.name || t("offer.visitor") })}
                onClick={() => void separate(each.id)}
              >
                {t("comfort.merge.separate")}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {told.alike.length > 0 && <p className={styles.none}>{t("comfort.merge.maybe", { count: told.alike.length })}</p>}
      <Popover
        opened={opened}
        onChange={setOpen}
        width="min(320px, calc(100vw - 24px))"
        position="top-start"
        trapFocus
        returnFocus
      >
        <Popover.Target>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<MergeIcon size={14} />}
            aria-haspopup="dialog"
            aria-expanded={opened}
            onClick={() => setOpen(!opened)}
          >
            {label}
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label={label} className={styles.mergePick}>
          <Pick
            label={t("comfort.merge.who", { name })}
            none={t("comfort.merge.none")}
            options={options}
            chosen={null}
            onType={search}
            onChoose={(option) => void merge(option)}
          />
        </Popover.Dropdown>
      </Popover>
    </section>
  );
}
