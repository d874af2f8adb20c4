"""The graph's channels against its stand-in over real HTTP: hooks, sending, windows, templates, files, statuses, troubles."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parlons.channels.meta.instagram import channel as instagram
from parlons.channels.meta.messenger import channel as messenger
from parlons.channels.meta.whatsapp import channel as whatsapp
from parlons.channels.model import (
    Account,
    Button,
    ChosenTemplate,
    Event,
    HookRequest,
    Incoming,
    Outgoing,
    OutgoingFile,
    Read,
    Receipt,
    Template,
)
from parlons.channels.plugin import BadHook, Failed, InvalidAccount, NotFromProvider, Tools, TryLater, Unsure
from parlons.kit.clock import Millis, wall_clock
from parlons.runtime.safe_http import SafeHttp, allowed
from parlons.simulator.providers.graph import (
    ACCESS_TOKEN,
    APP_SECRET,
    SIGNATURE,
    VERIFY_TOKEN,
    Graph,
    GraphError,
    signature,
)
from parlons.simulator.providers.numbers import Number, template
from parlons.simulator.providers.pages import Page
from parlons.simulator.providers.wire import Trouble, served

KERRY, PSID = "33612345678", "6849302938475610"
PDF = OutgoingFile("FI1", "Devis été.pdf", "application/pdf", b"%PDF-1.7 devis")
PNG = OutgoingFile("FI2", "plan.png", "image/png", b"\x89PNG" + b"\x00" * 1_500_000)
SECRETS = {"access_token": ACCESS_TOKEN, "app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN}
Any_ = whatsapp.WhatsApp | messenger.Messenger | instagram.Instagram


class Scene:
    """The graph, our three channels, and a hook that keeps what they understood."""

    def __init__(self, graph: Graph, http: SafeHttp) -> None:
        self.graph, tools = graph, Tools(http, wall_clock)
        self.number, self.page = Number(graph), Page(graph)
        self.instagram = Page(graph, "17841405822304914", "instagram")
        self.opened: dict[str, Any_] = {
            "whatsapp": whatsapp.open_channel(tools),
            "messenger": messenger.open_channel(tools),
            "instagram": instagram.open_channel(tools),
        }
        self.events: list[Event] = []
        self.hook = ""

    def account(self, name: str, **secrets: str) -> Account:
        of = {"whatsapp": self.number.id, "messenger": self.page.id, "instagram": self.instagram.id}
        more = {"business_account_id": self.number.business_id} if name == "whatsapp" else {}
        settings = self.opened[name].settings(api_url=self.graph.url, **more)
        return Account("CA1", "AC1", "WS1", "FM1", name, "shop", of[name], settings, {**SECRETS, **secrets})

    async def send(self, name: str, text: str = "", *files: OutgoingFile, to: str = "", **more: Any) -> Any:
        person = to or (KERRY if name == "whatsapp" else PSID)
        message = Outgoing("DE1", "ME1", "CN1", person, text, files=files, **more)
        return await self.opened[name].send(self.account(name), message)

    async def news(self) -> list[Event]:
        """What came by the hook, once everything was taken."""
        await self.graph.caller.quiet()
        return self.events

    async def serve(self, request: Request) -> Response:
        """The hook as the engine has it: verified, answered, parsed, accepted."""
        name = request.path_params["channel"]
        channel, account = self.opened[name], self.account(name)
        headers = dict(request.headers)
        came = HookRequest(
            request.method, "/", dict(request.query_params), headers, await request.body(), Millis(wall_clock())
        )
        try:
            channel.verify(account, came)
        except NotFromProvider:
            return Response(status_code=403)
        answer = channel.answer(account, came)
        if answer is None:
            self.events += channel.parse(account, came)
            answer = channel.accepted(account, came)
        return Response(answer.body, answer.status)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    graph = Graph()
    async with SafeHttp(allowed(["127.0.0.1"])) as http, served(graph.app) as url:
        graph.url, made = url, Scene(graph, http)
        hooks = Starlette(routes=[Route("/hooks/{channel}", made.serve, methods=["GET", "POST"])])
        async with served(hooks) as hook:
            made.hook = hook
            yield made
    await graph.close()


async def test_a_subscription_needs_our_token_and_gets_the_challenge(scene: Scene) -> None:
    assert await scene.graph.subscribe(f"{scene.hook}/hooks/whatsapp", "guessed") is False
    assert await scene.graph.subscribe(f"{scene.hook}/hooks/whatsapp") is True


def _post(body: bytes, **headers: str) -> HookRequest:
    return HookRequest("POST", "/", {}, headers, body, Millis(0))


@pytest.mark.parametrize("name", ["whatsapp", "messenger", "instagram"])
async def test_only_what_the_app_signed_is_believed(scene: Scene, name: str) -> None:
    channel, account = scene.opened[name], scene.account(name)
    body, header = '{"object":"é"}'.encode(), SIGNATURE.lower()
    channel.verify(account, _post(body, **{header: signature(body)}))
    wrong: list[dict[str, str]] = [
        {},
        {header: ""},
        {header: signature(body, "another")},
        {header: signature(body + b" ")},
        {header: signature(body).removeprefix("sha256=")},
    ]
    for headers in wrong:
        with pytest.raises(NotFromProvider):
            channel.verify(account, _post(body, **headers))
    bare = replace(account, secrets={})
    with pytest.raises(NotFromProvider):
        channel.verify(bare, _post(body, **{header: signature(body, "")}))
    with pytest.raises(NotFromProvider):
        channel.verify(bare, HookRequest("GET", "/", {"hub.verify_token": ""}, {}, b"", Millis(0)))
    for broken in (b"{", b"[]", b'{"object":"other","entry":[]}', b'{"object":"page"}'):
        with pytest.raises(BadHook):
            channel.parse(account, _post(broken))


async def test_a_conversation_of_a_number_both_ways(scene: Scene) -> None:
    await scene.graph.subscribe(f"{scene.hook}/hooks/whatsapp")
    scene.number.says(KERRY, "Bonjour, où en est ma Vela ?", "Zoé Lefèvre")
    (came,) = await scene.news()
    assert isinstance(came, Incoming)
    assert (came.text, came.sender.name) == ("Bonjour, où en est ma Vela ?", "Zoé Lefèvre")
    sent = await scene.send("whatsapp", "Voici le devis : 8 200 €", PDF, to=came.sender.address)
    (heard,) = scene.number.heard[KERRY]
    assert heard["document"]["caption"] == "Voici le devis : 8 200 €"
    assert heard["document"]["filename"] == "Devis été.pdf"
    assert scene.graph.files[heard["document"]["id"]][2] == PDF.body
    scene.number.status(sent.ids[0], KERRY, "read")
    states = [event.state for event in await scene.news() if isinstance(event, Receipt)]
    assert states == ["sent", "delivered", "read"]


async def test_a_closed_window_fails_later_with_its_code_and_a_template_passes(scene: Scene) -> None:
    await scene.graph.subscribe(f"{scene.hook}/hooks/whatsapp")
    scene.number.templates += [
        template("order_ready", "fr", "Votre {{1}} vous attend chez {{2}}."),
        template("promo", "fr", "Bonjour") | {"status": "REJECTED"},
        template("video", "fr", "Regardez") | {"components": [{"type": "HEADER", "format": "VIDEO"}]},
    ]
    sent = await scene.send("whatsapp", "Trop tard ?")
    (failed,) = await scene.news()
    assert isinstance(failed, Receipt)
    assert (failed.provider_id, failed.state, failed.code) == (sent.ids[0], "failed", "window-closed")
    channel = scene.opened["whatsapp"]
    assert isinstance(channel, whatsapp.WhatsApp)
    (known,) = await channel.templates(scene.account("whatsapp"))
    assert known == Template("order_ready", "fr", "Votre {{1}} vous attend chez {{2}}.", 2)
    chosen = ChosenTemplate("order_ready", "fr", ("Vela 3", "Delmas"))
    await scene.send("whatsapp", "", template=chosen)
    assert scene.number.heard[KERRY][0]["template"]["components"][0]["parameters"][1]["text"] == "Delmas"
    with pytest.raises(Failed) as no:
        await scene.send("whatsapp", "", template=replace(chosen, values=("one",)))
    assert no.value.code == "template-refused"
    with pytest.raises(Failed) as no:
        await scene.send("whatsapp", "", template=replace(chosen, language="de"))
    assert no.value.code == "template-refused"


async def test_buttons_of_a_number_come_back(scene: Scene) -> None:
    await scene.graph.subscribe(f"{scene.hook}/hooks/whatsapp")
    scene.number.says(KERRY, "?")
    sent = await scene.send("whatsapp", "Samedi ?", buttons=(Button("Oui", "sat:yes"), Button("Non", "sat:no")))
    scene.number.presses(KERRY, sent.ids[0], "sat:yes", "Oui")
    pressed = (await scene.news())[-1]
    assert isinstance(pressed, Incoming)
    assert (pressed.text, pressed.button, pressed.reply_to) == ("Oui", "sat:yes", sent.ids)
    with pytest.raises(Failed) as no:
        await scene.send("whatsapp", "?", buttons=(Button("x" * 21, "a"),))
    assert no.value.code == "button-too-long"


async def test_a_file_to_a_number_is_fetched_with_the_token(scene: Scene) -> None:
    await scene.graph.subscribe(f"{scene.hook}/hooks/whatsapp")
    scene.number.sends(KERRY, "image", "voiture.png", "image/png", PNG.body, "Ma voiture")
    (came,) = await scene.news()
    assert isinstance(came, Incoming)
    channel = scene.opened["whatsapp"]
    fetched = await channel.fetch(scene.account("whatsapp"), came.files[0])
    assert (fetched.body, fetched.content_type, came.text) == (PNG.body, "image/png", "Ma voiture")
    assert fetched.name == "photo.png", "a name we made up ends as its content does"
    with pytest.raises(Failed) as no:
        await channel.fetch(scene.account("whatsapp", access_token="revoked"), came.files[0])
    assert no.value.code == "token-refused"


@pytest.mark.parametrize("name", ["messenger", "instagram"])
async def test_a_conversation_of_a_page_both_ways(scene: Scene, name: str) -> None:
    place = scene.page if name == "messenger" else scene.instagram
    await scene.graph.subscribe(f"{scene.hook}/hooks/{name}")
    place.says(PSID, "Bonsoir, encore disponible ? 🚗")
    (came,) = await scene.news()
    assert isinstance(came, Incoming)
    assert (came.text, came.to) == ("Bonsoir, encore disponible ? 🚗", place.id)
    channel, account = scene.opened[name], scene.account(name)
    assert channel.reach(account, came.sender.kind, came.sender.value) == PSID
    await channel.show_typing(account, PSID)  # type: ignore[union-attr]
    sent = await scene.send(name, "Oui ! Samedi ?", buttons=(Button("Oui", "yes"),))
    (heard,) = place.heard[PSID]
    assert (heard["text"], heard["quick_replies"][0]["payload"]) == ("Oui ! Samedi ?", "yes")
    place.reads(PSID, sent.ids[0])
    read = (await scene.news())[-1]
    assert isinstance(read, Read)
    assert read.address == PSID
    place.chooses(PSID, "Oui", "yes")
    place.presses(PSID, "Commencer", "GET_STARTED")
    chosen, pressed = (await scene.news())[-2:]
    assert isinstance(chosen, Incoming)
    assert isinstance(pressed, Incoming)
    assert (chosen.button, pressed.button) == ("yes", "GET_STARTED")


async def test_files_of_a_page_both_ways(scene: Scene) -> None:
    await scene.graph.subscribe(f"{scene.hook}/hooks/messenger")
    scene.page.sends(PSID, "image", "auto.png", "image/png", PNG.body)
    (came,) = await scene.news()
    assert isinstance(came, Incoming)
    fetched = await scene.opened["messenger"].fetch(scene.account("messenger"), came.files[0])
    assert (fetched.body, fetched.name, fetched.content_type) == (PNG.body, "auto.png", "image/png")
    sent = await scene.send("messenger", "é" * 2500, PDF)
    first, second, file = scene.page.heard[PSID]
    assert [len(each["text"]) for each in (first, second)] == [2000, 500]
    assert scene.graph.files[file["file"]] == ("Devis été.pdf", "application/pdf", PDF.body)
    assert sent.ids == (first["id"], second["id"], file["id"])


async def test_an_account_counts_bytes(scene: Scene) -> None:
    scene.instagram.says(PSID, "?")
    await scene.send("instagram", "é" * 900)
    assert [len(each["text"].encode()) for each in scene.instagram.heard[PSID]] == [1000, 800]


async def test_the_window_of_a_page(scene: Scene) -> None:
    scene.page.says(PSID, "?")
    scene.page.open.clear()
    scene.graph.people[PSID] = {"first_name": "Zoé"}
    with pytest.raises(Failed) as no:
        await scene.send("messenger", "Trop tard ?")
    assert no.value.code == "window-closed"
    with pytest.raises(Failed) as no:
        await scene.send("messenger", "Qui ?", to="1234567")
    assert no.value.code == "unknown-recipient"


async def test_troubles_of_the_graph(scene: Scene) -> None:
    scene.number.says(KERRY, "?")

    def trouble(code: int, status: int = 400) -> Trouble:
        return Trouble(status, {"error": GraphError(code, "x", status=status).body})

    for each, kind, word in (
        (trouble(130429, 429), TryLater, "too-fast"),
        (trouble(2, 500), TryLater, "provider-busy"),
        (Trouble(503, headers={"retry-after": "9"}), TryLater, "provider-busy"),
        (Trouble(500), Unsure, "provider-failed"),
        (trouble(190, 401), Failed, "token-refused"),
        (trouble(131026), Failed, "unknown-recipient"),
        (trouble(999_999), Failed, "refused-by-provider"),
    ):
        scene.graph.troubles.append(each)
        with pytest.raises(kind) as no:
            await scene.send("whatsapp", "Bonjour")
        assert isinstance(no.value, TryLater | Failed | Unsure)
        assert no.value.code == word
    assert KERRY not in scene.number.heard


async def test_a_file_that_is_not_handed_over_is_tried_again(scene: Scene) -> None:
    scene.number.says(KERRY, "?")
    scene.graph.url, url = "http://127.0.0.1:1", scene.graph.url
    with pytest.raises(TryLater):
        await scene.send("whatsapp", "Le plan", PNG)
    scene.graph.url = url
    await scene.send("whatsapp", "Le plan", PNG)
    assert len(scene.number.heard[KERRY]) == 1


def test_who_can_be_reached_and_where_accounts_are(scene: Scene) -> None:
    number, page = scene.account("whatsapp"), scene.account("messenger")
    assert scene.opened["whatsapp"].reach(number, "phone", "+33612345678") == KERRY
    assert scene.opened["whatsapp"].reach(number, "external", "whatsapp:FR.134") == "FR.134"
    assert scene.opened["whatsapp"].reach(number, "email", "a@example.org") is None
    assert scene.opened["messenger"].reach(page, "external", f"messenger:{page.address}:{PSID}") == PSID
    assert scene.opened["messenger"].reach(page, "external", f"messenger:999999:{PSID}") is None
    for name, channel in scene.opened.items():
        assert channel.address(" 106540352242922 ") == "106540352242922", name
        with pytest.raises(InvalidAccount):
            channel.address("+33 6")
