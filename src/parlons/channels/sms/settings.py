"""Settings of one sender of text messages, and which of them fit together. Pure."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from parlons.channels.sms.coding import Charset, Coding
from parlons.channels.sms.receipts import IdForm

LongMessages = Literal["header", "payload", "sar"]


class Settings(BaseModel):
    """A number, short code or name, and the carrier or gateway behind it."""

    model_config = ConfigDict(extra="forbid")

    transport: Literal["smpp", "http", "form"] = Field(
        "smpp",
        title="How it is sent",
        description="smpp: a carrier's SMPP 3.4 centre. http: a gateway such as Kannel. form: a gateway that takes forms.",
    )
    host: str = Field("", title="Host", description="Of the SMPP centre.", max_length=253)
    port: int = Field(2775, title="Port", ge=1, le=65535)
    tls: bool = Field(False, title="Encrypted", description="The centre's certificate must be one this machine trusts.")
    system_id: str = Field("", title="System id", description="The user name at the centre.", max_length=15)
    system_type: str = Field("", title="System type", description="Only if the carrier names one.", max_length=12)
    url: str = Field("", title="Address of the gateway", description="Such as https://kannel.example/cgi-bin/sendsms.")
    username: str = Field("", title="User at the gateway", max_length=100)
    media: bool = Field(False, title="Carries files (MMS)", description="Only a gateway that takes forms can.")
    sender: str = Field(
        "",
        title="Name shown as sender",
        description="Up to 11 letters instead of the number. Customers cannot answer to a name.",
        max_length=11,
    )
    country_code: str = Field(
        "", title="Country code", description="Digits put before numbers that come in national form: 33.",
        pattern=r"^([1-9]\d{0,2})?$",
    )  # fmt: skip
    most_parts: int = Field(6, title="Parts of a long text at most", ge=1, le=20)
    plain_marks: bool = Field(
        True, title="Plain punctuation", description="Curly quotes and dashes go out plain where this halves the cost."
    )
    long_messages: LongMessages = Field(
        "header", title="Long texts", description="header suits most carriers; payload and sar if theirs says so."
    )
    default_charset: Charset = Field(
        "gsm7", title="The centre's own alphabet", description="What data_coding 0 means there."
    )
    ia5_charset: Charset = Field("gsm7", title="Data coding 1", description="What the carrier sends under it.")
    answer_ids: IdForm = Field("text", title="Message ids in answers", description="text unless receipts never match.")
    receipt_ids: IdForm = Field("text", title="Message ids in receipts")
    receipts: bool = Field(True, title="Ask for receipts")
    window: int = Field(10, title="Messages waiting for an answer at most", ge=1, le=100)
    enquire_seconds: float = Field(30, title="Seconds of silence before asking", ge=1, le=600)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.transport == "smpp" and not (self.host and self.system_id):
            raise ValueError("smpp needs host and system_id")
        if self.transport in ("http", "form") and not (self.url and self.username):
            raise ValueError(f"{self.transport} needs url and username")
        if self.media and self.transport != "form":
            raise ValueError("media needs the transport form")
        return self

    def coding(self) -> Coding:
        """What this carrier's numbers for alphabets mean."""
        return Coding(self.default_charset, self.ia5_charset)
