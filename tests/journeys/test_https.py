"""https by `parlons serve --tls-cert --tls-key`: Chromium trusts our own authority in its NSS store, as an office's machines
do; no flag tells it to ignore errors. The page gets a microphone there, and none over plain http from another host name."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Error, Page, async_playwright

from parlons.testing.processes import Running, data_folder
from tests.journeys.conftest import ARGUMENTS, chromium_path

HOST = "desk.parlons.test"
FAKE_MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


class Authority:
    """A certificate authority of one's own, and what it signed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root = folder, folder / "ca.pem"
        self._openssl("req", "-x509", *self._key("ca"), "-days", "3", "-out", "ca.pem", "-subj", "/CN=Office CA")

    def sign(self, name: str, host: str) -> tuple[Path, Path]:
        """(certificate, key) for a host."""
        self._openssl("req", *self._key(name), "-out", f"{name}.csr", "-subj", f"/CN={host}")
        (self.folder / f"{name}.ext").write_text(f"subjectAltName=DNS:{host}\nextendedKeyUsage=serverAuth\n")
        self._openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                      "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.pem")  # fmt: skip
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"

    def _key(self, name: str) -> list[str]:
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key"]

    def _openssl(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)


def trust(home: Path, root: Path) -> None:
    """Puts the authority into the NSS store which a Chromium with this HOME reads."""
    store = home / ".pki/nssdb"
    store.mkdir(parents=True)
    for words in (["-N", "--empty-password"], ["-A", "-t", "C,,", "-n", "Office CA", "-i", str(root)]):
        subprocess.run(["certutil", "-d", f"sql:{store}", *words], check=True, capture_output=True)


@pytest.fixture(scope="module")
def authority() -> Iterator[Authority]:
    if shutil.which("certutil") is None:
        pytest.skip("Debian's libnss3-tools is not installed here")
    with tempfile.TemporaryDirectory(prefix="parlons-ca-") as folder:
        yield Authority(Path(folder))


@pytest.fixture(scope="module")
def server(authority: Authority) -> Iterator[Running]:
    cert, key = authority.sign("desk", HOST)
    with data_folder() as data:
        environ = {"PARLONS_TLS_CERT": str(cert), "PARLONS_TLS_KEY": str(key)}
        running = Running(data, environ=environ)
        with running:
            assert any(f"https://127.0.0.1:{running.port}" in line for line in running.said)
            yield running


@pytest_asyncio.fixture(loop_scope="session")
async def profile(authority: Authority, tmp_path: Path) -> AsyncIterator[BrowserContext]:
    """A Chromium whose user trusts the authority; names end at this machine."""
    trust(tmp_path, authority.root)
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            tmp_path / "profile",
            executable_path=chromium_path(),
            args=[*ARGUMENTS, *FAKE_MICROPHONE, "--host-resolver-rules=MAP *.test 127.0.0.1"],
            env={**os.environ, "HOME": str(tmp_path)},
        )
        yield context
        await context.close()


async def microphone(page: Page) -> str:
    """Whether this page can have a microphone."""
    return str(
        await page.evaluate(
            """async () => {
            if (!window.isSecureContext) return "not secure";
            const stream = await navigator.mediaDevices.getUserMedia({audio: true});
            return stream.getAudioTracks()[0].readyState;
        }"""
        )
    )


@pytest.mark.asyncio(loop_scope="session")
async def test_an_own_authority_is_trusted_and_the_desk_has_a_microphone(
    server: Running, profile: BrowserContext
) -> None:
    page = await profile.new_page()
    answer = await page.goto(f"https://{HOST}:{server.port}/app/")
    assert answer is not None
    assert answer.status == 200
    security = await answer.security_details()
    assert security is not None
    assert security["issuer"] == "Office CA"
    assert "strict-transport-security" in await answer.all_headers()
    assert await microphone(page) == "live"
    (token,) = server.links.values()
    signed_in = await page.evaluate(
        """token => fetch("/api/v1/session/link", {
            method: "POST",
            headers: {"Content-Type": "application/json", "X-Parlons": "1"},
            body: JSON.stringify({token}),
        }).then(answer => answer.status)""",
        token,
    )
    assert signed_in == 200
    async with page.expect_event("websocket") as opened:
        await page.reload()
    assert (await opened.value).url.startswith(f"wss://{HOST}:")
    (cookie,) = [one for one in await profile.cookies() if one["name"] == "parlons_session"]
    assert cookie["secure"]


@pytest.mark.asyncio(loop_scope="session")
async def test_another_name_is_not_trusted(server: Running, profile: BrowserContext) -> None:
    page = await profile.new_page()
    with pytest.raises(Error, match="ERR_CERT_COMMON_NAME_INVALID"):
        await page.goto(f"https://elsewhere.test:{server.port}/app/")


@pytest.mark.asyncio(loop_scope="session")
async def test_who_does_not_know_the_authority_is_warned(server: Running, tmp_path: Path) -> None:
    async with async_playwright() as playwright:
        stranger = await playwright.chromium.launch_persistent_context(
            tmp_path / "profile",
            executable_path=chromium_path(),
            args=[*ARGUMENTS, "--host-resolver-rules=MAP *.test 127.0.0.1"],
            env={**os.environ, "HOME": str(tmp_path)},
        )
        page = await stranger.new_page()
        with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
            await page.goto(f"https://{HOST}:{server.port}/app/")
        await stranger.close()


@pytest.mark.asyncio(loop_scope="session")
async def test_over_plain_http_another_host_has_no_microphone(profile: BrowserContext) -> None:
    with data_folder() as data, Running(data) as plain:
        page = await profile.new_page()
        await page.goto(f"http://{HOST}:{plain.port}/app/")
        assert await microphone(page) == "not secure"
        await page.goto(f"{plain.url}/app/")
        assert await microphone(page) == "live", "on the machine itself plain http will do"
