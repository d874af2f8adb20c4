"""`make dev`: the demo with the server restarted at each change of Python, and Vite's dev server before it."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tools.npm import command  # noqa: E402


def newest() -> float:
    """When a Python or YAML file of the product changed last."""
    files = [*ROOT.glob("src/parlons/**/*.py"), *ROOT.glob("src/parlons/**/*.yaml")]
    return max(path.stat().st_mtime for path in files)


def main() -> None:
    """Run both until Ctrl-C."""
    port = os.environ.get("PORT", "8080")
    env = {**os.environ, "PARLONS_LOG": "info", "PARLONS_URL": f"http://127.0.0.1:{port}"}
    server = [sys.executable, "-m", "parlons.app.cli", "demo", "--port", port]
    vite = subprocess.Popen([*command(env), "run", "dev"], cwd=ROOT / "web", env=env)
    running, seen = subprocess.Popen(server, env=env), newest()
    try:
        while True:
            time.sleep(0.5)
            if newest() > seen:
                seen = newest()
                running.terminate()
                running.wait()
                running = subprocess.Popen(server, env=env)
    except KeyboardInterrupt:
        pass
    finally:
        for process in (running, vite):
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
