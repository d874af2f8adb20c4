"""The outside world of calls that programs lead: numbers, telephones, a program, its workspace."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from twilio.request_validator import RequestValidator
from twilio.rest import Client

from parlons.simulator.telephone import Dialog, Telephone
from tests.app.caller import Ear, Program
from tests.app.existing_client import Keys

NUMBER, SECOND, CUSTOMER = "+33155500000", "+33155500001", "+33612345678"
CENTRE = """
workspace: {{default_activity: Offline, timeout_activity: Missed}}
firms: [{{name: North, languages: [fr, en]}}]
activities: [{{name: Offline}}, {{name: Available, available: true}}, {{name: Break}}, {{name: Missed}}]
queues: [{{name: Sales}}]
workflows: [{{name: Door, default_queue: Sales}}]
users:
- {{email: ada@north.example, name: Ada, phone: {{username: ada, password: {{secret: ADA_PHONE}}}}, rings: [{{kind: phone}}]}}
- {{email: bob@north.example, name: Bob, phone: {{username: bob, password: {{secret: BOB_PHONE}}}}, rings: [{{kind: phone}}]}}
- {{email: eve@north.example, name: Eve, phone: {{username: eve, password: {{secret: BOB_PHONE}}}}}}
trunks: [{{name: Loop, host: 127.0.0.1, port: {port}, country: FR, options_seconds: 0}}]
entry_points:
- {{channel: voice, address: "{number}", firm: North, workflow: Door, task_channel: voice, language: en}}
- {{channel: voice, address: "{second}", firm: North, workflow: Door, task_channel: voice, language: en}}
"""


class Stage:
    """The outside world as one test sees it: a telephone beyond the trunk, a program with its addresses, its client."""

    def __init__(self, api: Client, program: Program, phone: Telephone, keys: Keys, sip: tuple[str, int]) -> None:
        self.api, self.program, self.phone, self.keys, self.sip = api, program, phone, keys, sip
        self.ears: list[Ear] = []
        self.phones: list[Telephone] = []

    async def does(self, act: Callable[[], Any]) -> Any:
        """What the client, which waits, does."""
        return await asyncio.to_thread(act)

    async def is_told(self) -> None:
        """Returns when the engine has the trunk and the telephones of the present configuration: it has them all at once."""
        await self.desk_phone("eve")

    async def leads(self, number: str, path: str, **more: str) -> None:
        """A number's calls are led by the program."""

        def lead() -> None:
            (found,) = self.api.incoming_phone_numbers.list(phone_number=number)
            self.api.incoming_phone_numbers(found.sid).update(voice_url=self.program.url + path, **more)

        await self.does(lead)

    async def ear(self) -> Ear:
        """Sound of a telephone."""
        made = Ear()
        await made.open()
        self.ears.append(made)
        return made

    async def calls(self, number: str) -> tuple[Dialog, Ear]:
        """A customer calls, and is answered."""
        ear = await self.ear()
        dialog = self.phone.call(number, ear.port)
        async with asyncio.timeout(60):
            assert await asyncio.shield(dialog.answered) == 200
        ear.where = dialog.media
        return dialog, ear

    def answers(self, phone: Telephone) -> "asyncio.Queue[tuple[Dialog, Ear]]":
        """A telephone that answers whoever calls; who did."""
        taken: asyncio.Queue[tuple[Dialog, Ear]] = asyncio.Queue()

        async def ring(dialog: Dialog, _invite: Any) -> None:
            ear = await self.ear()
            phone.accept(dialog, ear.port)
            ear.where = dialog.media
            taken.put_nowait((dialog, ear))

        phone.ring = ring
        return taken

    async def desk_phone(self, username: str) -> Telephone:
        """Somebody's desk phone, registered."""
        secret = {"ada": "a long secret", "bob": "another secret", "eve": "another secret"}[username]
        phone = Telephone(self.sip, username, secret)
        self.phones.append(phone)
        await phone.open()
        async with asyncio.timeout(60):
            while await phone.register() != 200:  # the engine hears of phones a moment after they are configured
                continue
        return phone

    async def until(self, holds: Callable[[], Any]) -> Any:
        """Waits until the client finds it so."""
        async with asyncio.timeout(60):
            while True:
                if found := await self.does(holds):
                    return found
                await asyncio.sleep(0.1)

    def signed(self) -> None:
        """Everything the program was asked is signed for it."""
        for asked in self.program.asked:
            validator = RequestValidator(self.keys["auth_token"])
            form = asked.form if asked.method == "POST" else {}
            assert validator.validate(self.program.url + asked.target, form, asked.signature), asked.target


class Work:
    """A workspace whose workflow chooses who is called."""

    def __init__(self, stage: Stage, contact: str) -> None:
        api, url = stage.api, stage.program.url
        made = api.taskrouter.v1.workspaces.create(friendly_name="Calls", template="NONE")
        self.place = api.taskrouter.v1.workspaces(made.sid)
        (ready,) = self.place.activities.list(friendly_name="Available")
        (away,) = self.place.activities.list(friendly_name="Unavailable")
        queue = self.place.task_queues.create(friendly_name="All", target_workers="1==1")
        routing = {"task_routing": {"filters": [], "default_filter": {"queue": queue.sid}}}
        self.way = self.place.workflows.create(
            friendly_name="Way", configuration=json.dumps(routing), assignment_callback_url=url + "/assign"
        )
        self.away = away.sid
        attributes = json.dumps({"contact_uri": contact})
        self.worker = self.place.workers.create(friendly_name="Ada", attributes=attributes, activity_sid=ready.sid)

    def offers(self) -> list[Any]:
        """What the worker was offered."""
        found: list[Any] = self.place.workers(self.worker.sid).reservations.list()
        return found
