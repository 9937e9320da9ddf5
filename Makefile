# Everything sets itself up: python3 (3.11 or newer) with venv, make and this checkout suffice.
# As root on Debian and Ubuntu, so do the system's libraries that Qt needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.run-ready
DEV_STAMP := $(VENV)/.dev-ready
BUNDLE_STAMP := $(VENV)/.bundle-ready
SYSTEM := $(PYTHON) app/nameplate/system/libraries.py
PIP_LOG := $(VENV)/pip.log

# Installs EXTRAS. A person gets a sentence; pip's own dozens of lines are kept in a file.
define install
@echo "installing Nameplate's Python packages ($(EXTRAS)) into $(VENV)"
@$(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt \
  -e '.[$(EXTRAS)]' >$(PIP_LOG) 2>&1 || { \
  if grep -qiE 'connection|timed out|resolve|unreachable|proxy|certificate|versions: none' $(PIP_LOG); \
  then echo "The Python packages could not be downloaded: check the network; behind a proxy set" \
    "HTTPS_PROXY, for another package index PIP_INDEX_URL; then run make again."; \
  else echo "The Python packages could not be installed: $$(grep -m1 ERROR $(PIP_LOG))"; fi; \
  echo "All that pip said: $(PIP_LOG)"; exit 1; }
endef

PARITY := .venv-parity
FORMATS := .venv-formats
SCALE := .venv-scale
# torch and torchvision, 200 MB or more, are tried where they are there. With what megadetector-utils asks
# for, a second OpenCV would be installed over FiftyOne's.
READERS := datasets pandas label-studio-sdk fiftyone jsonpickle

.PHONY: python libraries test-libraries demo test test-hostile test-parity parity-env test-formats formats-env test-scale scale-env lint format unit lock bundle bundle-test windows windows-test windows-unit clean help

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/'

demo: libraries $(RUN_STAMP) ## label the sample photos and show the window
	$(BIN)/nameplate demo --out demo-out

test: lint unit ## style, types, layers, and all tests

lint: $(DEV_STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright --level error
	$(BIN)/lint-imports

# Four processes for two cores: a third of the time each waits for a child or a timer of the window.
unit: test-libraries $(DEV_STAMP)
	@$(SYSTEM) require qt font
	QT_QPA_PLATFORM=offscreen $(BIN)/pytest -n 4 --dist worksteal

test-hostile: test-libraries $(DEV_STAMP) ## attack the program as a stranger would: 10 minutes, a table at the end
	@$(SYSTEM) require qt font
	QT_QPA_PLATFORM=offscreen $(BIN)/pytest -m hostile tests/hostile tests -n 2 --dist worksteal \
	  -o faulthandler_timeout=0

test-parity: parity-env ## compare exports with open_clip and transformers (installs PyTorch)
	QT_QPA_PLATFORM=offscreen $(PARITY)/bin/pytest -m parity tests/parity -n 2 --dist worksteal \
	  -o faulthandler_timeout=0

parity-env: $(PARITY)/.ready ## what test-parity needs: PyTorch, open_clip, transformers

test-formats: formats-env ## let other programs read what is exported (installs datasets, pandas, fiftyone and others)
	@command -v exiftool >/dev/null || echo "exiftool is not there, so XMP is not read:" \
	  "apt install libimage-exiftool-perl"
	QT_QPA_PLATFORM=offscreen $(FORMATS)/bin/pytest -m formats tests/formats -W default -q

test-scale: scale-env ## servers that fail, Daft and a Ray cluster on this machine (installs these)
	$(SCALE)/bin/pytest -m scale tests/scale -W default -q

scale-env: $(SCALE)/.ready ## what test-scale needs

formats-env: $(FORMATS)/.ready ## what test-formats needs

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

windows: $(RUN_STAMP) ## assemble the Windows package and its installer into dist/windows
	$(BIN)/python packaging/windows/assemble.py --out dist/windows/nameplate
	$(BIN)/python packaging/windows/make_installer.py dist/windows/nameplate

windows-test: $(RUN_STAMP) ## install it under wine, use it as a person would, uninstall it
	$(BIN)/python packaging/windows/assemble.py --for-wine --out build/windows/for-wine/nameplate
	$(BIN)/python packaging/windows/make_installer.py --quick build/windows/for-wine/nameplate
	$(BIN)/python packaging/windows/try_under_wine.py build/windows/for-wine/nameplate-*-setup.exe

windows-unit: $(RUN_STAMP) ## run the default tests on Windows' Python under wine
	$(BIN)/python packaging/windows/assemble.py --for-tests --out build/windows/for-tests
	$(BIN)/python packaging/windows/run_tests.py build/windows/for-tests

clean:
	rm -rf $(VENV) $(PARITY) $(FORMATS) $(SCALE) build dist demo-out

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Nameplate needs Python 3.11 or newer, and $(PYTHON) is" \
	  "$$($(PYTHON) -V 2>/dev/null || echo not there). Install one, or name one:" \
	  "make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }

libraries: python
	@$(SYSTEM) install qt xcb font

test-libraries: python
	@$(SYSTEM) install qt xcb font program

# The last file that venv writes: one that was begun and not ended is made anew.
$(BIN)/activate: | python
	@$(SYSTEM) install venv
	@said=$$($(PYTHON) -m venv --clear $(VENV) 2>&1) || { rm -rf $(VENV); \
	  advice=$$($(SYSTEM) advise venv); \
	  echo "$(PYTHON) cannot make $(VENV). $${advice:-$$said}"; exit 1; }

$(RUN_STAMP): EXTRAS := cpu
$(RUN_STAMP): $(BIN)/activate pyproject.toml constraints.txt
	$(install)
	@touch $@

$(DEV_STAMP): EXTRAS := cpu,dev
$(DEV_STAMP): $(BIN)/activate pyproject.toml constraints.txt
	$(install)
	@touch $@ $(RUN_STAMP)

$(PARITY)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(PARITY)
	$(PARITY)/bin/python -m pip install --disable-pip-version-check --quiet -c constraints.txt \
	  -e '.[cpu,export,dev]'
	@touch $@

$(FORMATS)/.ready: pyproject.toml constraints.txt Makefile
	$(PYTHON) -m venv $(FORMATS)
	$(FORMATS)/bin/python -m pip install --disable-pip-version-check --quiet \
	  -e '.[cpu,dev,parquet]' $(READERS)
	$(FORMATS)/bin/python -m pip install --disable-pip-version-check --quiet --no-deps megadetector-utils
	@touch $@

# Daft has limits of its own, and pip finds what fits all only in two steps, with two versions from constraints.txt.
$(SCALE)/.ready: pyproject.toml constraints.txt Makefile
	$(PYTHON) -m venv $(SCALE)
	grep -E '^(tokenizers|huggingface-hub)=' constraints.txt >$(SCALE)/constraints.txt
	$(SCALE)/bin/python -m pip install --disable-pip-version-check --quiet \
	  s3fs 'moto[server]' daft ray
	$(SCALE)/bin/python -m pip install --disable-pip-version-check --quiet -c $(SCALE)/constraints.txt \
	  -e '.[cpu,dev,remote,daft]'
	@touch $@

$(BUNDLE_STAMP): EXTRAS := cpu,bundle
$(BUNDLE_STAMP): $(BIN)/activate pyproject.toml constraints.txt
	$(install)
	@touch $@ $(RUN_STAMP)
