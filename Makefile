# Cleardesk: `make demo` from a fresh checkout to a desk full of work, `make test` for everything that CI runs.
PYTHON := .venv/bin/python
ARGS ?=

.PHONY: help setup demo test test-slow lint types imports docs lock clean

help: ## what there is
	@grep -E '^[a-z-]+:.*## ' Makefile | awk -F':.*## ' '{printf "%-10s %s\n", $$1, $$2}'

setup: ## install what is missing: system packages, uv, the locked environment
	@scripts/setup

demo: setup ## a desk full of work in a browser; ARGS=--once does the work and exits
	@.venv/bin/cleardesk demo $(ARGS)

test: setup lint types imports ## lint, types, import rules, and every test that is not slow
	$(PYTHON) -m pytest -m "not slow" -n 2 --dist loadgroup

test-slow: setup ## the long suites
	$(PYTHON) -m pytest -m slow

lint:
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

types:
	.venv/bin/mypy

imports:
	.venv/bin/lint-imports

docs: setup ## renew the generated reference pages
	$(PYTHON) -m docs.generate

lock: ## renew requirements.lock from pyproject.toml
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra dev \
		pyproject.toml -o requirements.lock

clean: ## remove the environment and caches; never a desk
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build *.egg-info
