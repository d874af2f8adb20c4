"""Erasure: journal, snapshots and `why` hold outcomes, never a customer's values, and replay goes on without them."""

import msgspec

from parlons.routing import commands as c
from parlons.routing import transitions as t
from parlons.routing.configuration import Queue
from parlons.routing.snapshot import dump, load, state_digest
from parlons.routing.state import new_state
from parlons.routing.step import step
from parlons.routing.why import decision, explain
from tests.routing.lab import Lab, rule, workflow

VALUES = {
    "name": "Dupont",
    "phone": "+33612345678",
    "agent": "no-such-worker",
    "card": "golden-7",
    "lang": "breton",
    "mate": "K2",
}
SECRETS = ("Dupont", "+33612345678", "no-such-worker", "golden-7", "golden-8", "breton")
RULES = (
    rule("card == 'silver'", {"queue": "Q"}),
    rule("card CONTAINS 'golden' AND phone != 'none'",
         {"queue": "Q", "known_worker_sid": "task.agent", "timeout": 5},
         {"expression": "task.lang != worker.lang", "order_by": "worker.level DESC"}),
    rule("card == 'none'", {"queue": "Q", "known_worker_sid": "task.mate"}),
)  # fmt: skip


def routed() -> tuple[Lab, list[tuple[bytes, int, list[bytes]]]]:
    """A lab, and its journal as bytes: what the shell would write."""
    lab = Lab(Queue("Q", "Q", "level >= 0"), workflow(*RULES, default="Q"))
    journal: list[tuple[bytes, int, list[bytes]]] = []
    before, lab.state = lab.state, new_state("WS1")

    def do(command: c.Command) -> None:
        out = lab.do(command)
        bare, _ = c.sealed(command)
        journal.append(
            (
                msgspec.msgpack.encode(c.to_wire(bare)),
                lab.now,
                [msgspec.msgpack.encode(t.to_wire(each)) for each in out],
            )
        )

    do(
        c.Configure(
            (*before.activities.values(), before.queues["Q"].config, before.workflows["W"].config), (), before.settings
        )
    )
    for name, lang, level in (("K1", "fr", 1), ("K2", "en", 2), ("K3", "de", 3)):
        do(c.PutWorker(name, name, {"lang": lang, "level": level}, {"default": 1}))
    do(c.CreateTask("T1", VALUES, "W"))
    do(c.CreateTask("T2", VALUES | {"card": "none"}, "W"))
    lab.now += 5_000
    do(c.Tick())
    assert lab.offers() == {"T1": ["K3"], "T2": ["K2"]}
    do(c.SetWorkerAttributes("K1", {"level": 1}))
    do(c.UpdateTask("T1", VALUES | {"card": "golden-8"}))
    do(c.RejectReservation(lab.offer("T1"), None, 9))
    do(c.PutWorker("K4", "K4", {"lang": "it", "level": 9}))
    lab.now += 5_000
    do(c.Tick())
    assert lab.offers()["T1"] == ["K4"]
    do(c.RejectReservation(lab.offer("T1"), "O", 9))
    do(c.Configure((workflow(*RULES[1:], default="Q"),)))
    do(c.AcceptReservation(lab.offer("T2")))
    do(c.CreateCompanion("T3", "T2", "chat", VALUES))
    return lab, journal


def test_the_journal_and_the_snapshot_hold_none_of_the_values() -> None:
    lab, journal = routed()
    written = b"".join([command for command, _, _ in journal] + [each for _, _, out in journal for each in out]) + dump(
        lab.state
    )
    assert [secret for secret in SECRETS if secret.encode() in written] == []


def test_the_journal_replays_without_the_values_to_the_same_state_and_why() -> None:
    lab, journal = routed()
    state = new_state("WS1")
    for command, at, out in journal:
        recorded = [t.from_wire(msgspec.msgpack.decode(each)) for each in out]
        again = step(state, c.from_wire(msgspec.msgpack.decode(command)), at, recorded)
        assert again == recorded
    assert state_digest(state) == state_digest(lab.state)
    restored = load(dump(lab.state), {})
    for task_id in lab.state.tasks:
        assert (
            explain(state, task_id, lab.now)
            == explain(lab.state, task_id, lab.now)
            == explain(restored, task_id, lab.now)
        )


