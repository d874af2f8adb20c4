"""Texts people write once and use often: ready replies by language and version, with variables (Liquid). `liquid` is pure."""
