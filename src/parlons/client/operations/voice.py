"""Routes: voice. Written by `make python-client` from the API's description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from parlons.client.calls import File, Group, Listing, Mode, Request, listing, operation
from parlons.client.types.shared import Call, Digits, PhoneAnswer, PhoneOffer
from parlons.client.types.voice import (
    BesideState,
    Consulted,
    ContactAddresses,
    HeldInput,
    IceServers,
    NewCall,
    Paused,
    Peaks,
    PickUp,
    QualityReport,
    RecordingLink,
    Recordings,
    RemoveLeg,
    Signal,
    Supervise,
    ToOne,
    TransferTo,
    Typed,
    VoiceStatus,
)


class VoiceRoutes(Group[Mode]):
    """Routes: voice."""

    @operation
    def get_prompts(self, *, firm_id: str | None = None) -> Request[dict[str, Any]]:
        """The firms' own prompts, those that are shipped with their words, and what speaks where nobody record."""
        return Request("GET", "/prompts", query={"firm_id": firm_id})

    @operation
    def upload_prompt(self, file: File, fields: Mapping[str, str] | None = None) -> Request[dict[str, Any]]:
        """Keep a WAV file (at most five minutes, 32 MB) as the firm's prompt of that name and language, in pla."""
        return Request("POST", "/prompts", file=file, fields=fields)

    @operation
    def prompt_audio(self, prompt_id: str | int) -> Request[bytes]:
        """The recording as it is heard on the telephone."""
        return Request("GET", "/prompts/{}/audio", (prompt_id,), reads="bytes")

    @operation
    def remove_prompt(self, prompt_id: str | int) -> Request[None]:
        """Remove a recording."""
        return Request("DELETE", "/prompts/{}", (prompt_id,), reads="nothing")

    @listing
    def calls(
        self,
        *,
        state: Literal["ringing", "menu", "waiting", "talking", "held", "consulting", "wrapping", "ended", "parked"]
        | Literal["live"]
        | None = None,
        conversation_id: str | None = None,
        before: str | None = None,
        limit: int | None = None,
    ) -> Listing[Call]:
        """Calls, newest first."""
        return Listing(
            "GET",
            "/calls",
            query={"state": state, "conversation_id": conversation_id, "before": before, "limit": limit},
            cursor="before",
        )

    @operation
    def place_call(self, body: NewCall, *, key: str | None = None) -> Request[Call]:
        """Call a number, or a colleague."""
        return Request("POST", "/calls", body=body, once=True, key=key)

    @operation
    def call(self, call_id: str | int) -> Request[Call]:
        """One call, ended ones too."""
        return Request("GET", "/calls/{}", (call_id,))

    @operation
    def answer(self, reservation_id: str | int) -> Request[Call]:
        """Take the call that is offered, on the browser's phone."""
        return Request("POST", "/reservations/{}/answer", (reservation_id,))

    @operation
    def decline(self, reservation_id: str | int) -> Request[Call]:
        """Refuse the call that is offered."""
        return Request("POST", "/reservations/{}/decline", (reservation_id,))

    @operation
    def complete(self, call_id: str | int) -> Request[Call]:
        """The call is written up."""
        return Request("POST", "/calls/{}/complete", (call_id,))

    @operation
    def hang_up(self, call_id: str | int) -> Request[Call]:
        """End the call for everybody."""
        return Request("POST", "/calls/{}/hang_up", (call_id,))

    @operation
    def hold(self, call_id: str | int, body: HeldInput) -> Request[Call]:
        """The customer hears music, or talks again."""
        return Request("POST", "/calls/{}/hold", (call_id,), body=body)

    @operation
    def mute(self, call_id: str | int, body: HeldInput) -> Request[Call]:
        """Nobody hears the agent (`held`), whatever his phone does."""
        return Request("POST", "/calls/{}/mute", (call_id,), body=body)

    @operation
    def digits(self, call_id: str | int, body: Digits) -> Request[Call]:
        """Send keys to the other side."""
        return Request("POST", "/calls/{}/digits", (call_id,), body=body)

    @operation
    def transfer(self, call_id: str | int, body: TransferTo) -> Request[Call]:
        """Hand the call on."""
        return Request("POST", "/calls/{}/transfer", (call_id,), body=body)

    @operation
    def consult(self, call_id: str | int, body: ToOne) -> Request[Consulted]:
        """Talk to a colleague or a number while the customer hears music."""
        return Request("POST", "/calls/{}/consult", (call_id,), body=body)

    @operation
    def complete_transfer(self, call_id: str | int) -> Request[Call]:
        """Who was consulted has the customer from now on."""
        return Request("POST", "/calls/{}/complete_transfer", (call_id,))

    @operation
    def cancel_consult(self, call_id: str | int) -> Request[Call]:
        """Back to the customer, without who was consulted."""
        return Request("POST", "/calls/{}/cancel_consult", (call_id,))

    @operation
    def add(self, call_id: str | int, body: ToOne) -> Request[Consulted]:
        """One more in the conversation."""
        return Request("POST", "/calls/{}/add", (call_id,), body=body)

    @operation
    def merge(self, call_id: str | int) -> Request[Call]:
        """Customer, agent and who was consulted talk together."""
        return Request("POST", "/calls/{}/merge", (call_id,))

    @operation
    def remove(self, call_id: str | int, body: RemoveLeg) -> Request[Call]:
        """One of those who were added leaves."""
        return Request("POST", "/calls/{}/remove", (call_id,), body=body)

    @operation
    def park(self, call_id: str | int) -> Request[Call]:
        """The customer hears music until somebody picks the call up."""
        return Request("POST", "/calls/{}/park", (call_id,))

    @operation
    def pick_up(self, call_id: str | int, body: PickUp | None = None) -> Request[Call]:
        """Take a parked call."""
        return Request("POST", "/calls/{}/pick_up", (call_id,), body=body)

    @operation
    def recording(self, call_id: str | int, body: Paused) -> Request[Call]:
        """Pause the recording, or let it go on."""
        return Request("POST", "/calls/{}/recording", (call_id,), body=body)

    @operation
    def supervise(self, call_id: str | int, body: Supervise) -> Request[Call]:
        """Listen, whisper to the agent, talk to all, take the call over, or stop."""
        return Request("POST", "/calls/{}/supervise", (call_id,), body=body)

    @operation
    def connect_phone(self, body: PhoneOffer) -> Request[PhoneAnswer]:
        """Connect the caller's browser."""
        return Request("POST", "/voice/phone", body=body)

    @operation
    def disconnect_phone(self) -> Request[None]:
        """The caller's browser is no phone any more."""
        return Request("DELETE", "/voice/phone", reads="nothing")

    @operation
    def ice(self) -> Request[IceServers]:
        """Servers the browser needs."""
        return Request("GET", "/voice/phone/ice")

    @operation
    def contact_addresses(self) -> Request[ContactAddresses]:
        """Where the caller is rung, in order."""
        return Request("GET", "/voice/contact_addresses")

    @operation
    def put_contact_addresses(self, body: ContactAddresses) -> Request[ContactAddresses]:
        """Change where the caller is rung."""
        return Request("PUT", "/voice/contact_addresses", body=body)

    @operation
    def status(self, *, firm_id: str | None = None) -> Request[VoiceStatus]:
        """Whether trunks, phones and the engine are up, and whether emergency numbers can be called."""
        return Request("GET", "/voice/status", query={"firm_id": firm_id})

    @operation
    def report_quality(self, body: QualityReport) -> Request[None]:
        """What the caller's browser hears."""
        return Request("POST", "/voice/quality", body=body, reads="nothing")

    @operation
    def list_recordings(self, *, conversation_id: str | None = None, call_id: str | None = None) -> Request[Recordings]:
        """The recordings of a conversation or of a call, oldest first."""
        return Request("GET", "/recordings", query={"conversation_id": conversation_id, "call_id": call_id})

    @operation
    def link(self, recording_id: str | int) -> Request[RecordingLink]:
        """An address that plays the recording for a quarter of an hour."""
        return Request("POST", "/recordings/{}/link", (recording_id,))

    @operation
    def audio(self, recording_id: str | int, *, token: str) -> Request[bytes]:
        """The sound (WAV, two channels), for who has a link."""
        return Request("GET", "/recordings/{}/audio", (recording_id,), query={"token": token}, reads="bytes")

    @operation
    def peaks(self, recording_id: str | int) -> Request[Peaks]:
        """The waveform."""
        return Request("GET", "/recordings/{}/peaks", (recording_id,))

    @operation
    def delete(self, recording_id: str | int) -> Request[None]:
        """Delete a recording for good."""
        return Request("DELETE", "/recordings/{}", (recording_id,), reads="nothing")

    @operation
    def beside(self, call_id: str | int) -> Request[BesideState]:
        """Whether the customer has a page open beside the call, and the servers for a picture."""
        return Request("GET", "/calls/{}/beside", (call_id,))

    @operation
    def video(self, call_id: str | int, body: Signal) -> Request[None]:
        """A word about the picture, to the customer's page."""
        return Request("POST", "/calls/{}/video", (call_id,), body=body, reads="nothing")

    @operation
    def text(self, call_id: str | int, body: Typed) -> Request[None]:
        """The line the agent is typing, as it stands now."""
        return Request("POST", "/calls/{}/text", (call_id,), body=body, reads="nothing")
