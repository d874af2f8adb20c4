"""How people of the graph are known: their ids hold for one page or account only. Pure."""


def customer_value(channel: str, account: str, person: str) -> str:
    """A customer's address, as `customers` keeps it."""
    return f"{channel}:{account}:{person}"
