"""The agent's day in French, in two real browsers: what one does on the desk, the other sees on the shop's page."""

import asyncio
import re

import pytest
from playwright.async_api import Route, expect

from tests.journeys.floor import AGENT, KARIM, OMAR, Floor
from tests.journeys.people import Room

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_chat_from_its_knock_to_its_end(room: Room) -> None:
    camille = await room.desk(AGENT)
    await expect(camille.page.get_by_role("heading", name=re.compile("^(Bonjour|Bonsoir), Camille"))).to_be_visible()
    await camille.start()
    claire = await room.visitor(name="Claire Rousseau", path="/shop/cars/solene-5-hybride")
    await claire.open()
    await claire.writes("Bonjour, la Solène 5 est-elle encore disponible ?")

    offer = camille.offer("Claire Rousseau")
    await expect(offer).to_contain_text("Nouveau chat")
    await expect(offer).to_contain_text("attend depuis")
    await expect(offer).to_contain_text("la Solène 5 est-elle")
    await expect(camille.page).to_have_title(re.compile("^● "))
    await camille.take("Claire Rousseau")
    await camille.opens("Claire Rousseau")
    await claire.sees("Camille a rejoint la conversation")
    await expect(claire.page.locator("parlons-chat p.meta.mine")).to_contain_text("Lu")

    await camille.replies("Bonjour Claire, oui, elle est à Lyon.")
    await claire.sees("oui, elle est à Lyon")
    await expect(camille.log.get_by_text("Lu", exact=True)).to_be_visible()

    await expect(camille.context).to_contain_text("Sur le site en ce moment")
    await expect(camille.context).to_contain_text("/shop/cars/solene-5-hybride")
    await claire.visit("/shop/financing")
    await expect(camille.context.get_by_role("region", name="Parcours sur le site")).to_contain_text("/shop/financing")
    await expect(camille.log).to_contain_text("Claire ouvre « Financer")

    await camille.page.get_by_role("button", name="Note", exact=True).click()
    await camille.composer.fill("Veut reprendre sa voiture, rappeler jeudi.")
    await camille.page.get_by_role("button", name="Ajouter la note").click()
    await expect(await camille.tab("notes")).to_contain_text("Veut reprendre sa voiture")
    await expect(claire.log).not_to_contain_text("reprendre sa voiture")

    await camille.page.get_by_role("button", name="Clore").click()
    finish = camille.context.get_by_role("button", name="Terminer", exact=True)
    await expect(camille.context).to_contain_text("Choisissez une issue pour terminer.")
    await expect(finish).to_be_disabled()
    await camille.context.get_by_role("radio", name="Essai réservé").check()
    await finish.click()
    await expect(camille.page.get_by_text("Claire Rousseau : conversation close.")).to_be_visible()
    await expect(camille.mine).to_have_count(0)
    await expect(claire.page.get_by_text("La conversation est close. Écrivez pour la rouvrir.")).to_be_visible()


async def test_an_outcome_is_stored_and_undo_brings_back(room: Room, floor: Floor) -> None:
    camille = await room.desk(AGENT)
    await camille.start()
    claire = await room.chat(camille, "Le prix est-il négociable ?", name="Anne Petit")
    conversation = camille.conversation_id
    await (await camille.tab("wrapup")).get_by_role("radio", name="Sans suite").check()
    await camille.context.get_by_role("button", name="Terminer", exact=True).click()
    await camille.page.get_by_role("button", name="Annuler").click()
    await camille.opens("Anne Petit")
    assert (await floor.call("GET", f"/conversations/{conversation}"))["status"] == "open"
    await camille.replies("Un instant, je demande.")
    await claire.sees("Un instant, je demande.")

    await (await camille.tab("wrapup")).get_by_role("button", name="Finir le chat, terminer plus tard").click()
    await expect(camille.context).to_contain_text("Clôture depuis")
    await expect(camille.page.get_by_text("Le chat est terminé. Terminez-le dans Clôture")).to_be_visible()
    await camille.context.get_by_role("radio", name="Sans suite").check()
    await camille.context.get_by_role("textbox", name="Note (facultative)").fill("Prix donné")
    await camille.context.get_by_role("button", name="Terminer", exact=True).click()
    await expect(camille.mine).to_have_count(0)
    closed = await floor.until(f"/conversations/{conversation}", lambda full: full["status"] == "closed")
    names = {each["id"]: each["name"]["fr"] for each in closed["dispositions"]["items"]}
    assert (names[closed["disposition_id"]], closed["disposition_note"]) == ("Sans suite", "Prix donné")


