"""The health page's routes: who may, what is shown, and that a release happens once."""

import pytest

from parlons import __version__
from parlons.simulator.wire import Refused
from tests.app.conftest import Centre


async def test_health_names_versions_disk_jobs_and_telephone(here: Centre) -> None:
    async with here.operator() as operator:
        found = await operator.get("/operations/health")
    assert found["versions"]["parlons"] == __version__
    assert found["versions"]["revision"] > "0015"
    assert 0 < found["disk"]["free"] < found["disk"]["total"]
    assert found["voice"]["engine"] in ("up", "down", "off")
    assert all(one["code"] and one["wrong"].endswith(".") for one in found["wrong"] + found["notes"])
    assert "backup-old" in {one["code"] for one in found["notes"]}


async def test_nothing_held_is_said(here: Centre) -> None:
    async with here.operator() as operator:
        assert await operator.get("/operations/held") == {"hold": None}
        done = await operator.wire.call("POST", "/operations/release", {"discard": ["mail"]})
        assert done == {"released": False, "discarded": {}}


@pytest.mark.parametrize("path", ["/operations/health", "/operations/held"])
async def test_an_agent_may_not(here: Centre, path: str) -> None:
    async with here.operator() as operator:
        email = next(
            user["email"] for user in (await operator.get("/users?limit=100"))["items"] if user["role"] == "agent"
        )
    async with here.at_desk(email) as desk:
        with pytest.raises(Refused) as refused:
            await desk.wire.call("GET", path)
        assert refused.value.status == 403
