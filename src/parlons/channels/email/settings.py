"""Settings of a mailbox: how its mail arrives, how answers leave, whom it believes. Values only."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Safety = Literal["tls", "starttls", "none"]
HOST = r"^[A-Za-z0-9.:_-]{0,253}$"


class Settings(BaseModel):
    """Of one mailbox."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(
        "",
        title="Name shown to customers",
        description="Stands before the address: Delmas Automobiles.",
        max_length=100,
    )
    identities: list[str] = Field(
        default_factory=list,
        title="Other addresses of this mailbox",
        description="Each as an address or as Name <address>. A mail to one of them is answered from it.",
        max_length=50,
    )
    receive: Literal["imap", "smtp", "none"] = Field(
        "imap",
        title="How mail arrives",
        description="By reading a mailbox (IMAP); by a mail server that hands it to this server (SMTP); or not at all.",
    )
    imap_host: str = Field("", title="IMAP server", pattern=HOST)
    imap_port: int = Field(993, title="IMAP port", ge=1, le=65535)
    imap_safety: Safety = Field("tls", title="IMAP encryption", description="None only inside one machine.")
    folder: str = Field("INBOX", title="Folder that is read", min_length=1, max_length=200)
    first: Literal["new", "unseen", "all"] = Field(
        "unseen",
        title="Mails that were there before",
        description="When the mailbox is read for the first time: none of them, the unread ones, or all. Each becomes work.",
    )
    after: Literal["seen", "keep", "delete"] = Field(
        "seen",
        title="A mail that was taken",
        description="Is marked as read, left as it is, or deleted from the mailbox.",
    )
    listen: str = Field(
        "127.0.0.1:2525",
        title="Address for direct SMTP",
        description="Host and port on which this server takes mail for the mailbox; several mailboxes may share it.",
        pattern=r"^[A-Za-z0-9.:\[\]_-]{1,260}:\d{1,5}$",
    )
    smtp_host: str = Field("", title="SMTP server for answers", pattern=HOST)
    smtp_port: int = Field(587, title="SMTP port", ge=1, le=65535)
    smtp_safety: Safety = Field("starttls", title="SMTP encryption", description="None only inside one machine.")
    user: str = Field(
        "", title="User name", description="For IMAP and SMTP; empty: the address. Without a password none is used."
    )
    oauth_url: str = Field(
        "",
        title="OAuth 2 token address",
        description="With it and the secret refresh-token, access tokens are fetched here instead of using a password.",
        pattern=r"^(https?://\S+)?$",
    )
    oauth_client: str = Field("", title="OAuth 2 client id", max_length=300)
    believe: Literal["server", "nobody", "everybody"] = Field(
        "server",
        title="Whose sender addresses are believed",
        description="Server: those that the mail server named below has checked (DMARC, DKIM or SPF). A sender who is not "
        "believed opens no known customer's history; answers reach him all the same.",
    )
    checked_by: str = Field(
        "",
        title="Name of the mail server that checks senders",
        description="As it signs its Authentication-Results: mx.example.org. It must remove such lines from strangers.",
        max_length=253,
    )
    mark_in: Literal["subject", "address", "nowhere"] = Field(
        "subject",
        title="Mark that leads answers back",
        description="Besides the references of mails: in the subject, in the answer's address (shop+mark@...; the mail server "
        "must deliver those here), or nowhere.",
    )
    dkim_selector: str = Field(
        "",
        title="DKIM selector",
        description="With the secret dkim-key, answers are signed.",
        pattern=r"^[A-Za-z0-9._-]{0,63}$",
    )
    largest_mb: int = Field(
        25, title="Largest mail, in MB", description="A larger one is told, not taken.", ge=1, le=100
    )
