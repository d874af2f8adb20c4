"""The hub's indexes find exactly those whom the rule names."""

from hypothesis import given
from hypothesis import strategies as st

from parlons.runtime.events import Audience
from parlons.runtime.hub import World
from parlons.runtime.rights import Rights, sees
from parlons.runtime.socket import Socket

firms = st.sampled_from(["FI1", "FI2", "FI3"])
users = st.sampled_from(["US1", "US2", "US3", "US4"])
conversations = st.sampled_from(["CH1", "CH2", "CH3"])


def rights() -> st.SearchStrategy[Rights]:
    people = st.builds(
        Rights,
        tenant_id=st.just("AC"),
        workspace_id=st.just("WS"),
        role=st.sampled_from(["agent", "supervisor", "administrator"]),
        user_id=users,
        firm_ids=st.none() | st.frozensets(firms),
        conversation_ids=st.sets(conversations),
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