def test_erasing_an_open_task_cancels_it_first_whatever_its_status() -> None:
    lab = Lab()
    lab.worker("K1", capacity=3)
    for name in ("T1", "T2", "T3"):
        lab.task(name)
    lab.accept("T1")
    lab.accept("T2")
    lab.do(c.WrapTask("T2"))
    for name in ("T1", "T2", "T3"):
        out = lab.do(c.EraseTask(name))
        assert [each.type for each in out] == ["task.canceled", "reservation.canceled"]
        assert isinstance(out[0], t.TaskCanceled)
        assert out[0].reason == "erased"
    assert lab.do(c.EraseTask("T1")) == [], "one that has ended is not here any more: late is normal"
    assert lab.state.workers["K1"].channels["default"].load == 0


def test_a_class_of_workers_is_recorded_once_and_shared() -> None:
    lab = Lab(workflow(rule("1==1", {"queue": "Q", "expression": "task.lang IN worker.langs"})))
    lab.worker("K1", langs=["fr"], capacity=0)
    lab.worker("K2", langs=["en"], capacity=0)
    out = [
        each
        for name, lang in (("T1", "fr"), ("T2", "fr"), ("T3", "en"))
        for each in lab.task(name, None, attributes={"lang": lang})
    ]
    classes = [(each.class_id, each.members) for each in out if isinstance(each, t.WorkerClassCreated)]
    assert classes == [(1, "1"), (2, "2")]
    assert [each.class_id for each in out if isinstance(each, t.WorkflowTargetMatched)] == [1, 1, 2]
    out = lab.do(c.SetWorkerAttributes("K2", {"langs": ["fr", "en"]}))
    assert [(each.class_id, each.worker_id, each.member) for each in out if isinstance(each, t.WorkerClassChanged)] == [
        (1, "K2", True)
    ]
    for name in ("T1", "T2", "T3"):
        lab.do(c.CancelTask(name))
    assert (lab.state.classes, lab.state.selections) == ({}, {}), "a class ends with its last task"
    assert [pool for pool in lab.state.pools if pool is not None and not pool.static] == []


def test_the_decision_says_rule_keys_and_next_two() -> None:
    lab = Lab(workflow(rule("1==1", {"queue": "Q", "order_by": "worker.level DESC"}, name="gold")))
    for name, level in (("K1", 1), ("K2", 5), ("K3", 3), ("K4", 4)):
        lab.worker(name, level=level)
    created = lab.task("T1", None, priority=2)[-1]
    found = decision(created)
    assert found is not None
    assert (found.rule, found.step, found.chosen_by, found.idle, found.sequence) == ("gold", 0, "task", 4, 1)
    assert found.task_key == (2, lab.now)
    since = [lab.state.workers[name].idle_since for name in ("K4", "K3")]
    assert [name for name, _ in found.next_workers] == ["K4", "K3"]
    assert [key for _, key in found.next_workers] == [(4, since[0]), (3, since[1])]
    assert found.worker_key[0] == 5
    lab.accept("T1")
    lab.complete("T1")
    assert decision(lab.heard[-1]) is None


def test_explain_names_every_worker_and_what_speaks_against_him() -> None:
    lab = Lab(
        Queue("Q", "Q", "team == 1"),
        workflow(rule("1==1", {"queue": "Q", "expression": "worker.level >= 2 AND task.n == worker.n"})),
    )
    plain = {"team": 1, "level": 3, "n": 7}
    lab.worker("K0", **plain | {"level": 2})
    lab.do(c.SetActivity("K0", "O"))
    lab.worker("K1", **plain | {"team": 2})
    lab.worker("K2", **plain | {"level": 1})
    lab.worker("K3", "O", **plain)
    lab.worker("K4", capacity=0, **plain)
    lab.worker("K5", **plain)
    lab.do(c.SetReachable("K5", False))
    lab.worker("K6", **plain)
    lab.do(c.SetChannel("K6", "default", available=False))
    lab.worker("K7", **plain)
    lab.task("T1", None, attributes={"n": 7})
    lab.reject("T1", quiet_seconds=60)
    found = {
        each.worker_id: [reason.code for reason in each.reasons]
        for each in explain(lab.state, "T1", lab.now).candidates
    }
    assert found == {
        "K0": ["activity"], "K1": ["queue-expression"], "K2": ["target-expression"], "K3": ["activity"], "K4": ["channel-full"],
        "K5": ["unreachable"], "K6": ["channel-closed"], "K7": ["refused"],
    }  # fmt: skip
    lab.worker("K8", **plain)
    answer = explain(lab.state, "T1", lab.now)
    assert (answer.candidates[0].worker_id, answer.candidates[0].chosen, answer.status) == ("K8", True, "reserved")
    assert answer.candidates[0].reasons[0].code == "holds-offer"
