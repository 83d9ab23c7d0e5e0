# Two commands: `make reproduce` and `make test`. Each sets up .venv from the pinned versions when there is none.
PYTHON ?= python3
VENV ?= .venv
EXTRAS ?= dev
CHAPTERS ?= imdb_lstm
BIN := $(VENV)/bin

.PHONY: reproduce test test-slow lint constraints

reproduce: $(VENV)/ready
	$(BIN)/repro reproduce $(CHAPTERS)

test: $(VENV)/ready
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

test-slow: $(VENV)/ready
	$(BIN)/python -m pytest -m slow

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(VENV)/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "$(PYTHON) is not Python 3.11 to 3.13; name one that is: make PYTHON=python3.12"; exit 1; }
	@echo "Setting up $(VENV) from constraints.txt (once; 3 GB with TensorFlow, some minutes)"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[$(EXTRAS)]'
	@touch $@

# The picture of the page in README.md. Needs Chromium, or another browser that takes its options.
CHROMIUM ?= chromium
docs/page.png: results/report.html
	$(CHROMIUM) --headless --hide-scrollbars --window-size=1280,1460 --screenshot=$@ file://$(CURDIR)/$<

# The pinned versions, for all supported Pythons and systems, from the ranges in pyproject.toml. Needs uv.
constraints:
	uv pip compile --universal --python-version 3.11 --all-extras --no-header --no-annotate --quiet \
		--upgrade --output-file constraints.txt pyproject.toml
