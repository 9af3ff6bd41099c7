# The commands of this project. `make help` lists them; .ci/run calls the same.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Debian's own interpreter is built with optimisations that many others lack (1.2 to 1.5 times as fast).
PYTHON ?= $(firstword $(wildcard /usr/bin/python3.11 /usr/bin/python3.12 /usr/bin/python3.13) python3)
PORT ?= 8000
BIN := .venv/bin

CORPUS ?= demo

.PHONY: help demo serve test check fix lock bench-serve bench-render bench-pathological judge clean system venv-run venv-test

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

demo: venv-run ## a site with sample articles on 127.0.0.1:8000 (PORT=… moves it)
	@bash scripts/demo "$(PORT)"

serve: venv-run ## serve what is in var/ on 127.0.0.1:8000
	@$(BIN)/diaoban migrate
	@exec $(BIN)/diaoban serve --port "$(PORT)"

test: check ## every gate and every test, on real MariaDB, Redis and Chromium
	@bash scripts/test

check: system venv-test ## the gates alone: format, lint, imports, types, templates
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/djlint templates --lint --quiet

fix: venv-test ## format, and mend what can be mended by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: venv-test ## resolve the dependencies anew
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile setup.cfg --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements/run.txt
	$(BIN)/uv pip compile setup.cfg --extra test --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements/test.txt

bench-serve: system venv-test ## ten thousand hot pages beside nginx serving the same bytes (CORPUS=…; some minutes)
	@bash scripts/system bench
	$(BIN)/python benchmarks/serve.py --corpus "$(CORPUS)"

bench-render: system venv-test ## articles a second beside Hugo (CORPUS=… names the articles that they are made of)
	@bash scripts/system bench
	$(BIN)/python benchmarks/render.py --corpus "$(CORPUS)"

bench-pathological: venv-test ## inputs that make parsers slow, each with its time
	$(BIN)/python benchmarks/pathological.py

judge: system venv-test ## Nu, axe, structured data, REDbot and Lighthouse on every page of CORPUS (some minutes)
	@bash scripts/system judge
	@[ -x scripts/judge/.venv/bin/redbot ] || { "$(PYTHON)" -m venv scripts/judge/.venv; \
	  scripts/judge/.venv/bin/pip install --quiet --disable-pip-version-check 'redbot>=2.7,<3'; }
	@cd scripts/judge && npm ci --loglevel=error --no-audit --no-fund
	$(BIN)/python scripts/judge/judge.py --corpus "$(CORPUS)"

clean: ## remove the virtual environment and everything made while running
	rm -rf .venv var build dist *.egg-info .coverage* .pytest_cache .ruff_cache .mypy_cache .import_linter_cache

system:
	@bash scripts/system test

venv-run:
	@bash scripts/venv "$(PYTHON)" requirements/run.txt

venv-test:
	@bash scripts/venv "$(PYTHON)" requirements/test.txt
