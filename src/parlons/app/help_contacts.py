"""How readers of a firm's help centre reach it: its first chat, mailbox and number, as they are configured."""

from parlons.channels.webchat.widgets import list_widgets
from parlons.knowledge.page import Contacts
from parlons.reception.points import find_entry_point
from parlons.runtime.db import Tx


async def contacts_of(tx: Tx, firm_id: str) -> Contacts:
    """What is known of a firm; what is not stays empty."""
    widgets = await list_widgets(tx, firm_id=firm_id)
    mailbox = await find_entry_point(tx, "email", "", firm_id)
    number = await find_entry_point(tx, "voice", "", firm_id)
    return Contacts(
        chat=f"/chat/{widgets[0].key}" if widgets else "",
        email=mailbox.address if mailbox is not None and "@" in mailbox.address else "",
        phone=number.address if number is not None and number.address.startswith("+") else "",
    )
