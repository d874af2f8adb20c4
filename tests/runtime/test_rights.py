"""The hub's indexes find exactly those whom the rule names."""

from hypothesis import given
from hypothesis import strategies as st

from parlons.runtime.events import Audience
from parlons.runtime.hub import World
from parlons.runtime.rights import Rights, loses, narrowed, sees
from parlons.runtime.socket import Socket

firms = st.sampled_from(["FI1", "FI2", "FI3"])
users = st.sampled_from(["US1", "US2", "US3", "US4"])
queues = st.sampled_from(["WQ1", "WQ2"])
conversations = st.sampled_from(["CH1", "CH2", "CH3"])


def rights() -> st.SearchStrategy[Rights]:
    people = st.builds(
        Rights,
        tenant_id=st.just("AC"),
        workspace_id=st.just("WS"),
        role=st.sampled_from(["agent", "supervisor", "administrator"]),
        user_id=users,
        firm_ids=st.none() | st.frozensets(firms),
        queue_ids=st.none() | st.frozensets(queues),
        conversation_ids=st.sets(conversations),
        figures=st.booleans(),
    )
    visitors = st.builds(
        Rights,
        tenant_id=st.just("AC"),
        workspace_id=st.just("WS"),
        role=st.just("visitor"),
        conversation_ids=st.sets(conversations, max_size=1),
    )
    return people | visitors


audiences = st.builds(
    Audience,
    firm_id=st.none() | firms,
    user_ids=st.lists(users, max_size=2).map(tuple),
    conversation_id=st.none() | conversations,
    supervisors=st.booleans(),
    everyone=st.booleans(),
    visitor=st.booleans(),
    firms=st.lists(firms, max_size=2).map(tuple),
    queue_id=st.none() | st.just("") | queues,
    left_queue_id=st.none() | queues,
    figures=st.booleans(),
)


async def _never(_frame: str) -> None:
    raise AssertionError("nothing is sent here")


@given(st.lists(rights(), max_size=12), st.lists(audiences, min_size=1, max_size=6), st.data())
def test_recipients_are_those_the_rule_names(
    everybody: list[Rights], told: list[Audience], data: st.DataObject
) -> None:
    world = World()
    sockets = [Socket(mine, _never, now=0.0) for mine in everybody]
    for socket in sockets:
        world.add(socket)
    gone = {socket for socket in sockets if data.draw(st.booleans())}
    for socket in gone:
        world.remove(socket)
    for audience in told:
        found = world.recipients(audience)
        assert len(found) == len(set(found))
        assert set(found) == {s for s in sockets if s not in gone and sees(s.rights, audience)}
        assert set(world.losing(audience)) == {s for s in sockets if s not in gone and loses(s.rights, audience)}


def test_an_agent_does_not_hear_of_other_agents_work() -> None:
    agent = Rights("AC", "WS", "agent", user_id="US1")
    assert not sees(agent, Audience(user_ids=("US2",)))
    assert sees(agent, Audience(user_ids=("US1",)))
    assert not sees(agent, None)


def test_a_supervisor_of_one_firm_does_not_hear_of_another() -> None:
    supervisor = Rights("AC", "WS", "supervisor", user_id="US1", firm_ids=frozenset({"FI1"}))
    assert sees(supervisor, Audience(firm_id="FI1"))
    assert not sees(supervisor, Audience(firm_id="FI2"))
    assert not sees(supervisor, Audience(firm_id="FI2", everyone=True))


def test_a_visitor_hears_only_what_is_meant_for_him() -> None:
    visitor = Rights("AC", "WS", "visitor", conversation_ids={"CH1"})
    assert not sees(visitor, Audience(conversation_id="CH1", everyone=True))
    assert sees(visitor, Audience(conversation_id="CH1", visitor=True))
    assert not sees(visitor, Audience(conversation_id="CH2", visitor=True))


def test_a_supervisor_of_one_queue_does_not_hear_of_contacts_in_another_or_in_none() -> None:
    supervisor = Rights("AC", "WS", "supervisor", user_id="US1", queue_ids=frozenset({"WQ1"}))
    assert sees(supervisor, Audience(firm_id="FI1", queue_id="WQ1"))
    assert not sees(supervisor, Audience(firm_id="FI1", queue_id="WQ2"))
    assert not sees(supervisor, Audience(firm_id="FI1", queue_id=""))
    assert sees(supervisor, Audience(firm_id="FI1", queue_id="WQ2", everyone=True))


def test_what_belongs_to_several_firms_is_for_the_people_of_each() -> None:
    person = Rights("AC", "WS", "agent", user_id="US1", firm_ids=frozenset({"FI2"}))
    assert sees(person, Audience(firm_id="FI1", firms=("FI2",), everyone=True))
    assert not sees(person, Audience(firm_id="FI1", firms=("FI3",), everyone=True))


def test_who_sees_figures_hears_of_them_and_of_no_work() -> None:
    planner = Rights("AC", "WS", "agent", user_id="US1", firm_ids=frozenset({"FI1"}), figures=True)
    assert sees(planner, Audience("FI1", queue_id="WQ1", figures=True))
    assert not sees(planner, Audience("FI1", queue_id="WQ1"))
    assert not sees(planner, Audience("FI2", queue_id="WQ1", figures=True))
    assert not sees(Rights("AC", "WS", "agent", user_id="US1"), Audience("FI1", figures=True))


TASK = {"id": "WT1", "queue_id": "WQ2", "title": "Of another queue"}


def test_what_leaves_his_queue_leaves_his_screen() -> None:
    leader = Rights("AC", "WS", "supervisor", user_id="US1", queue_ids=frozenset({"WQ1"}))
    moved = Audience("FI1", queue_id="WQ2", left_queue_id="WQ1")
    assert loses(leader, moved)
    assert narrowed(leader, moved, {"task_id": "WT1", "task": TASK}) == {"removed": {"task": "WT1"}}
    both = Rights("AC", "WS", "supervisor", user_id="US1", queue_ids=frozenset({"WQ1", "WQ2"}))
    assert not loses(both, moved)
    assert narrowed(both, moved, {"task": TASK}) == {"task": TASK}
    unbound = Rights("AC", "WS", "supervisor", user_id="US1")
    assert not loses(unbound, moved)
    assert narrowed(unbound, moved, {"task": TASK}) == {"task": TASK}


def test_an_offer_of_his_queue_tells_nothing_of_a_task_that_is_elsewhere_by_now() -> None:
    leader = Rights("AC", "WS", "supervisor", user_id="US1", queue_ids=frozenset({"WQ1"}))
    offer = {"id": "WR1", "queue_id": "WQ1", "status": "rejected"}
    told = narrowed(
        leader, Audience("FI1", queue_id="WQ1"), {"reservation": offer, "task": TASK, "worker": {"id": "WK1"}}
    )
    assert told == {"reservation": offer, "worker": {"id": "WK1"}, "removed": {"task": "WT1"}}
    his = Audience("FI1", ("US1",), queue_id="WQ2")
    assert narrowed(leader, his, {"task": TASK}) == {"task": TASK}
