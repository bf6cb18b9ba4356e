# `make help` prints every target from the comment beside it.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
# Each stamp is as old as the last install from its lock: nothing is installed again until a lock changes.
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
# A test run starts some hundred processes: each would compile everything anew where the environment forbids keeping it.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install run test browser pages gallery faults upgrade chaos compose fuzz check format permissions assets bench lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo '  ARGS="..." is handed on, as in: make run ARGS="--port 9000"'

install: $(RUNTIME) ## Create .venv and install what running needs, versions and hashes as locked

run: $(RUNTIME) ## Start the whole stack on this machine; in an empty data folder it plays a drill
	@exec $(BIN)/huiying up $(ARGS)

test: $(DEV) ## Run the static checks, then every test but the long ones
	@deploy/find-browser.sh & finding=$$!; $(MAKE) --no-print-directory check; wait $$finding || echo 'the tests of the pages are skipped'
	$(BIN)/pytest -n 3 $(ARGS)

browser: ## Find Chromium for the tests of the pages; on Debian, as root, install it
	@deploy/find-browser.sh

pages: $(DEV) browser ## Walk the console in Chromium: journeys, troubles, axe, weight; takes ten minutes
	$(BIN)/pytest -m "" -o faulthandler_timeout=0 tests/browser $(ARGS)

gallery: $(DEV) browser ## Take pictures of every page into docs/gallery
	$(BIN)/python -m tests.browser.gallery docs/gallery

faults: $(DEV) ## Kill every process of a running drill, lose answers at random, play every story; takes half an hour
	$(BIN)/pytest -n 2 -m long tests/whole tests/channels tests/runtime tests/domain tests/bench tests/workflows tests/chaos $(ARGS)

upgrade: $(DEV) ## Finish, with this version, what earlier states of the repository left open; takes five minutes
	$(BIN)/pytest -n 1 -m long -o faulthandler_timeout=0 tests/deploying tests/upkeep $(ARGS)

chaos: $(DEV) ## Hurt a stack in every way there is while 200 incidents are worked on (--incidents, --seed, --minutes)
	$(BIN)/python -m tests.chaos $(ARGS)

compose: $(DEV) ## Run the services of docker-compose.yml as plain processes, as far as they need no image; takes a minute
	$(BIN)/pytest -n 0 -m long tests/test_compose.py $(ARGS)

fuzz: $(DEV) ## Hold thousands of answers of the API against its OpenAPI document; takes half an hour
	$(BIN)/pytest -n 2 -m long -o faulthandler_timeout=0 tests/api tests/attacks $(ARGS)

check: $(DEV) ## Check style, types, who imports whom, the Compose file, the Dockerfile and what is known against dependencies
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml deploy/compose.tls.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/ci.yml
	deploy/check-compose.sh $(BIN)/docker-compose
	@$(BIN)/python deploy/audit.py requirements-dev.lock & auditing=$$!; $(BIN)/mypy --num-workers 2; wait $$auditing

format: $(DEV) ## Mend what the formatter and the linter can mend by themselves
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

permissions: $(DEV) ## Write docs/permissions.md anew from the permission table
	$(BIN)/python -m domain.permissions_page > docs/permissions.md

assets: ## Fetch and build the stylesheet and scripts of the console anew (needs npm)
	deploy/build-assets.sh

bench: $(DEV) ## Measure Huiying beside its opponents into docs/benchmarks; takes half an hour
	$(BIN)/python -m bench $(ARGS)

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links $(ARGS)

lock: $(BIN)/python ## Write the lock files anew (ARGS=--upgrade to take newer versions)
	$(COMPILE) pyproject.toml --extra build --output-file requirements.lock
	$(COMPILE) pyproject.toml --extra build --extra traces --extra dev --constraint requirements.lock \
		--output-file requirements-dev.lock
	echo uv | $(COMPILE) --no-annotate - --output-file requirements-uv.lock
	@! grep -nE '://|^-' requirements*.lock || { echo 'a lock names an address' >&2; exit 1; }

clean: ## Remove the environment, caches and builds; data under var/ stays
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment -------------------------------------------------------------------------------

# uv installs in seconds what takes pip a minute. It reads no pip.conf, so the index set there, if any, is
# handed to it; where uv is not to be had or fails, pip does the same work from the same lock.
define install_from
	@echo "Installing from $(1)"
	@index="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null || true)}}"; \
	if [ -n "$$index" ]; then export UV_DEFAULT_INDEX="$$index"; fi; \
	install() { "$$@" --quiet --require-hashes -r $(1) && "$$@" --quiet --no-deps --no-build-isolation -e .; }; \
	{ [ -x $(BIN)/uv ] && install $(BIN)/uv pip install --python $(BIN)/python; } \
		|| install $(BIN)/python -m pip install --disable-pip-version-check
endef

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Huiying needs Python 3.11 or newer, and $(PYTHON) is not: make PYTHON=/path/to/python3.11" >&2; \
		exit 1; }
	@echo "Creating $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements-uv.lock || echo 'uv is not to be had here; pip takes its place and a minute longer'

$(RUNTIME): requirements.lock pyproject.toml | $(BIN)/python
	$(call install_from,requirements.lock)
	@touch $@

$(DEV): requirements-dev.lock pyproject.toml | $(BIN)/python
	$(call install_from,requirements-dev.lock)
	@touch $(RUNTIME) $@
