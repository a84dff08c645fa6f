# `make compare` runs the quick comparison, `make test` the tests. Each sets up .venv first, when it is needed.
PYTHON ?= python3
OUT ?= results/quick
BIN := .venv/bin
READY := .venv/.ready

.PHONY: compare test lint

compare: $(READY)
	$(BIN)/gradatim compare --preset quick --out $(OUT)

test: $(READY)
	$(BIN)/python -m pytest -n auto --dist loadfile -q

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Anew when the requirements change. Removing .venv starts from nothing.
$(READY): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $(READY)
