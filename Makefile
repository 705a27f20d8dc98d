# demo: the main job on a fresh clone.  test: everything that must hold.  validate: long studies.
# docs: the site, out/docs/html/index.html.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One thread per process: on small matrices thread pools fight (docs/guide.md).
THREADS := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
# Test processes.  A file's tests stay in one of them, so that what they share is made once.
WORKERS ?= 2
PYTEST := $(THREADS) $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile \
	--no-loadscope-reorder --durations=20

.PHONY: demo test validate mutate coverage docs openems foreign clean
.DEFAULT_GOAL := demo

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.installed-test: pyproject.toml | $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch $@

$(VENV)/.installed-docs: pyproject.toml | $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable '.[docs]'
	touch $@

demo: $(VENV)/.installed
	$(BIN)/python examples/demo.py --out out/demo

# The independent engine comes from the distribution; without the right to install it, its
# tests skip and say so.
openems:
	@command -v openEMS >/dev/null 2>&1 || { \
	  if [ "$$(id -u)" = 0 ]; then as_root=; elif sudo -n true 2>/dev/null; then as_root='sudo -n'; \
	  else echo 'openEMS is absent and cannot be installed without root: its tests will skip'; exit 0; fi; \
	  command -v apt-get >/dev/null 2>&1 || { echo 'openEMS is absent: its tests will skip'; exit 0; }; \
	  { $$as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$as_root apt-get install -y -qq \
	    --no-install-recommends openems; } >/dev/null 2>&1 \
	  || echo 'openEMS could not be installed: its tests will skip'; }

# Programs that read our exports, whose pins exclude ours: each in an environment of its own; without
# one its tests skip and say so.
FOREIGN := .foreign
foreign: $(FOREIGN)/uvbeam/.installed $(FOREIGN)/everybeam/.installed $(FOREIGN)/croissant/.installed
$(FOREIGN)/uvbeam/.installed: WANTED := 'pyuvdata>=3.2,<3.3'
$(FOREIGN)/everybeam/.installed: WANTED := 'everybeam>=0.9,<0.10' 'healpy>=1.18,<2'
$(FOREIGN)/croissant/.installed: WANTED := 'croissant-sim>=5.2,<5.3' 'spiceypy>=6,<9'
$(FOREIGN)/%/.installed:
	@mkdir -p $(FOREIGN)
	@{ $(PYTHON) -m venv $(@D) && $(@D)/bin/python -m pip install --quiet --no-compile $(WANTED); } \
	  >/dev/null 2>&1 && touch $@ \
	  || { rm -rf $(@D); echo '$* could not be installed: its tests will skip'; }

# All checks run even where one fails, so that pytest's closing line always comes last.
test: $(VENV)/.installed-test openems foreign
	@status=0; \
	$(BIN)/ruff check . || status=1; \
	$(BIN)/ruff format --check . || status=1; \
	$(BIN)/mypy || status=1; \
	$(BIN)/lint-imports --no-logo || status=1; \
	$(PYTEST) -m 'not slow' || status=1; \
	exit $$status

# Long studies, then all solvers against each other for HOURS; goes on where it was stopped.
HOURS ?= 2
validate: $(VENV)/.installed-test openems foreign
	@status=0; \
	$(PYTEST) -m slow || status=1; \
	$(THREADS) $(BIN)/python -m tests.validation.matrix --hours $(HOURS) || status=1; \
	exit $$status

# Faults put into the code one at a time: do the tests notice?  Goes on where it was stopped.
mutate: $(VENV)/.installed-test
	$(BIN)/python -m pip install --quiet --editable '.[mutation]'
	$(THREADS) $(BIN)/python -m tests.validation.mutation

# Lines and branches that `make test` runs, 93 % at least; longer than `make test` by a half.  Where
# they are counted, tests that watch the clock may fail, which does not change the count.
coverage: $(VENV)/.installed-test openems foreign
	rm -rf out/coverage && mkdir -p out/coverage
	-COVERAGE_FILE=$(CURDIR)/out/coverage/data $(PYTEST) -m 'not slow' --cov --cov-report=
	COVERAGE_FILE=$(CURDIR)/out/coverage/data $(BIN)/python -m coverage report

# Made from docs/, the notebooks as they were run, and the code; warnings are errors.
docs: $(VENV)/.installed-docs
	$(THREADS) $(BIN)/python docs/site/build.py --out out/docs

clean:
	rm -rf $(VENV) $(FOREIGN) out build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
