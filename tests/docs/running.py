"""Runs the blocks of one page against a real server, in one folder, as a reader with a shell would."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from parlons.testing.processes import Running
from tests.docs import people
from tests.docs.blocks import Block
from tools.npm import command

DEFAULT_URL = "http://127.0.0.1:8080"
DEFAULT_SIP = "127.0.0.1:5060"
SECONDS = 300
"""Until a block that hangs is given up; a machine may be busy."""
NOISE = ("PARLONS_", "DATABASE_URL", "POSTGRES_BIN")


class Reader:
    """Somebody who does what a page says."""

    def __init__(self, server: Running, folder: Path) -> None:
        self.server, self.folder = server, folder
        environ = {name: value for name, value in os.environ.items() if not name.startswith(NOISE)}
        path = f"{Path(sys.executable).parent}{os.pathsep}{environ.get('PATH', '')}"
        own = {"PARLONS_URL": server.url, "PARLONS_DATA": str(server.data), "PARLONS_PORT": str(server.port)}
        self.environ = {**environ, **own, "PATH": path, "HOME": str(folder)}
        self._kept = folder / ".variables"

    def follow(self, block: Block) -> None:
        """Carries out one block; fails with its place and what was printed."""
        if "file" in block.marks:
            target = self.folder / block.marks["file"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(self._here(block.text))
        if block.skipped:
            return
        match block.language:
            case "sh":
                self._shell(block)
            case "python" if "file" not in block.marks:
                self._run(block, [sys.executable, "-W", "error", "-c", self._here(block.text)])
            case "js" if "file" not in block.marks:
                self._run(block, [*node(), "--input-type=module", "-e", self._here(block.text)])
            case "yaml" if block.configuration:
                self._run(block, [sys.executable, "-m", "parlons.app.cli", "apply", "--dry-run", self._written(block)])
            case "json":
                json.loads(block.text)
            case "do":
                asyncio.run(getattr(people, block.text)(self.server, self.folder))
            case _:
                pass

    def _here(self, text: str) -> str:
        port = self.server.environ.get("PARLONS_SIP_PORT", "5060")
        return text.replace(DEFAULT_URL, self.server.url).replace(DEFAULT_SIP, f"127.0.0.1:{port}")

    def _shell(self, block: Block) -> None:
        """One shell after the other; variables set in one block are there in the next, as at a prompt."""
        before = f". '{self._kept}'\n" if self._kept.exists() else ""
        after = f"\nexport -p > '{self._kept}'\n"
        self._run(block, ["sh", "-e", "-c", f"{before}set -a\n{self._here(block.text)}{after}"])

    def _written(self, block: Block) -> str:
        target = self.folder / f"block-{block.line}.yaml"
        target.write_text(self._here(block.text))
        return str(target)

    def _run(self, block: Block, line: list[str]) -> None:
        done = subprocess.run(
            line, cwd=self.folder, env=self.environ, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        good = (done.returncode != 0) == ("refused" in block.marks)
        assert good, f"{block.place}: exit code {done.returncode}\n{block.text}\n{done.stdout}\n{done.stderr}"


def node() -> list[str]:
    """The JavaScript that the web client is built with."""
    environ = dict(os.environ)
    command(environ)
    found = shutil.which("node", path=environ.get("PATH"))
    assert found is not None
    return [found]
