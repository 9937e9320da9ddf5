# Everything sets itself up: python3 (3.11 or newer) with venv, make and this checkout suffice.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.run-ready
DEV_STAMP := $(VENV)/.dev-ready
BUNDLE_STAMP := $(VENV)/.bundle-ready
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt

PARITY := .venv-parity

.PHONY: demo test test-hostile test-parity parity-env lint format unit lock bundle bundle-test clean help

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/'

demo: $(RUN_STAMP) ## label the sample photos and show the window
	$(BIN)/nameplate demo --out demo-out

test: lint unit ## style, types, layers, and all tests

lint: $(DEV_STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright --level error
	$(BIN)/lint-imports

unit: $(DEV_STAMP)
	QT_QPA_PLATFORM=offscreen $(BIN)/pytest -n 2 --dist worksteal

test-hostile: $(DEV_STAMP) ## attack the program as a stranger would: 10 minutes, a table at the end
	QT_QPA_PLATFORM=offscreen $(BIN)/pytest -m hostile tests/hostile tests -n 2 --dist worksteal \
	  -o faulthandler_timeout=0

test-parity: parity-env ## compare exports with open_clip and transformers (installs PyTorch)
	QT_QPA_PLATFORM=offscreen $(PARITY)/bin/pytest -m parity tests/parity -n 2 --dist worksteal \
	  -o faulthandler_timeout=0

parity-env: $(PARITY)/.ready ## what test-parity needs: PyTorch, open_clip, transformers

format: $(DEV_STAMP) ## put the code in form
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .

lock: $(DEV_STAMP) ## renew constraints.txt
	$(BIN)/python -m pip install --quiet uv
	{ head -2 constraints.txt; $(BIN)/uv pip compile pyproject.toml --extra cpu --extra dev \
	  --extra bundle --universal --fork-strategy fewest --python-version 3.11 --no-header --no-annotate -q; } > constraints.new
	mv constraints.new constraints.txt

bundle: $(BUNDLE_STAMP) ## freeze into dist/nameplate
	$(BIN)/pyinstaller --noconfirm --log-level WARN --distpath dist --workpath build packaging/nameplate.spec

bundle-test: $(RUN_STAMP) ## run the frozen program outside the checkout, with no Python on the path
	$(BIN)/python packaging/smoke_test.py dist/nameplate

clean:
	rm -rf $(VENV) $(PARITY) build dist demo-out

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Nameplate needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "python3 has no venv; on Debian: apt install python3-venv"; exit 1; }

$(RUN_STAMP): $(BIN)/python pyproject.toml constraints.txt
	$(INSTALL) -e '.[cpu]'
	@touch $@

$(DEV_STAMP): $(BIN)/python pyproject.toml constraints.txt
	$(INSTALL) -e '.[cpu,dev]'
	@touch $@ $(RUN_STAMP)

$(PARITY)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(PARITY)
	$(PARITY)/bin/python -m pip install --disable-pip-version-check --quiet -c constraints.txt \
	  -e '.[cpu,export,dev]'
	@touch $@

$(BUNDLE_STAMP): $(BIN)/python pyproject.toml constraints.txt
	$(INSTALL) -e '.[cpu,bundle]'
	@touch $@ $(RUN_STAMP)
