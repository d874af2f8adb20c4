"""The simulator's microphone: what an administrator says becomes the caller's words. The sound is kept nowhere."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, UploadFile
from pydantic import BaseModel

from parlons.accounts.http import Administrator
from parlons.ai.transcription import LARGEST, LONGEST_SECONDS, Transcription, transcript_of
from parlons.app.configuration.laying import check_rights
from parlons.kit.errors import Conflict

router = APIRouter(prefix="/flows", tags=["flows"])


class NothingHears(Conflict):
    """Nothing here understands speech: PARLONS_STT names what does."""

    code = "nothing-hears"


class Hearing(BaseModel):
    """`provider` none: nothing understands speech here. `local`: the sound stays on the server's machine."""

    provider: str | None
    languages: list[str]
    local: bool
    longest_seconds: int


class Words(BaseModel):
    """No text: nothing was said. `confidence`: 0 to 1, where the provider tells."""

    text: str
    confidence: float | None


@router.get("/transcription", response_model=Hearing)
async def read_hearing(request: Request, principal: Administrator) -> dict[str, Any]:
    """What understands speech here, and in which languages."""
    check_rights(principal)
    found: Transcription | None = request.app.state.transcription
    return {
        "provider": found.name if found else None,
        "languages": list(found.languages) if found else [],
        "local": found is not None and found.local,
        "longest_seconds": LONGEST_SECONDS,
    }


@router.post("/transcribe", response_model=Words)
async def transcribe(
    request: Request,
    principal: Administrator,
    file: UploadFile,
    language: Annotated[str, Form(max_length=20)],
    hints: Annotated[str, Form(max_length=4_000)] = "",
) -> dict[str, Any]:
    """What is said in a WAV file (16 bits, one channel, a minute at most). `hints`: words that are likely, a line each."""
    check_rights(principal)
    found: Transcription | None = request.app.state.transcription
    if found is None:
        raise NothingHears
    heard = await transcript_of(found, await file.read(LARGEST + 1), language, hints.splitlines())
    return {"text": heard.text, "confidence": heard.confidence}
