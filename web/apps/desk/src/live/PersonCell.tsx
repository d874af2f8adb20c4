/** One person: shape, name, what he does, time in state; opens his panel. Work may be dropped on him. */
import { Popover } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { useSnapshot } from "@parlons/sync/store.ts";
import { duration } from "@parlons/ui/format.ts";
import { StateGlyph } from "@parlons/ui/StateGlyph.tsx";
import { CalendarClock } from "lucide-react";
import { memo, useState } from "react";
import { secondsSince, serverNow } from "../data/clock.ts";
import { inHand } from "../data/select.ts";
import { useTexts } from "../i18n/index.ts";
import { activityName } from "../shell/words.ts";
import { Ago } from "./Ago.tsx";
import { droppable } from "./dragging.ts";
import type { Person } from "./figures.ts";
import { PersonPanel } from "./PersonPanel.tsx";
import look from "./people.module.css";

const LONG: Partial<Record<Person["shape"], number>> = {
  missed: 0,
  wrap: 180,
  lost: 60,
  break: 1800,
};

interface Props {
  person: Person;
  /** He has something for a time. */
  moved: boolean;
  /** Nothing to press: a display on a wall. */
  quiet?: boolean;
}

function useDoing({ worker, shape }: Person): string {
  const { t } = useTexts();
  const activity = useSnapshot((snapshot) => snapshot.activities[worker.activity_id]);
  const hand = inHand(worker);
  if (shape === "contact" || (shape === "lost" && hand > 0)) return t("people.inHand", { count: hand });
  return shape === "ready" ? t("people.free") : activityName(activity, t);
}

function Line({ person, doing, moved }: { person: Person; doing: string; moved: boolean }) {
  const { t } = useTexts();
  const { worker, shape } = person;
  return (
    <>
      <StateGlyph shape={shape} />
      <span className={look.personName} aria-hidden="true">
        {worker.name} {moved && <CalendarClock size={12} aria-label={t("floor.forATime")} />}
      </span>
      <span className={look.doing} aria-hidden="true">
        {doing}
      </span>
      <Ago
        since={worker.activity_since}
        className={look.personTime}
        long={LONG[shape]}
        tone={shape === "missed" ? "bad" : "warn"}
      />
    </>
  );
}

/** Escape shuts his panel also while the focus is still on its way into it. */
function OnEscape({ shut }: { shut: () => void }) {
  useWindowEvent("keydown", (event) => event.key === "Escape" && shut());
  return null;
}

function Cell({ person, moved, quiet }: Props) {
  const { t } = useTexts();
  const [open, setOpen] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const doing = useDoing(person);
  const { worker, shape } = person;
  const words = [worker.name, t(`state.${shape}`), doing, duration(secondsSince(worker.activity_since, serverNow()))];
  if (moved) words.splice(3, 0, t("floor.forATime"));
  if (quiet)
    return (
      <li className={`${look.cell} ${look.person}`} data-worker={worker.id}>
        <span className="hidden">{words.join(", ")}</span>
        <Line person={person} doing={doing} moved={moved} />
      </li>
    );
  return (
    <li className={look.cell} data-worker={worker.id} {...droppable({ kind: "worker", id: worker.id, name: worker.name })}>
      <button
        type="button"
        className={`${look.person} ${look.pressed}`}
        aria-haspopup="dialog"
        aria-expanded={open}
        onMouseDown={(event) => open && event.stopPropagation()}
        onClick={() => setOpen(!open)}
      >
        <span className="hidden">{words.join(", ")}</span>
        <Line person={person} doing={doing} moved={moved} />
      </button>
      {open && (
        <Popover
          opened
          onChange={setOpen}
          closeOnClickOutside={!choosing}
          closeOnEscape={!choosing}
          width="min(340px, calc(100vw - 24px))"
          position="bottom-start"
          withRoles={false}
          middlewares={{ flip: true, shift: { padding: 8 }, size: { padding: 8 } }}
          trapFocus
          returnFocus
        >
          {!choosing && <OnEscape shut={() => setOpen(false)} />}
          <Popover.Target>
            <span className={look.anchor} />
          </Popover.Target>
          <Popover.Dropdown className={look.personPop} role="dialog" aria-label={worker.name}>
            <PersonPanel person={person} onChoosing={setChoosing} />
          </Popover.Dropdown>
        </Popover>
      )}
    </li>
  );
}

/** Of hundreds only those whose own state changed are drawn anew. */
export const PersonCell = memo(
  Cell,
  (a, b) =>
    a.person.worker === b.person.worker && a.person.shape === b.person.shape && a.moved === b.moved && a.quiet === b.quiet,
);
