"""What the extra `parlons[local]` offers: it compares meanings, wherever it is installed."""

from parlons.ai.local.embeddings import LocalEmbeddings
from parlons.ai.plugin import Provider, Tools


def open_provider(tools: Tools) -> Provider:
    """The provider `local`."""
    return Provider("local", embeddings=lambda _: LocalEmbeddings(), automatic=lambda _: LocalEmbeddings.installed())
