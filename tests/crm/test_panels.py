"""A company's own panels: which are shown, what they are told, and that the token is one any library accepts."""

import re
from pathlib import Path
from typing import Any

import jwt
import pytest

from parlons.crm.panels import PanelRow, origin_of, origins, put_panel, remove_panels
from parlons.kit.ids import PANEL, new_id
from tests.crm.conftest import Firm

KEY = "a signing key of thirty-two signs"
HOW_TO = Path(__file__).parents[2] / "docs/how-to/add-a-panel.md"


async def _put(firm: Firm, **more: Any) -> PanelRow:
    values: dict[str, Any] = {
        "id": new_id(PANEL, firm.desk.clock()),
        "workspace_id": firm.desk.home.workspace_id,
        "firm_id": None,
        "name": "Orders",
        "active": True,
        "url": "https://orders.example:8443/panel?who={{ customer.name }}",
        "height": 400,
        "secrets": {"signing": KEY},
        **more,
    }
    row = PanelRow(**values)
    async with firm.desk.db.transaction(firm.desk.home.tenant_id) as tx:
        await put_panel(tx, row)
    return row


async def test_a_panel_is_told_whom_the_agent_serves(firm: Firm) -> None:
    row = await _put(firm)
    await _put(firm, name="Asleep", active=False, url="https://asleep.example/")
    await _put(firm, name="Of others", firm_id="FI" + "0" * 32)
    conversation_id, customer_id = await firm.comes("claire & co")
    path = f"/customers/{customer_id}/panels?conversation_id={conversation_id}"
    (shown,) = (await firm.call("GET", path, status=200))["items"]
    assert shown["url"] == "https://orders.example:8443/panel?who=Claire%20%26%20Co"
    context = {
        "customer_id": customer_id, "conversation_id": conversation_id, "user_id": "US1",
        "firm_id": firm.desk.home.firm_id,
    }  # fmt: skip
    assert (shown["origin"], shown["context"]) == ("https://orders.example:8443", context)
    at = firm.desk.clock() // 1000
    claims = jwt.decode(
        shown["token"], KEY, algorithms=["HS256"], audience=shown["origin"], issuer="https://desk.example",
        options={"verify_exp": False, "verify_iat": False},
    )  # fmt: skip
    assert (claims["sub"], claims["iat"], claims["exp"]) == ("US1", at, at + 300)
    assert {name: claims[name] for name in context} == context
    other, _ = await firm.comes("david")
    await firm.call("GET", path.replace(conversation_id, other), status=404)
    async with firm.desk.db.system() as tx:
        assert await origins(tx) == ["https://orders.example:8443"]
    async with firm.desk.db.transaction(firm.desk.home.tenant_id) as tx:
        await remove_panels(tx, [row.id])
    assert (await firm.call("GET", path, status=200))["items"] == []


async def test_the_documents_own_check_accepts_the_token_and_no_other(firm: Firm) -> None:
    await _put(firm)
    _, customer_id = await firm.comes("claire")
    (shown,) = (await firm.call("GET", f"/customers/{customer_id}/panels", status=200))["items"]
    source = re.findall(r"```python\n(.*?)```", HOW_TO.read_text(), re.DOTALL)[0]
    space: dict[str, Any] = {}
    exec(source, space)
    space["time"] = type("Clock", (), {"time": staticmethod(lambda: firm.desk.clock() / 1000)})
    assert space["verified"](shown["token"], KEY, shown["origin"])["customer_id"] == customer_id
    for token, key, audience in (
        (shown["token"], "another key", shown["origin"]),
        (shown["token"], KEY, "https://elsewhere.example"),
        (shown["token"][:-4] + "AAAA", KEY, shown["origin"]),
    ):
        with pytest.raises(ValueError, match="not f"):
            space["verified"](token, key, audience)
    firm.desk.clock.advance(301_000)
    with pytest.raises(ValueError, match="too old"):
        space["verified"](shown["token"], KEY, shown["origin"])


def test_an_origin_is_what_stands_before_every_variable() -> None:
    assert origin_of("http://127.0.0.1:9/x?{{ customer.name }}") == "http://127.0.0.1:9"
    assert origin_of("https://a.example") == "https://a.example"
