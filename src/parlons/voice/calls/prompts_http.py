"""Prompts over HTTP: what can be heard under which name, and a firm's own recordings, uploaded or recorded in the desk."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response, UploadFile

from parlons.accounts.http import Supervisor, database
from parlons.runtime.asked import FirmId
from parlons.runtime.http import answers_file
from parlons.voice.calls import prompts_music, prompts_shipped
from parlons.voice.calls.prompts import Prompts
from parlons.voice.calls.prompts_audio import MAX_BYTES
from parlons.voice.calls.prompts_store import Prompt, delete_prompt, list_prompts, prompt, put_prompt

Json = dict[str, Any]
router = APIRouter(tags=["voice"])


@router.get("/prompts")
async def get_prompts(request: Request, principal: Supervisor, firm_id: FirmId = None) -> Json:
    """The firms' own prompts, those that are shipped with their words, and what speaks where nobody recorded anything."""
    async with database(request).transaction(principal.tenant_id) as tx:
        found = [one for one in await list_prompts(tx, firm_id) if principal.sees(one.firm_id)]
    return {"items": [_told(one) for one in found], "next": None, **_shipped(prompts_of(request))}


@router.post("/prompts", status_code=201)
async def upload_prompt(
    request: Request,
    principal: Supervisor,
    file: UploadFile,
    name: Annotated[str, Form(max_length=60)],
    language: Annotated[str, Form(max_length=8)] = "",
    firm_id: Annotated[str | None, Form(max_length=64)] = None,
    words: Annotated[str, Form(max_length=2_000)] = "",
) -> Json:
    """Keep a WAV file (at most five minutes, 32 MB) as the firm's prompt of that name and language, in place of the one
    before; `words` say what is spoken. It is turned into 8 kHz mono."""
    content = await file.read(MAX_BYTES + 1)
    async with database(request).transaction(principal.tenant_id) as tx:
        made = await put_prompt(
            tx,
            principal,
            request.app.state.files,
            content,
            name=name,
            language=language,
            firm_id=firm_id or None,
            words=words,
        )
    prompts_of(request).forget(principal.tenant_id)
    return _told(made)


@router.get("/prompts/{prompt_id}/audio", response_class=Response, responses=answers_file("audio/wav"))
async def prompt_audio(prompt_id: str, request: Request, principal: Supervisor) -> Response:
    """The recording as it is heard on the telephone: WAV, 8 kHz mono."""
    async with database(request).transaction(principal.tenant_id) as tx:
        found = await prompt(tx, principal, prompt_id)
        _, content = await request.app.state.files.open(tx, found.file_id)
    return Response(content, media_type="audio/wav", headers={"Cache-Control": "private, no-cache"})


@router.delete("/prompts/{prompt_id}", status_code=204)
async def remove_prompt(prompt_id: str, request: Request, principal: Supervisor) -> None:
    """Remove a recording; what is shipped or spoken under its name is heard again."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await delete_prompt(tx, principal, request.app.state.files, prompt_id)
    prompts_of(request).forget(principal.tenant_id)


def prompts_of(request: Request) -> Prompts:
    """The process's prompts."""
    found: Prompts = request.app.state.prompts
    return found


def _told(one: Prompt) -> Json:
    return {
        "id": one.id,
        "firm_id": one.firm_id,
        "name": one.name,
        "language": one.language or None,
        "words": one.words,
        "seconds": one.ms / 1000,
        "updated_at": one.updated_at.isoformat(),
    }


def _shipped(prompts: Prompts) -> Json:
    """What needs no upload; `recorded` names the languages in which a person says it on this machine."""
    present = [language for language in prompts_shipped.PACKAGES if prompts.recorded_in(language)]
    items = [
        {
            "name": name,
            "words": {"en": one.en, "fr": one.fr},
            "recorded": [language for language in present if one.pieces(language)],
        }
        for name, one in prompts_shipped.SHIPPED.items()
    ]
    missing = [package for language, package in prompts_shipped.PACKAGES.items() if language not in present]
    missing += [] if prompts.packaged_music else [prompts_music.PACKAGE]
    speech = prompts.speech
    told = None if speech is None else {"name": speech.name, "natural": speech.capabilities.natural}
    return {"shipped": items, "speech": told, "missing_packages": missing}
