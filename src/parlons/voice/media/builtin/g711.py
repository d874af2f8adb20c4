"""G.711 by table for many legs at once (ITU-T G.711). The tables are aiortp's; both laws are decoded by one look-up.

A byte's index into `DECODED` is the byte itself for mu-law and 256 more for A-law, so rows of both stand in one array.
"""

import numpy as np
from aiortp.codecs.g711 import PcmaCodec, PcmuCodec
from numpy.typing import NDArray

MU_LAW, A_LAW = 0, 256
"""Offset of a law's table in `DECODED`."""
SILENCE = {MU_LAW: 0xFF, A_LAW: 0xD5}
"""The byte which decodes to (nearly) nothing."""


def _decoding() -> NDArray[np.int16]:
    every = bytes(range(256))
    return np.concatenate([np.frombuffer(codec().decode(every), np.int16) for codec in (PcmuCodec, PcmaCodec)])


DECODED: NDArray[np.int16] = _decoding()
"""512 samples: 256 of mu-law, 256 of A-law."""

_every_sample = np.arange(65536, dtype=np.uint16).tobytes()
ENCODED: dict[int, NDArray[np.uint8]] = {
    MU_LAW: np.frombuffer(PcmuCodec().encode(_every_sample), np.uint8),
    A_LAW: np.frombuffer(PcmaCodec().encode(_every_sample), np.uint8),
}
"""By law: 65,536 bytes, indexed by a sample seen as unsigned."""
