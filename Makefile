# One screen, one house. `make demo` runs the main job, `make test` proves it; all tools are fetched into the tree.
PORT ?= 8080
DATA ?=
PY   := .venv/bin/python
UV   := .tools/bin/uv
export UV_PYTHON_DOWNLOADS := manual
ROOM ?=

.PHONY: demo test quick check dev docs chaos fresh lock types-client python-client fuzz-api fuzz-compat screenshots screens bench-% soak-% help
help:            ## what can be made
	@grep -E '^[a-z%-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'
demo: .venv/run  ## a living centre on http://127.0.0.1:$(PORT)
	@$(PY) -m parlons.app.cli demo --port $(PORT) $(if $(DATA),--data $(DATA))
test: .venv/dev  ## everything, with a table of minutes per tier
	@$(PY) tools/tiers.py all
quick: .venv/dev ## lint, types, imports, pure and room tests
	@$(PY) tools/tiers.py quick $(ROOM)
check: .venv/dev ## lint, types, imports, own lints
	@$(PY) tools/tiers.py check
dev: .venv/dev   ## server with reload and the web dev server
	@$(PY) tools/dev.py
docs: .venv/dev  ## run every command of the documents
	@$(PY) -m pytest -q tests/docs
chaos: .venv/dev ## 100 seeded rounds of failures under the demo's traffic
	@$(PY) -m tests.chaos.run --rounds 100
bench-%: .venv/dev
	@$(PY) -m benchmarks.$*
soak-%: .venv/dev
	@$(PY) -m benchmarks.$*_soak
types-client: .venv/dev ## TypeScript types from the API
	@$(PY) tools/types_client.py
python-client: .venv/dev ## the Python client from the API
	@$(PY) -m tools.python_client
fuzz-api: .venv/dev ## generated calls of every operation against its description (long); ONLY= names a part
	@$(PY) -m tests.fuzz.run --cases $(or $(CASES),50) --only "$(ONLY)"
fuzz-compat: .venv/dev ## generated calls of the compatible API against its published description (long); ONLY= names a part
	@$(PY) -m tests.fuzz.compat --cases $(or $(CASES),50) --only "$(ONLY)"
screenshots: .venv/dev ## the pictures of the README
	@$(PY) tools/screenshots.py
screens: .venv/dev ## a picture of every screen, in both languages and themes, into OUT= (var/screens)
	@$(PY) -m tools.screens --out $(or $(OUT),var/screens) $(if $(ONLY),--only $(ONLY))
fresh:           ## clean clone, empty HOME, new environment, then demo and test
	@sh tools/fresh.sh
lock:            ## renew requirements/*.lock; they name no host
	@sh tools/lock.sh

.tools/bin/uv:
	@echo "Parlons: fetching the installer (uv) into .tools"
	@python3 -m venv .tools || { echo "python3 >= 3.11 with venv is needed (Debian: apt-get install python3-venv)"; exit 1; }
	@.tools/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements/tools.lock
.venv/bin/python: | .tools/bin/uv
	@$(UV) venv -q --python "$$(command -v python3)" .venv
.venv/run: requirements/run.lock pyproject.toml hatch_build.py $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null) | .venv/bin/python
	@echo "Parlons: installing what it runs on (about a minute the first time)"
	@$(UV) pip install -q --require-hashes -r requirements/run.lock
	@$(UV) pip install -q --no-deps -e .
	@touch $@
.venv/dev: .venv/run requirements/dev.lock
	@echo "Parlons: installing what its tests need"
	@$(UV) pip install -q --require-hashes -r requirements/dev.lock
	@touch $@
