# Python >= 3.11 and make are all this needs. Another Python: make demo PYTHON=python3.12
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo up test check test-postgres test-mail bench drill lint format docs locks clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: ## run a whole initiative in a minute, from its idea to its follow-up; results in out/
	@$(PYTHON) bootstrap.py run
	$(BIN)/jisr demo

up: ## run everything on this machine and keep it; Ctrl-C stops it, `make up` goes on
	@$(PYTHON) bootstrap.py run
	$(BIN)/jisr up

test: ## run the tests
	@$(PYTHON) bootstrap.py test
	$(BIN)/python -m pytest

test-postgres: ## run the tests that need PostgreSQL's server programs
	@$(PYTHON) bootstrap.py test
	$(BIN)/python -m pytest -m postgres

test-mail: ## mail through a real server (Exim), ten thousand messages, pictures of messages in out/messages/
	@$(PYTHON) bootstrap.py test
	$(BIN)/python -m pytest -m mail -n0 -s

check: lint ## all that CI checks: lint, then the tests (SKIP_TESTS=1: without them)
	$(if $(SKIP_TESTS),,$(BIN)/python -m pytest)

lint: ## format, style, types, imports, compose file, generated docs; changes nothing
	@$(PYTHON) bootstrap.py lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	if test -f docs/generate.py; then $(BIN)/python -m docs.generate --check; fi

format: ## put the source in order
	@$(PYTHON) bootstrap.py lint
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: ## write the generated pages of docs/ again
	@$(PYTHON) bootstrap.py run
	$(BIN)/python -m docs.generate

bench: ## measure, against bare Temporal in the same run
	@$(PYTHON) bootstrap.py test
	$(BIN)/python -m bench

drill: ## disturb everything: 200 faults drawn by lot, then look whether anything was lost; SEED=7 plays one again, ENCRYPTED=1 encrypts
	@$(PYTHON) bootstrap.py test
	$(BIN)/python -m drill $(if $(SEED),--seed $(SEED)) $(if $(FAULTS),--faults $(FAULTS)) $(if $(ENCRYPTED),--encrypted)

# The locks are for every Python from 3.11 and every system, by hash, and name no index.
UV ?= $(or $(abspath $(wildcard $(BIN)/uv)),uv)
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --only-binary :all: \
	--no-emit-index-url --no-header --no-annotate $(if $(UPGRADE),--upgrade)

locks: ## write requirements/*.lock from *.in again (UPGRADE=1: with the newest releases)
	cd requirements && $(COMPILE) run.in -o run.lock
	cd requirements && $(COMPILE) test.in -c run.lock -o test.lock
	cd requirements && $(COMPILE) lint.in -c run.lock -c test.lock -o lint.lock
	cd requirements && $(COMPILE) uv.in -o uv.lock

clean: ## remove what set-up, tests and the demo made; what `make up` keeps in .jisr/ stays
	rm -rf .venv out .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
