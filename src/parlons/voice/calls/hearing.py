"""Who hears whom in a call's room: a supervisor as he takes part, who is muted nobody. Said for each leg before it enters, also
when it comes back (a leg that leaves takes its gains along), so that no word is heard where it should not be."""

from parlons.voice.calls.floor import Floor
from parlons.voice.calls.model import Call, Party


def loudness(speaker: Party, hearer: Party) -> float:
    """How loud one hears the other: 1 or 0."""
    if speaker.muted or speaker.mode == "listen":
        return 0.0
    return 0.0 if speaker.mode == "whisper" and hearer.kind != "agent" else 1.0


async def heard_as_he_is(floor: Floor, call: Call, speaker: Party) -> None:
    """All others hear him as he takes part now."""
    for hearer in call.parties:
        if hearer.leg_id != speaker.leg_id:
            await _gain(floor, call, speaker, hearer)


async def enter(floor: Floor, call: Call, leg_id: str) -> None:
    """A leg comes into the room."""
    party = call.party(leg_id)
    for other in call.parties:
        if party is None or other.leg_id == leg_id:
            continue
        for speaker, hearer in ((party, other), (other, party)):
            if loudness(speaker, hearer) != 1.0:  # as a room has it where nothing is said
                await _gain(floor, call, speaker, hearer)
    async with floor.quietly():
        await floor.engine.join(call.room_id, leg_id)


async def _gain(floor: Floor, call: Call, speaker: Party, hearer: Party) -> None:
    async with floor.quietly():
        await floor.engine.set_gain(call.room_id, speaker.leg_id, hearer.leg_id, loudness(speaker, hearer))
