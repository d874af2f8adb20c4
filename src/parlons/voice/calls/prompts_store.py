"""The firms' own prompts: rows of `prompts`, their sound in Files. Commands check, store and leave an audit line.

A prompt is found by name, language and firm; one of no firm serves all firms of the tenant, one of no language all languages.
"""

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.accounts import audit
from parlons.accounts.model import Principal
from parlons.kit import languages
from parlons.kit.clock import to_datetime
from parlons.kit.errors import Invalid, NotFound
from parlons.kit.ids import PROMPT
from parlons.runtime.db import Tx
from parlons.runtime.files import Files
from parlons.voice.calls.prompts_audio import RATE, read_wav, write_wav
from parlons.voice.calls.store import prompts

LANGUAGES = ("", *languages.LANGUAGES)
LONGEST_WORDS = 2_000
FILE_CLASS = "prompt"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")


class PromptNameInvalid(Invalid):
    """A prompt's name has 1 to 60 small letters, digits and dashes, such as welcome-evening."""

    code = "prompt-name-invalid"


class PromptLanguageInvalid(Invalid):
    """A prompt's language is en, fr, or empty for both."""

    code = "prompt-language-invalid"


class UnknownPrompt(NotFound):
    """There is no such prompt."""

    code = "unknown-prompt"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A recording of a firm."""

    id: str
    firm_id: str | None
    name: str
    language: str
    words: str
    file_id: str
    ms: int
    updated_at: datetime


async def put_prompt(
    tx: Tx,
    principal: Principal,
    files: Files,
    content: bytes,
    *,
    name: str,
    language: str,
    firm_id: str | None,
    words: str = "",
) -> Prompt:
    """Keeps a WAV file under a name, in place of the one before. Raises PromptNameInvalid, PromptLanguageInvalid, FirmNotYours,
    PromptNotAudio, PromptTooLong, PromptTooShort."""
    if _NAME.fullmatch(name) is None:
        raise PromptNameInvalid
    if language not in LANGUAGES:
        raise PromptLanguageInvalid
    principal.check_firm(firm_id)
    samples = await asyncio.to_thread(read_wav, content)
    before = await _same(tx, name, language, firm_id)
    prompt_id = before.id if before else tx.new_id(PROMPT)
    if before:
        await files.delete_of(tx, [prompt_id])
    file_id = await files.put(
        tx, principal.tenant_id, firm_id, FILE_CLASS, prompt_id, f"{name}.wav", "audio/wav", write_wav(samples)
    )
    values: dict[str, Any] = {
        "id": prompt_id,
        "tenant_id": principal.tenant_id,
        "firm_id": firm_id,
        "name": name,
        "language": language,
        "words": words.strip()[:LONGEST_WORDS],
        "file_id": file_id,
        "ms": len(samples) * 1000 // RATE,
        "updated_at": to_datetime(tx.now),
    }
    await tx.execute(insert(prompts).values(values).on_conflict_do_update(index_elements=["id"], set_=values))
    await audit.record(
        tx,
        principal,
        "prompt.put",
        prompt_id,
        now=tx.now,
        before=_told(before) if before else None,
        after=_told(Prompt(**{name: values[name] for name in Prompt.__dataclass_fields__})),
        firm_id=firm_id,
    )
    return await prompt(tx, principal, prompt_id)


async def delete_prompt(tx: Tx, principal: Principal, files: Files, prompt_id: str) -> Prompt:
    """Removes a prompt with its sound; what was shipped or spoken under that name is heard again. Raises UnknownPrompt."""
    found = await prompt(tx, principal, prompt_id)
    await tx.execute(sa.delete(prompts).where(prompts.c.id == prompt_id))
    await files.delete_of(tx, [prompt_id])
    await audit.record(
        tx, principal, "prompt.deleted", prompt_id, now=tx.now, before=_told(found), firm_id=found.firm_id
    )
    return found


async def prompt(tx: Tx, principal: Principal, prompt_id: str) -> Prompt:
    """One prompt the principal may see. Raises UnknownPrompt."""
    row = await tx.fetch_one(sa.select(prompts).where(prompts.c.id == prompt_id))
    if row is None or not principal.sees(row["firm_id"]):
        raise UnknownPrompt
    return _prompt(row)


async def list_prompts(tx: Tx, firm_id: str | None = None) -> list[Prompt]:
    """The tenant's prompts by name; with `firm_id` those which that firm's calls can hear."""
    query = sa.select(prompts).order_by(prompts.c.name, prompts.c.language, prompts.c.id)
    if firm_id is not None:
        query = query.where(sa.or_(prompts.c.firm_id == firm_id, prompts.c.firm_id.is_(None)))
    return [_prompt(row) for row in await tx.fetch_all(query)]


async def _same(tx: Tx, name: str, language: str, firm_id: str | None) -> Prompt | None:
    firm = prompts.c.firm_id.is_(None) if firm_id is None else prompts.c.firm_id == firm_id
    query = sa.select(prompts).where(prompts.c.name == name, prompts.c.language == language, firm).with_for_update()
    row = await tx.fetch_one(query)
    return _prompt(row) if row else None


def _prompt(row: Any) -> Prompt:
    return Prompt(**{name: row[name] for name in Prompt.__dataclass_fields__})


def _told(found: Prompt) -> dict[str, Any]:
    return {"name": found.name, "language": found.language, "words": found.words, "ms": found.ms, "file": found.file_id}
