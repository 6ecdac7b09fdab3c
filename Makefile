# The commands of the repository. `make help` lists them.
#
# Everything they install goes into .venv and .venv-django, everything the demo leaves into .demo (all ignored by git),
# and the Pulumi CLI into a cache outside the tree, so that it is fetched or built once a machine.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCKS := requirements/dev.txt
APP := django-divio-sites
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check

.PHONY: help
help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

# --- What everything else needs -------------------------------------------------------------------------------------

# The stamps make a second run fast: each is newer than what it was made from.
$(VENV)/.locks: $(LOCKS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "make: $(PYTHON) is older than Python 3.11; name a newer one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(PIP_INSTALL) --requirement $(LOCKS)
	@touch $@

# No isolation: the build backend is in the locks as well, so that nothing unlocked is fetched.
$(VENV)/.package: $(VENV)/.locks pyproject.toml $(APP)/pyproject.toml
	$(BIN)/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable '.[cli,emulator,dev]' --editable ./$(APP)
	@touch $@

.PHONY: venv
venv: $(VENV)/.package ## .venv with the locked versions and both packages, without the Pulumi CLI

# The sample's own packages, without the wheel of the Django app: that is here.
SAMPLE = grep -h '^[A-Za-z]' $(addprefix examples/django-estate/,$(1))
LOCK = $(BIN)/uv pip compile --quiet --universal --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
  $(UPGRADE) --all-extras

.PHONY: lock
# Not the sample's packages in dev.txt: one of them installs a folder `tests` at the top, which hides ours.
lock: venv ## Bring requirements/ in line with pyproject.toml (make lock UPGRADE=--upgrade for the newest versions)
	$(LOCK) --python-version 3.11 --output-file $(LOCKS) pyproject.toml $(APP)/pyproject.toml
	echo 'Django==4.2.*' | $(LOCK) --python-version 3.10 --output-file requirements/django42.txt $(APP)/pyproject.toml -
	{ $(call SAMPLE,requirements.txt requirements-cms.txt); echo 'Django==5.2.*'; } \
	  | $(LOCK) --python-version 3.11 --output-file requirements/django52.txt $(APP)/pyproject.toml -
	{ $(call SAMPLE,requirements.txt); echo 'Django>=6'; } \
	  | $(LOCK) --python-version 3.12 --output-file requirements/django-newest.txt $(APP)/pyproject.toml -

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
docs: venv ## Write docs/reference/contract.md anew from the contract of Divio's API
	$(BIN)/python -m tools.contract_table

# --- Checks and tests -----------------------------------------------------------------------------------------------

.PHONY: check
check: venv ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Fast folders first: what is wrong shows early. `engine` has the real CLI, `faults` kills it, `search` looks for ways around the guards.
LATE := tests/engine tests/faults tests/search
FAST := $(filter-out $(LATE),$(patsubst %/,%,$(wildcard tests/*/)))
FOLDERS = $(filter-out tests/__pycache__,$(FAST)) $(wildcard $(LATE))
# Tests of one xdist_group share what they begin with, so they stay together on one worker.
PYTEST = PATH="$(CURDIR)/$(BIN):$$PATH" $(CURDIR)/$(BIN)/python -m pytest -n 2 --dist loadgroup

# A slow test takes long, or shows a promise from one more side.
.PHONY: test test-full
test: install .venv-django/django52/.locks ## Every promise once, some minutes
	$(PYTEST) -m "not slow" $(FOLDERS)
	$(call TEST_APP,django52,-m "not slow")

test-full: test ## Those, then the slow ones, then the Django app on the other Djangos
	$(PYTEST) -m slow $(FOLDERS)
	$(call TEST_APP,django52,-m slow)
	@$(MAKE) --no-print-directory test-django42 test-django-newest

# The Django app on each Django that it is for, in an environment of its own. The sample's variant with django CMS is in
# that of Django 5.2.
DJANGOS := django42 django52 django-newest
PYTHON_FOR_django-newest = $(shell for python in $(PYTHON) python3.14 python3.13 python3.12 \
  $${PYENV_ROOT:-$$HOME/.pyenv}/versions/3.1[2-9].*/bin/python3; do \
    $$python -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null && echo $$python && break; done)

.venv-django/%/.locks: requirements/%.txt $(VENV)/.package
	@$(BIN)/uv venv --quiet --clear --python $(or $(PYTHON_FOR_$*),$(PYTHON)) $(@D)
	$(BIN)/uv pip install --quiet --python $(@D)/bin/python --requirement $<
	@touch $@

TEST_APP = (cd $(APP) && PATH="$(CURDIR)/$(BIN):$$PATH" $(CURDIR)/.venv-django/$(1)/bin/python -m pytest -n 2 --dist loadgroup $(2))
# What the documents show is shown with one Django.
ONCE := --ignore tests/test_docs.py

.PHONY: test-django $(addprefix test-,$(DJANGOS))
test-django: $(addprefix test-,$(DJANGOS)) ## The Django app's tests on Django 4.2, 5.2 and the newest, if a Python 3.12 is found

test-django52: .venv-django/django52/.locks
	$(call TEST_APP,django52)

test-django42: .venv-django/django42/.locks
	$(call TEST_APP,django42,$(ONCE))

test-django-newest:
	@if [ -z "$(PYTHON_FOR_django-newest)" ]; then \
	  echo 'make: THE NEWEST DJANGO IS NOT TESTED: it needs Python 3.12 or newer, and none was found; PYTHON=… names one' >&2; \
	else \
	  $(MAKE) --no-print-directory .venv-django/django-newest/.locks && $(call TEST_APP,django-newest,$(ONCE)); \
	fi

# --- Benchmarks -----------------------------------------------------------------------------------------------------

.PHONY: bench
bench: install ## The figures as a table and benchmarks/results.json, half an hour (BENCH="--quick": see BENCH="--help")
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m benchmarks $(BENCH)
