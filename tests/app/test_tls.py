"""https settings: certificate and key go together; a renewed certificate is taken into use, a broken one is not."""

import asyncio
import os
import ssl
import subprocess
from pathlib import Path

import pytest

from parlons.app import server
from parlons.app.settings import Settings, WrongSetting, read_settings


def make(folder: Path, name: str) -> tuple[Path, Path]:
    line = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    more = ["-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem", "-subj", f"/CN={name}"]
    subprocess.run([*line, *more], check=True, capture_output=True)
    return folder / f"{name}.pem", folder / f"{name}.key"


def test_certificate_and_key_go_together(tmp_path: Path) -> None:
    cert, key = make(tmp_path, "one")
    assert read_settings({}).tls_cert is None
    assert read_settings({}).url.startswith("http:")
    found = read_settings({"PARLONS_TLS_CERT": str(cert), "PARLONS_TLS_KEY": str(key)})
    assert (found.tls_cert, found.tls_key) == (cert, key)
    assert found.url == "https://127.0.0.1:8080"
    assert found.secure_cookies
    assert read_settings({}, tls=(cert, key)).tls_key == key
    with pytest.raises(WrongSetting, match="PARLONS_TLS_KEY is missing"):
        read_settings({}, tls=(cert, None))
    with pytest.raises(WrongSetting, match="cannot be read"):
        read_settings({"PARLONS_TLS_CERT": "/nowhere", "PARLONS_TLS_KEY": str(key)})


async def shown(context: ssl.SSLContext) -> str:
    """The name in the certificate which a new connection is shown."""
    listening = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting)
        seen: bytes = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.close()
    return "two" if b"two" in seen else "one"


async def test_a_renewed_certificate_is_taken_into_use(tmp_path: Path) -> None:
    cert, key = make(tmp_path, "one")
    settings = Settings(data=tmp_path, tls_cert=cert, tls_key=key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    renewing = asyncio.create_task(server.renew(context, settings, every=0.01))
    try:
        assert await shown(context) == "one"
        new_cert, new_key = make(tmp_path, "two")
        os.replace(new_cert, cert)  # the key does not fit yet
        for _ in range(20):
            assert await shown(context) == "one"
        os.replace(new_key, key)
        async with asyncio.timeout(30):
            while await shown(context) != "two":
                pass
    finally:
        renewing.cancel()
