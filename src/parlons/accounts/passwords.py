"""Passwords: argon2id with the parameters of RFC 9106 (second recommended option), hashed outside the event loop.

At most two hashes are computed at once: each takes 64 MiB and tens of milliseconds, and a burst of sign-ins must not
starve the calls that serve customers. A sign-in of an unknown address costs the same as that of a known one.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from parlons.accounts.errors import WeakPassword

_HASHER = PasswordHasher()
_POOL = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
SHORTEST = 10
LONGEST = 1024
"""Characters."""


async def hash_password(password: str) -> str:
    """The argon2id text to store; raises WeakPassword when it is too short or absurdly long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(shortest=SHORTEST, longest=LONGEST)
    return await asyncio.get_running_loop().run_in_executor(_POOL, _HASHER.hash, password)


async def password_matches(stored: str | None, password: str) -> bool:
    """Whether `password` is the one that was stored; None (no user, or no password yet) takes as long and never matches."""
    return await asyncio.get_running_loop().run_in_executor(_POOL, _verify, stored, password[: LONGEST + 1])


def _verify(stored: str | None, password: str) -> bool:
    try:
        matches = _HASHER.verify(stored or _dummy(), password)
    except (VerificationError, InvalidHashError):
        return False
    return matches and stored is not None


@cache
def _dummy() -> str:
    return _HASHER.hash("nobody has this password")
