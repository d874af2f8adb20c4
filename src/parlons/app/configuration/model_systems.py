"""The words of a configuration file for other systems: customer systems, a company's own panels, webhooks."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field

from parlons.app.configuration import forms, lookups
from parlons.app.configuration.parts import STRICT, FirmName, Name, SecretName
from parlons.webhooks.kinds import KINDS


class Part(BaseModel):
    model_config = STRICT


class LookupField(Part):
    """A field of a customer system that agents see."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    """Its name there."""
    label: dict[Literal["en", "fr"], Name] = {}
    to: Annotated[str, AfterValidator(lookups.meant)] = ""
    """What it is of the customer here; empty: shown only."""
    edit: bool = False


class LookupPart(Part):
    """A customer system (CRM) in which customers stand too."""

    name: Name
    system: Annotated[
        str, AfterValidator(lookups.check_system), Field(json_schema_extra={"decides": ["settings", "secrets"]})
    ]
    firm: FirmName | None = None
    """None: of all firms."""
    active: bool = True
    settings: Annotated[dict[str, Any], AfterValidator(lookups.own_settings)] = {}
    """In the words of its kind."""
    secrets: Annotated[dict[str, SecretName], AfterValidator(lookups.own_secrets)] = {}
    fields: Annotated[list[LookupField], Field(max_length=40), AfterValidator(forms.lookup_fields)] = []
    """None: the usual ones of its kind."""
    pop_url: Annotated[str, AfterValidator(forms.web_template)] = ""
    """Liquid: a page of one's own about the customer."""
    write_contacts: bool = True
    """Each contact that has ended is written there."""
    create_missing: bool = False
    """Who is not known there is made then."""
    language: Literal["en", "fr"] = "en"
    poll_minutes: Annotated[int, Field(ge=0, le=1440)] = 5
    """How often it is asked what changed; 0: never."""


class PanelPart(Part):
    """A company's own panel beside each conversation: a page of theirs in a frame."""

    name: Name
    firm: FirmName | None = None
    """None: of all firms."""
    active: bool = True
    url: Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(forms.web_template)]
    """Liquid."""
    height: Annotated[int, Field(ge=80, le=1200)] = 320
    """Pixels at first; the page may ask for others."""
    secrets: dict[Literal["signing"], SecretName] = {}
    """The key under which what it is told is signed."""


class WebhookPart(Part):
    """An address of a program that is told what happens."""

    name: Name
    url: Annotated[str, Field(max_length=2000, pattern=r"^https?://\S+$")]
    firm: FirmName | None = None
    """Only what concerns it; None: everything."""
    events: Annotated[
        list[Annotated[str, Field(json_schema_extra={"enum": list(KINDS)})]], AfterValidator(forms.told)
    ] = []
    """None: all."""
    active: bool = True
    secrets: dict[Literal["signing"], SecretName] = {}
    """What messages are signed with; left out: the one there is stays, or one is made."""
