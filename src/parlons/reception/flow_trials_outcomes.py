"""How each contact of a trial ended, written once, in the transaction that keeps where the contact stands.

`transferred`: led to a person, from the moment the flow asks for one; what comes of it is the person's. `failed`: the flow
could not go on. `left`: the contact hung up, or its chat was closed, before either. `contained`: the flow came to its end by
itself. The first of them counts. A row holds ids and times only, nothing of the customer.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Literal, Protocol

import sqlalchemy as sa

from parlons.kit.clock import to_datetime
from parlons.reception.flow_trials import Trial, side_of
from parlons.reception.store import flow_trial_contacts, flow_trials
from parlons.runtime.db import Database, Tx
from parlons.runtime.prepared import Prepared, insertion

Json = dict[str, Any]
Outcome = Literal["contained", "transferred", "left", "failed"]
OUTCOMES: tuple[Outcome, ...] = ("contained", "transferred", "left", "failed")
KEPT_DAYS = 400
"""Days after which the contacts of a trial, and trials that ended, are forgotten: a year can be compared with the next."""
_OF = "trial"
"""Of an instance's contact: the trial in which it is counted, until it is."""


def _asked(result: Json | None) -> bool:
    """A queue: he stands in line; the answer comes later. An overflow leads nowhere."""
    return result is None


PERSON: Mapping[str, Callable[[Json | None], bool]] = {
    "queue": _asked,
    "callback": lambda result: bool(result and (result.get("made") or result.get("known"))),
    "take_message": lambda result: bool(result and result.get("task_id")),
    "dial": lambda result: bool(result and result.get("why") == "answered"),
}
"""Every kind of effect by which a flow reaches a person, and whether it did by its result. The only such list."""
ENDS: Mapping[str | None, Outcome] = {
    "end": "contained", "answered": "transferred", "transferred": "transferred", "callback": "transferred",
    "unserved": "transferred",
}  # fmt: skip
"""By why a flow is over, where nothing was settled before; all else is a failure."""


class Contact(Protocol):
    """An instance, as far as trials know it."""

    id: str
    contact: dict[str, Any]


_NEW = insertion(flow_trial_contacts)
_SETTLED = Prepared(
    sa.update(flow_trial_contacts)
    .where(
        flow_trial_contacts.c.tenant_id == sa.bindparam("of_tenant"),
        flow_trial_contacts.c.instance_id == sa.bindparam("of_instance"),
        flow_trial_contacts.c.outcome.is_(None),
    )
    .values(ended_at=sa.bindparam("at"), outcome=sa.bindparam("to"))
)


def enter(tx: Tx, trial: Trial, contact: Contact, customer: str) -> int:
    """The contact is of this trial from now on; returns the version that answers it."""
    side = side_of(trial.id, customer, trial.percent)
    contact.contact[_OF] = trial.id
    row = {"instance_id": contact.id, "tenant_id": tx.tenant_id, "trial_id": trial.id, "side": side,
           "began_at": to_datetime(tx.now), "ended_at": None, "outcome": None}  # fmt: skip
    tx.later(_NEW, row, key=contact.id)
    return trial.version(side)


def settle(tx: Tx, contact: Contact, outcome: Outcome) -> None:
    """That is how it ended; whatever comes after changes nothing. The caller keeps the instance."""
    if contact.contact.pop(_OF, None) is not None:
        settle_of(tx, contact.id, outcome)


def settle_of(tx: Tx, instance_id: str, outcome: Outcome) -> None:
    """The same, for who has no instance at hand: one that is in no trial, or settled, stays as it is."""
    at, row = to_datetime(tx.now), tx.unwritten(_NEW, instance_id)
    if row is None:
        values = {"of_tenant": tx.tenant_id, "of_instance": instance_id, "at": at, "to": outcome}
        tx.later(_SETTLED, values, key=instance_id)
    elif row["outcome"] is None:
        row.update(ended_at=at, outcome=outcome)


def settle_result(tx: Tx, contact: Contact, kind: str, result: Json | None) -> None:
    """Settled if this effect reached a person."""
    if _OF in contact.contact and kind in PERSON and PERSON[kind](result):
        settle(tx, contact, "transferred")


def settle_end(tx: Tx, contact: Contact, why: str | None) -> None:
    """The flow is over, for this reason."""
    settle(tx, contact, ENDS.get(why, "failed"))


def settle_gone(tx: Tx, instance_id: str, contact: Mapping[str, Any]) -> None:
    """The contact is gone, and its instance was ended by a statement of its own."""
    if _OF in contact:
        settle_of(tx, instance_id, "left")


async def left_a_message(tx: Tx, instance_id: str) -> None:
    """Who hung up while his message was taken had left it: he reached a person after all."""
    here = (flow_trial_contacts.c.tenant_id == tx.tenant_id, flow_trial_contacts.c.instance_id == instance_id)
    change = flow_trial_contacts.update().where(*here, flow_trial_contacts.c.outcome == "left")
    await tx.execute(change.values(outcome="transferred"))


async def forget_unsettled(tx: Tx, instance_ids: list[str]) -> None:
    """These contacts are erased: nothing will ever be heard of those under way. Of the others an outcome stays, nobody's."""
    here = (flow_trial_contacts.c.tenant_id == tx.tenant_id, flow_trial_contacts.c.instance_id.in_(instance_ids))
    await tx.execute(flow_trial_contacts.delete().where(*here, flow_trial_contacts.c.outcome.is_(None)))


async def forget_old_trials(db: Database) -> None:
    """What is older than KEPT_DAYS goes. Repeatable."""
    async with db.system() as tx:
        before = to_datetime(tx.now) - timedelta(days=KEPT_DAYS)
        await tx.execute(flow_trial_contacts.delete().where(flow_trial_contacts.c.began_at < before))
        await tx.execute(flow_trials.delete().where(flow_trials.c.ended_at < before))
