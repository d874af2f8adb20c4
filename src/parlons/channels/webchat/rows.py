"""Rows of this room as values. Private to it."""

from sqlalchemy.engine import RowMapping

from parlons.channels.webchat.model import Visitor, Widget


def widget_of(row: RowMapping) -> Widget:
    """A row of `widgets`."""
    return Widget(
        id=row["id"],
        tenant_id=row["tenant_id"],
        workspace_id=row["workspace_id"],
        firm_id=row["firm_id"],
        key=row["key"],
        address=row["address"],
        name=row["name"],
        origins=tuple(row["origins"]),
        languages=tuple(row["languages"]),
        accent=row["accent"],
        texts=row["texts"],
        privacy_url=row["privacy_url"],
        reply_seconds=row["reply_seconds"],
        away_minutes=row["away_minutes"],
        identity_secret=row["identity_secret"],
        token_key=bytes(row["token_key"]),
        version=row["version"],
    )


def visitor_of(row: RowMapping) -> Visitor:
    """A row of `visitors`."""
    return Visitor(
        id=row["id"],
        widget_id=row["widget_id"],
        firm_id=row["firm_id"],
        language=row["language"],
        customer_id=row["customer_id"],
        conversation_id=row["conversation_id"],
        external_id=row["external_id"],
        best_position=row["best_position"],
        kept=row["kept"],
    )
