#!/bin/sh
# Renews requirements/*.lock from pyproject.toml: exact versions with hashes, no registry's address in any file.
set -eu
unset UV_INDEX UV_INDEX_URL UV_DEFAULT_INDEX UV_EXTRA_INDEX_URL 2>/dev/null || true
uv=.tools/bin/uv
$uv lock -q --upgrade
export_lock() { $uv export -q --frozen --no-emit-project --no-header --no-annotate "$@"; }
export_lock --no-dev -o requirements/run.lock >/dev/null
export_lock --group dev -o requirements/dev.lock >/dev/null
printf 'uv==%s\n' "$($uv --version | cut -d' ' -f2)" | $uv pip compile -q --generate-hashes --no-header --no-annotate - -o requirements/tools.lock >/dev/null
python3 tools/strip_lock.py
! grep -nE 'https?://' requirements/*.lock
