# The commands of the repository. `make help` lists them.
#
# Everything they install goes into .venv, everything the demo leaves into .demo (both ignored by git), and the
# Pulumi CLI into a cache outside the tree, so that it is fetched or built once a machine.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCKS := requirements/dev.txt

.PHONY: help
help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

# --- What everything else needs -------------------------------------------------------------------------------------

# The stamps make a second run fast: each is newer than what it was made from.
$(VENV)/.locks: $(LOCKS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "make: $(PYTHON) is older than Python 3.11; name a newer one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement $(LOCKS)
	@touch $@

# No isolation: the build backend is in the locks as well, so that nothing unlocked is fetched.
$(VENV)/.package: $(VENV)/.locks pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable '.[cli,emulator,migrations,dev]'
	@touch $@

.PHONY: venv
venv: $(VENV)/.package ## .venv with the locked versions and this package, without the Pulumi CLI

.PHONY: lock
lock: venv ## Bring requirements/dev.txt in line with pyproject.toml (make lock UPGRADE=--upgrade for the newest versions)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command "make lock" $(UPGRADE) --output-file $(LOCKS) pyproject.toml

# Links whose cache was emptied lead nowhere: then the stamp counts for nothing.
ifneq ($(shell test -x $(BIN)/pulumi && echo there),there)
$(VENV)/.pulumi: .FORCE
endif
.PHONY: .FORCE
.FORCE:

# The module, not the file: it shares code with the other tools.
$(VENV)/.pulumi: $(VENV)/.package tools/pulumi_cli.py tools/pulumi_ways.py $(wildcard tools/modules/*/go.*)
	$(BIN)/python -m tools.pulumi_cli --link $(BIN)
	@touch $@

.PHONY: pulumi
pulumi: $(VENV)/.pulumi ## The Pulumi CLI, linked into .venv/bin: from PATH, the official release or Go modules

.PHONY: install
install: pulumi ## .venv with everything in it; then: . .venv/bin/activate

# --- The demo -------------------------------------------------------------------------------------------------------

.PHONY: demo demo-down
demo: install ## A local Divio with an original and three mirrors, brought up by Pulumi
	@$(BIN)/python -m tools.demo up

# Needs nothing installed: a demo must go away even when .venv already has.
demo-down: ## Remove all of it
	@$(PYTHON) -m tools.demo down

.PHONY: docs
docs: venv ## Write docs/contract.md anew from the contract of Divio's API
	$(BIN)/python -m tools.contract_table

# --- Checks and tests -----------------------------------------------------------------------------------------------

.PHONY: check
check: venv ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Fast folders first: what is wrong shows early. `engine` has the real CLI, `faults` kills it.
LATE := tests/engine tests/faults
FAST := $(filter-out $(LATE),$(patsubst %/,%,$(wildcard tests/*/)))
FOLDERS = $(filter-out tests/__pycache__,$(FAST)) $(wildcard $(LATE))
# Tests of one xdist_group share what they begin with, so they stay together on one worker.
PYTEST = PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -n 2 --dist loadgroup

.PHONY: test test-full
test: install ## All tests but the slow ones
	$(PYTEST) -m "not slow" $(FOLDERS)

test-full: install ## The slow ones as well
	$(PYTEST) $(FOLDERS)

# --- Benchmarks -----------------------------------------------------------------------------------------------------

.PHONY: bench
bench: install ## The figures as a table and benchmarks/results.json, half an hour (BENCH="--quick": see BENCH="--help")
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m benchmarks $(BENCH)
