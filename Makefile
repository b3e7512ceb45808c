# `make` alone lists the targets. `make run` and `make test` need nothing but what `scripts/need` asks for.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/python scripts/uv.py
OUTCRY := $(BIN)/outcry
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

# maturin and cargo must name the same interpreter, or each would rebuild what the other built.
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
export PYO3_PYTHON := $(CURDIR)/$(BIN)/python

# A directory in the list makes a removed file count as a change.
RUST_SOURCES := Cargo.toml Cargo.lock \
	$(shell [ ! -d crates ] || find crates -path '*/src*' -o -name Cargo.toml -o -name build.rs)
ENV_STAMP := $(VENV)/.env-synced
CORE_STAMP := $(VENV)/.core-built
# Other people's clients, each in an environment of its own, for the tests of the gateways.
CLIENTS := ccxt python-binance schemathesis
CLIENT_STAMPS := $(CLIENTS:%=build/clients/%/.synced)
MARKDOWN := $(wildcard README.md docs)

##@ The two commands

run: $(CORE_STAMP) ## See it work: an exchange in data/demo over HTTP, with simulated traders and two keys; Ctrl-C ends it
	$(OUTCRY) serve data/demo --demo

test: $(CORE_STAMP) $(CLIENT_STAMPS) ## The quick tests of both languages (3 minutes at most, after the build)
	@$(BIN)/python scripts/test.py

##@ While working

check: $(CORE_STAMP) ## What must hold before a commit: lint, types, layers, examples in the documentation
	@scripts/need --check $(PYTHON) >/dev/null
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	$(BIN)/pytest -q tests/test_imports.py tests/test_tidy.py
	$(BIN)/pytest -q --doctest-modules --doctest-glob='*.md' src $(MARKDOWN)
	cargo test --quiet --workspace --exclude=outcry-python --doc --locked

test-slow: $(CORE_STAMP) $(CLIENT_STAMPS) ## Every test, the long comparisons as well (30 minutes at most)
	@$(BIN)/python scripts/test.py --slow

format: $(ENV_STAMP) ## Rewrite the sources in the one style
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	cargo fmt --all

bench: $(CORE_STAMP) ## Measure, beside the peers, into bench.json; ROWS="matching/w1 python" for some rows
	benchmarks/peers/build.sh build/peers
	$(OUTCRY) bench $(ROWS) --json bench.json

##@ Building

env: $(CORE_STAMP) ## The environment in .venv with the release core in it, and nothing more

# What the core says in a panic names its sources, but not where they lay.
REMAP := --remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)=cargo --remap-path-prefix=$(CURDIR)=outcry

build: $(ENV_STAMP) ## The wheel for Python 3.11 and newer, into dist/
	RUSTFLAGS='$(REMAP)' $(BIN)/maturin build --release --locked --strip --out dist

lock: $(VENV)/bin/uv ## Renew the locked requirements; UPGRADE=1 takes the newest releases
	$(LOCK) $(if $(UPGRADE),--upgrade) requirements/bootstrap.in -o requirements/bootstrap.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements/runtime.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) pyproject.toml --extra bench requirements/dev.in \
		-c requirements/runtime.txt -o requirements/dev.txt
	$(foreach client,$(CLIENTS),$(LOCK) $(if $(UPGRADE),--upgrade) \
		requirements/clients/$(client).in -o requirements/clients/$(client).txt;)

clean: ## Remove everything that was made, the environment as well
	rm -rf $(VENV) build dist target bench.json .hypothesis .mypy_cache .pytest_cache .ruff_cache
	rm -f src/outcry/_native*.so
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help:
	@printf 'Outcry. Two commands are enough to begin: make run, make test.\n'
	@awk -F ':.*## ' \
		'/^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' \
		$(firstword $(MAKEFILE_LIST))

$(VENV)/bin/uv: requirements/bootstrap.txt
	@python=$$(scripts/need $(PYTHON)); set -x; "$$python" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(ENV_STAMP): requirements/dev.txt $(VENV)/bin/uv
	$(UV) pip sync --quiet --require-hashes --compile-bytecode $<
	@touch $@

build/clients/%/.synced: requirements/clients/%.txt $(VENV)/bin/uv
	$(UV) venv --quiet --allow-existing --python $(BIN)/python build/clients/$*
	$(UV) pip sync --quiet --require-hashes --python build/clients/$*/bin/python $<
	@touch $@

# The stamp is as old as the start of the build, so that what is written meanwhile is built next time.
$(CORE_STAMP): $(ENV_STAMP) $(RUST_SOURCES) pyproject.toml
	@scripts/need $(PYTHON) >/dev/null
	@touch $@.started
	$(BIN)/maturin develop --release --locked --uv
	@mv $@.started $@

# Without the module the stamp is void, whatever its age.
ifeq ($(wildcard src/outcry/_native*.so),)
.PHONY: $(CORE_STAMP)
endif

.PHONY: bench build check clean env format help lock run test test-slow