async def test_an_offer_moves_no_focus_and_eats_no_letter(room: Room) -> None:
    camille = await room.desk(AGENT)
    await camille.start()
    claire, emma = await room.visitor(name="Claire Rousseau"), await room.visitor("en", name="Emma Whitfield")
    await claire.open()
    await claire.writes("Bonjour, une question")
    await camille.take("Claire Rousseau")
    await camille.opens("Claire Rousseau")
    await camille.composer.focus()
    address, text = camille.page.url, "Bonjour Claire, je regarde tout de suite et je vous réponds."
    half = len(text) // 2
    await camille.page.keyboard.type(text[:half], delay=10)
    await emma.open()
    await emma.field.fill("Hello, is the van still for sale?")
    await emma.page.keyboard.press("Enter")
    for letter in text[half:-1]:
        await camille.page.keyboard.type(letter)
    await expect(camille.offer("Emma Whitfield")).to_be_visible()
    await expect(camille.composer).to_be_focused()
    await camille.page.keyboard.type(text[-1])
    await expect(camille.composer).to_have_value(text)
    assert camille.page.url == address

    await camille.page.keyboard.press("Control+Shift+A")
    await expect(camille.mine).to_have_count(2)
    assert camille.page.url == address, "with a text in the composer nothing opens"
    await expect(camille.composer).to_have_value(text)
    await expect(camille.composer).to_be_focused()
    await emma.sees("Camille has joined the conversation")

    await camille.page.keyboard.press("Control+Enter")
    await claire.sees(text)
    await camille.row("Emma Whitfield").click()
    await camille.opens("Emma Whitfield")
    await expect(camille.log).to_contain_text("is the van still for sale")
    await camille.replies("Yes, it is.")
    await emma.sees("Yes, it is.")
    await expect(claire.log).not_to_contain_text("Yes, it is.")


async def test_the_button_that_takes_stays_under_the_hand_while_the_words_come(room: Room) -> None:
    camille, told = await room.desk(AGENT), asyncio.Event()
    await camille.start()

    async def late(route: Route) -> None:
        await told.wait()
        await route.continue_()

    await camille.page.route(re.compile("/api/v1/conversations/[^/]+$"), late)
    claire = await room.visitor(name="Claire Rousseau")
    await claire.open()
    await claire.writes("Bonjour, la Solène 5 est-elle encore disponible ?")
    offer, mouse = camille.offer("Claire Rousseau"), camille.page.mouse
    await offer.get_by_role("button", name="Prendre").hover()
    await expect(offer).not_to_contain_text("la Solène 5")
    await mouse.down()
    told.set()
    await expect(offer).to_contain_text("la Solène 5")
    await mouse.up()
    await camille.opens("Claire Rousseau")


async def test_who_opens_something_else_while_an_offer_is_taken_stays_there(room: Room) -> None:
    camille, may = await room.desk(AGENT), asyncio.Event()
    await camille.start()
    await room.chat(camille, "Bonjour")
    await room.chat(camille, "Bonsoir", name="Bruno Lenoir")

    async def late(route: Route) -> None:
        await may.wait()
        await route.continue_()

    await camille.page.route("**/accept", late)
    emma = await room.visitor(name="Emma Whitfield")
    await emma.open()
    await emma.writes("Anybody?")
    await camille.offer("Emma Whitfield").get_by_role("button", name="Prendre").click()
    await camille.row("Claire Rousseau").click()
    await camille.opens("Claire Rousseau")
    may.set()
    await emma.sees("Camille a rejoint la conversation")
    await expect(camille.row("Emma Whitfield")).to_contain_text("Camille Moreau a rejoint")
    await camille.opens("Claire Rousseau")


async def test_three_chats_at_once_and_no_fourth(room: Room) -> None:
    camille = await room.desk(AGENT)
    await camille.start()
    names = ["Alice Roy", "Bruno Lenoir", "Chloé Marchand"]
    visitors = {}
    for name in names:
        visitors[name] = await room.visitor(name=name)
        await visitors[name].open()
        await visitors[name].writes(f"Je suis {name}")
        await camille.take(name)
        await camille.opens(name)
    await expect(camille.mine).to_have_count(3)
    await expect(camille.page.get_by_role("banner")).to_contain_text("3 / 3 chats")
    for name in reversed(names):
        await camille.row(name).click()
        await camille.opens(name)
        await camille.replies(f"Bonjour {name}")
    for name in names:
        await visitors[name].sees(f"Bonjour {name}")
        for other in set(names) - {name}:
            await expect(visitors[name].log).not_to_contain_text(f"Bonjour {other}")
    fourth = await room.visitor(name="Denis Fabre")
    await fourth.open()
    await fourth.writes("Et moi ?")
    await expect(fourth.page.get_by_text("Vous êtes le prochain.")).to_be_visible()
    await expect(camille.offer("Denis Fabre")).to_have_count(0)
    await visitors["Alice Roy"].writes("Merci")
    await expect(camille.row("Alice Roy")).to_contain_text("Merci")


