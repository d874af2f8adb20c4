"""Handing a mail to the account's SMTP server: all recipients or none, and an exact answer to whether it left.

Decides what each answer of a server means for us: later (4xx), never (5xx), or unknown (the line broke after the mail had
begun to leave, so nobody can say). Nothing is handed over before every recipient was taken. Sources: RFC 5321 4.2 and 4.5.3,
RFC 3463, RFC 1870 (SIZE), RFC 7628 and Google's XOAUTH2.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Sequence

import aiosmtplib
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPResponseException,
)

from parlons.channels.email.bounces import code_of
from parlons.channels.email.identities import settings_of
from parlons.channels.email.oauth import Access
from parlons.channels.model import Account
from parlons.channels.plugin import Failed, TryLater, Unsure

SECONDS = 25
"""For one answer of the server."""
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


async def hand_over(account: Account, access: Access, sender: str, recipients: Sequence[str], raw: bytes) -> None:
    """Returns when the server has taken the mail for all `recipients`. Raises TryLater, Failed or Unsure."""
    async with _session(account, access) as client:
        limit = client.esmtp_extensions.get("size", "") if client.supports_extension("size") else ""
        if limit.isdigit() and 0 < int(limit) < len(raw):
            raise Failed("too-large", f"The mail server takes at most {int(limit) // 1_000_000} MB.")
        try:
            await client.mail(sender)
            for recipient in recipients:
                await client.rcpt(recipient)
        except SMTPResponseException as error:
            raise _refusal(error) from None
        except (SMTPException, OSError, TimeoutError) as error:
            raise TryLater("connection-lost", type(error).__name__) from None
        try:
            await client.data(raw)
        except SMTPDataError as error:
            raise _refusal(error) from None
        except (SMTPException, OSError, TimeoutError) as error:
            raise Unsure("connection-lost", type(error).__name__) from None


@contextlib.asynccontextmanager
async def _session(account: Account, access: Access) -> AsyncIterator[aiosmtplib.SMTP]:
    settings = settings_of(account)
    if not settings.smtp_host:
        raise Failed("no-smtp-server", "This mailbox has no SMTP server for answers.")
    client = aiosmtplib.SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        use_tls=settings.smtp_safety == "tls",
        start_tls=settings.smtp_safety == "starttls",
        local_hostname=account.address.rpartition("@")[2],
        timeout=SECONDS,
    )
    try:
        await client.connect()
        await client.ehlo()
        await _log_in(client, account, access)
    except SMTPAuthenticationError as error:
        client.close()
        raise TryLater("login-refused", _said(error)) from None
    except SMTPResponseException as error:
        client.close()
        raise TryLater("server-refuses", _said(error)) from None
    except (SMTPException, OSError, TimeoutError) as error:
        client.close()
        raise TryLater("no-connection", type(error).__name__) from None
    except BaseException:
        client.close()
        raise
    try:
        yield client
    finally:
        with contextlib.suppress(SMTPException, OSError, TimeoutError):
            async with asyncio.timeout(2):
                await client.quit()
        client.close()


async def _log_in(client: aiosmtplib.SMTP, account: Account, access: Access) -> None:
    user = settings_of(account).user or account.address
    token = await access.token(account)
    if token is not None:
        await client.auth_xoauth2(user, token)
    elif password := account.secrets.get("smtp-password") or account.secrets.get("password"):
        await client.login(user, password)


def _refusal(error: SMTPResponseException) -> TryLater | Failed:
    status = _STATUS.search(error.message)
    large = "5.3.4" if "size" in error.message.lower() else "5.2.2"
    found = (
        status[1] if status else {550: "5.1.1", 552: large, 553: "5.1.3"}.get(error.code, f"{error.code // 100}.0.0")
    )
    code = code_of(found)
    return TryLater(code, _said(error)) if error.code < 500 else Failed(code, _said(error))


def _said(error: SMTPResponseException) -> str:
    """The server's words without addresses."""
    return re.sub(r"<?[^\s<>]+@[^\s<>:;]+>?", "…", f"{error.code} {error.message}")
