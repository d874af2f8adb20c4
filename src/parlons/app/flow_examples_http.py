"""Route of the ready-made flows: a new flow may begin as one of them."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from parlons.accounts.http import Administrator
from parlons.app.flow_examples import examples

router = APIRouter(prefix="/flow-examples", tags=["flows"])
Json = dict[str, Any]


class FlowExample(BaseModel):
    name: str
    title: dict[str, str]
    """By language."""
    about: dict[str, str]
    text: str
    """The whole file, with its cases."""
    flow: Json
    """As a setting, without its cases."""


class FlowExamples(BaseModel):
    items: list[FlowExample]


@router.get("", response_model=FlowExamples)
async def list_flow_examples(_principal: Administrator) -> Json:
    """The ready-made flows, in the order in which they are shown."""
    found = examples().values()
    return {
        "items": [
            {"name": one.name, "title": one.title, "about": one.about, "text": one.text, "flow": one.flow}
            for one in found
        ]
    }