async def test_a_draft_that_is_on_its_way_outlives_its_page(room: Room) -> None:
    """A page that is left takes its requests with it; what it was keeping at that moment is kept all the same."""
    camille, never, begun = await room.desk(AGENT), asyncio.Event(), asyncio.Event()
    await camille.start()
    await room.chat(camille, "Bonjour")

    async def hangs(route: Route) -> None:
        begun.set()
        await never.wait()

    await camille.page.route("**/draft", hangs, times=1)
    await camille.composer.fill("Un brouillon")
    await begun.wait()
    address = camille.page.url
    await camille.page.goto("about:blank")
    await camille.until(f"/conversations/{address.rpartition('/')[2]}", lambda full: len(full["drafts"]) == 1)


async def test_a_draft_survives_a_reload(room: Room) -> None:
    camille = await room.desk(AGENT)
    await camille.start()
    claire = await room.chat(camille, "Bonjour")
    await camille.composer.fill("Je reviens vers vous avec")
    await expect(camille.page.get_by_text("Brouillon gardé")).to_be_visible()
    await camille.page.reload()
    await expect(camille.composer).to_have_value("Je reviens vers vous avec")
    await camille.composer.focus()
    await camille.page.keyboard.press("End")
    await camille.page.keyboard.type(" le prix.")
    await camille.page.keyboard.press("Control+Enter")
    await claire.sees("Je reviens vers vous avec le prix.")
    await camille.page.reload()
    await camille.opens("Claire Rousseau")
    await expect(camille.log).to_contain_text("avec le prix.")
    await expect(camille.composer).to_have_value("")


async def test_a_transfer_to_a_colleague_carries_its_note(room: Room) -> None:
    camille, karim = await room.desk(AGENT), await room.desk(KARIM)
    await camille.start()
    claire = await room.chat(camille, "Une question sur la Brume 7")
    await karim.start()
    await camille.page.get_by_role("button", name="Transférer").click()
    await camille.page.get_by_role("combobox", name="Transférer à").fill("kar")
    await camille.page.get_by_role("option", name=re.compile("Karim Benali")).click()
    await camille.page.get_by_role("textbox", name="Note pour Karim Benali (facultative)").fill("Il connaît la Brume 7")
    await camille.page.get_by_role("button", name="Transférer à Karim Benali").click()
    await expect(camille.page.get_by_text("Claire Rousseau est proposé à Karim Benali.")).to_be_visible()
    await karim.take("Claire Rousseau")
    await karim.opens("Claire Rousseau")
    await expect(camille.mine).to_have_count(0)
    await claire.sees("Karim a rejoint la conversation")
    await expect(await karim.tab("notes")).to_contain_text("Il connaît la Brume 7")
    await karim.replies("Bonjour, la Brume 7 est là.")
    await claire.sees("la Brume 7 est là")


async def test_a_transfer_to_a_queue_reaches_who_has_its_skill(room: Room) -> None:
    camille, omar = await room.desk(AGENT), await room.desk(OMAR)
    await camille.start()
    claire = await room.chat(camille, "Et pour un crédit ?")
    await omar.start()
    await camille.page.get_by_role("button", name="Transférer").click()
    await camille.page.get_by_role("combobox", name="Transférer à").fill("fin")
    await camille.page.keyboard.press("Enter")
    await camille.page.get_by_role("textbox", name=re.compile("^Note pour Financing")).fill("Apport de 4 000 €")
    await camille.page.get_by_role("button", name="Transférer à Financing").click()
    await expect(omar.offer("Claire Rousseau")).to_contain_text("Financing")
    await omar.take("Claire Rousseau")
    await omar.opens("Claire Rousseau")
    await expect(await omar.tab("notes")).to_contain_text("Apport de 4 000 €")
    await expect(camille.mine).to_have_count(0)
    await claire.sees("Omar a rejoint la conversation")


async def test_parked_until_the_customer_writes(room: Room) -> None:
    camille = await room.desk(AGENT)
    await camille.start()
    claire = await room.chat(camille, "Je réfléchis et je reviens")
    await camille.replies("Prenez votre temps.")
    await camille.page.get_by_role("button", name="Mettre en veille").click()
    await camille.page.get_by_role("menuitem", name="Jusqu’au prochain message").click()
    await expect(camille.page.get_by_text("Claire Rousseau est en veille.")).to_be_visible()
    await expect(camille.row("Claire Rousseau")).to_contain_text("En veille")
    await camille.row("Claire Rousseau").click()
    await camille.page.get_by_role("button", name="Reprendre").click()
    await expect(camille.composer).to_have_accessible_name("Répondre à Claire Rousseau")
    await camille.replies("Encore une chose.")
    await claire.sees("Encore une chose.")

    await camille.page.get_by_role("button", name="Mettre en veille").click()
    await camille.page.get_by_role("menuitem", name="Pendant 1 heure").click()
    await expect(camille.row("Claire Rousseau")).to_contain_text("En veille")
    await claire.writes("Me revoilà")
    await camille.take("Claire Rousseau")
    await camille.row("Claire Rousseau").click()
    await camille.opens("Claire Rousseau")
    await expect(camille.log).to_contain_text("Me revoilà")
    await camille.replies("Bon retour.")
    await claire.sees("Bon retour.")
