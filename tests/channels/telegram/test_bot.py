"""The channel against the stand-in of the bot service, over real HTTP: both ways of receiving, sending, files, troubles."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest

from parlons.channels.model import Account, Button, Event, HookRequest, Incoming, Json, Outgoing, OutgoingFile
from parlons.channels.plugin import BadHook, Failed, InvalidAccount, NotFromProvider, Tools, TryLater, Unsure
from parlons.channels.telegram.channel import SECRET_HEADER, Settings, Telegram, hook_secret, open_channel
from parlons.kit.clock import Millis, wall_clock
from parlons.runtime.safe_http import SafeHttp, allowed
from parlons.simulator.providers.telegram import BotApi, Person, too_many
from parlons.simulator.providers.wire import Trouble, served

CLAIRE = Person(4711, "Claire", "Rousseau")
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 2_000_000


class Taken:
    """An inbox in memory."""

    def __init__(self, position: Json | None = None) -> None:
        self.events: list[Event] = []
        self.at: Json = dict(position or {})
        self.problems: list[str | None] = []
        self.changed = asyncio.Condition()

    async def take(self, events: Sequence[Event], *, position: Mapping[str, Any] | None = None) -> None:
        async with self.changed:
            self.events += events
            self.at = dict(position or self.at)
            self.changed.notify_all()

    async def position(self) -> Json:
        return self.at

    def connected(self, *, problem: str | None = None) -> None:
        self.problems.append(problem)

    async def texts(self, count: int) -> list[str]:
        async with asyncio.timeout(60), self.changed:
            await self.changed.wait_for(lambda: len(self.events) >= count)
        return [event.text for event in self.events if isinstance(event, Incoming)]


class Scene:
    """A bot, its service and the channel."""

    def __init__(self, service: BotApi, http: SafeHttp, url: str) -> None:
        self.service, self.http, self.url = service, http, url
        self.channel: Telegram = open_channel(Tools(http, wall_clock))
        self.token = service.bot()

    def account(self, **more: Any) -> Account:
        settings = Settings(api_url=self.url, **more)
        return Account(
            "CA1", "AC1", "WS1", "FM1", "telegram", "bot", "DelmasBot", settings, {"token": self.token},
            hook_url="http://127.0.0.1:9/hook",
        )  # fmt: skip

    async def send(self, text: str = "", *files: OutgoingFile, to: str = "4711", **more: Any) -> Any:
        return await self.channel.send(self.account(), Outgoing("DE1", "ME1", "CN1", to, text, files=files, **more))


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    service = BotApi()
    async with served(service.app) as url, SafeHttp(allowed(["127.0.0.1"])) as http:
        yield Scene(service, http, url)
    await service.close()


async def test_polling_takes_each_update_once_and_remembers_where_it_is(scene: Scene) -> None:
    inbox = Taken()
    await scene.service.says(CLAIRE, "Bonjour")
    running = asyncio.create_task(scene.channel.run(scene.account(), inbox))
    assert await inbox.texts(1) == ["Bonjour"]
    await scene.service.says(CLAIRE, "La Vela 3 ?")
    assert await inbox.texts(2) == ["Bonjour", "La Vela 3 ?"]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    later = Taken(inbox.at)
    await scene.service.says(CLAIRE, "Encore là ?")
    running = asyncio.create_task(scene.channel.run(scene.account(), later))
    assert await later.texts(1) == ["Encore là ?"], "what was taken before is not taken again"
    assert later.problems[0] is None
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_revoked_token_is_the_accounts_problem(scene: Scene) -> None:
    inbox, scene.token = Taken(), "123456:" + "x" * 35
    with pytest.raises(Failed):
        await scene.channel.run(scene.account(), inbox)
    assert inbox.problems == ["token-refused"]
    with pytest.raises(Failed) as no:
        await scene.send("Bonjour")
    assert no.value.code == "token-refused"


async def test_the_webhook_is_set_with_a_secret_and_in_order(scene: Scene) -> None:
    inbox, account = Taken(), scene.account(receive="webhook")
    running = asyncio.create_task(scene.channel.run(account, inbox))
    told = await scene.service.called("setWebhook")
    assert (told["url"], told["max_connections"]) == ("http://127.0.0.1:9/hook", 1)
    assert told["secret_token"] == hook_secret(scene.token)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_only_who_knows_the_secret_is_believed(scene: Scene) -> None:
    def request(body: bytes, **headers: str) -> HookRequest:
        return HookRequest("POST", "/", {}, headers, body, Millis(0))

    good = {SECRET_HEADER: hook_secret(scene.token)}
    scene.channel.verify(scene.account(), request(b"", **good))
    for wrong in ({}, {SECRET_HEADER: ""}, {SECRET_HEADER: hook_secret("another")}, {SECRET_HEADER: "é"}):
        with pytest.raises(NotFromProvider):
            scene.channel.verify(scene.account(), request(b"", **wrong))
    with pytest.raises(BadHook):
        scene.channel.parse(scene.account(), request(b"{not json", **good))


async def test_an_answer_with_files_and_buttons_arrives(scene: Scene) -> None:
    await scene.service.says(CLAIRE, "Un devis ?")
    pdf = OutgoingFile("FI1", "Devis été.pdf", "application/pdf", b"%PDF-1.7 ...")
    picture = OutgoingFile("FI2", "plan.png", "image/png", PNG)
    sent = await scene.send("Le voici : 8 200 € 🚗", pdf, picture, buttons=(Button("Merci", "thanks"),))
    text, document, photo = scene.service.heard(CLAIRE)
    assert text["text"] == "Le voici : 8 200 € 🚗"
    assert document["document"]["file_name"] == "Devis été.pdf"
    assert scene.service.content(photo["photo"][0]["file_id"]) == PNG
    assert photo["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == "thanks"
    assert sent.ids == tuple(f"4711:{each['message_id']}" for each in (text, document, photo))
    assert sent.parts == 3


async def test_a_file_is_fetched(scene: Scene) -> None:
    inbox = Taken()
    await scene.service.sends(CLAIRE, "photo", "voiture.jpg", "image/jpeg", PNG, caption="Ma voiture")
    running = asyncio.create_task(scene.channel.run(scene.account(), inbox))
    assert await inbox.texts(1) == ["Ma voiture"]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    (event,) = inbox.events
    assert isinstance(event, Incoming)
    fetched = await scene.channel.fetch(scene.account(), event.files[0])
    assert fetched.body == PNG


async def test_a_file_beyond_what_bots_may_fetch_is_said(scene: Scene) -> None:
    message = await scene.service.sends(CLAIRE, "document", "film.pdf", "application/pdf", b"x" * 20_971_521)
    event = (scene.channel.parse(scene.account(), _hook(message)))[0]
    assert isinstance(event, Incoming)
    with pytest.raises(Failed) as no:
        await scene.channel.fetch(scene.account(), event.files[0])
    assert no.value.code == "file-too-large"


async def test_a_pressed_button_is_answered_and_told(scene: Scene) -> None:
    await scene.service.says(CLAIRE, "?")
    await scene.send("Samedi ?", buttons=(Button("Oui", "sat:yes"),))
    await scene.service.presses(CLAIRE, scene.service.heard(CLAIRE)[0], "sat:yes")
    inbox = Taken()
    running = asyncio.create_task(scene.channel.run(scene.account(), inbox))
    assert await inbox.texts(2) == ["?", "Oui"]
    await scene.service.called("answerCallbackQuery")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_troubles_of_the_service(scene: Scene) -> None:
    await scene.service.says(CLAIRE, "?")
    scene.service.troubles.append(too_many(3))
    with pytest.raises(TryLater) as later:
        await scene.send("a")
    assert later.value.after == 3
    scene.service.troubles.append(Trouble(503))
    with pytest.raises(TryLater):
        await scene.send("a")
    assert scene.service.heard(CLAIRE) == []
    scene.service.troubles.append(Trouble(502, carried_out=True))
    with pytest.raises(Unsure):
        await scene.send("a")
    assert len(scene.service.heard(CLAIRE)) == 1, "it had left: sent again it would come twice"
    with pytest.raises(Failed) as no:
        await scene.send("a", to="999")
    assert no.value.code == "unknown-recipient"
    await scene.service.blocks(CLAIRE)
    with pytest.raises(Failed) as no:
        await scene.send("a")
    assert no.value.code == "blocked-by-customer"


async def test_trouble_in_the_middle_of_a_message_is_unsure(scene: Scene) -> None:
    await scene.service.says(CLAIRE, "?")
    files = [OutgoingFile(f"FI{n}", f"{n}.pdf", "application/pdf", b"%PDF-1.7") for n in range(2)]

    async def fail_second() -> None:
        await scene.service.hears(CLAIRE, 1)
        scene.service.troubles.append(too_many(1))

    failing = asyncio.create_task(fail_second())
    outcomes = await asyncio.gather(scene.send("x" * 9000, *files), failing, return_exceptions=True)
    assert isinstance(outcomes[0], Unsure)
    assert outcomes[0].code == "partly-sent"


async def test_a_service_that_is_not_there_is_tried_later(scene: Scene) -> None:
    scene.url = "http://127.0.0.1:1"
    with pytest.raises(TryLater) as later:
        await scene.send("a")
    assert later.value.code == "provider-unreachable"


async def test_typing_is_shown(scene: Scene) -> None:
    await scene.service.says(CLAIRE, "?")
    await scene.channel.show_typing(scene.account(), "4711")
    assert scene.service.calls[-1] == ("sendChatAction", {"chat_id": "4711", "action": "typing"})


def test_who_can_be_reached() -> None:
    channel = Telegram.__new__(Telegram)
    account = Account("CA1", "AC1", "WS1", "FM1", "telegram", "bot", "DelmasBot")
    assert channel.reach(account, "external", "telegram:4711") == "4711"
    assert channel.reach(account, "external", "messenger:1:4711") is None
    assert channel.reach(account, "external", "4711") is None
    assert channel.reach(account, "phone", "+33612345678") is None
    assert channel.address("@DelmasBot") == "DelmasBot"
    with pytest.raises(InvalidAccount):
        channel.address("Delmas Bot")


def _hook(message: Json) -> HookRequest:
    import orjson

    return HookRequest("POST", "/", {}, {}, orjson.dumps({"update_id": 1, "message": message}), Millis(0))
