"""What parts of a configuration file are made of: names of things, and secrets by name."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from parlons.accounts.commands import check_name
from parlons.app.configuration import forms

Name = Annotated[str, forms.checked(check_name)]


def named(kind: str) -> Any:
    """What the schema says of a name that means another thing."""
    return Field(json_schema_extra={"refers": kind})


FirmName = Annotated[Name, named("firm")]
HoursName = Annotated[Name, named("hours")]
ActivityName = Annotated[Name, named("activity")]
ChannelName = Annotated[Name, named("task_channel")]
QueueName = Annotated[Name, named("queue")]
WorkflowName = Annotated[Name, named("workflow")]
FlowName = Annotated[Name, named("flow")]


STRICT = ConfigDict(extra="forbid", coerce_numbers_to_str=True, frozen=True)
"""Of every part: words nobody knows are refused, numbers may stand for texts."""


class SecretName(BaseModel):
    """A secret is named, never written: the server reads it from its environment, and it is never exported."""

    model_config = STRICT

    secret: Annotated[str, AfterValidator(forms.secret)]
