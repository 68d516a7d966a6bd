# 技转工作台 Transfer Desk. `make` alone lists what one can ask for.

# The newest interpreter the lock was made for; name your own with `make PYTHON=...`.
FITS = import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	"$$python" -c '$(FITS)' 2>/dev/null && echo "$$python" && break; done)
VENV := .venv/bin
PY := $(VENV)/python
ARGS ?=
SOAK ?= 1

.PHONY: help setup fonts run server demo samples test lint screenshots docs bench soak lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: ## make the machine ready; every target below does it by itself
	@$(or $(PYTHON),$(error Python 3.11, 3.12 or 3.13 is needed: install one, or name it with PYTHON=...)) tools/setup.py $(SCREEN)

fonts: setup ## fetch the faces that pip cannot bring: 楷体, and 宋体 and 黑体 in bold
	$(PY) -m tools.get_fonts $(ARGS)

run: SCREEN = --screen
run: setup ## open the program; ARGS="--data-dir DIR" is passed on
	$(PY) -m desktop $(ARGS)

server: setup ## run the central server with its own PostgreSQL; ARGS="--help" tells more
	$(PY) -m server serve $(ARGS)

demo: setup ## make sample records and papers in build/demo
	rm -rf build/demo build/demo-data
	TRANSFER_DESK_PASSPHRASE=demo-passphrase QT_QPA_PLATFORM=offscreen \
		$(PY) -m desktop --data-dir build/demo-data demo --out build/demo $(ARGS)

samples: setup ## write the papers in docs/samples again
	$(PY) -m tools.get_fonts Kai
	$(PY) -m tools.write_samples $(ARGS)

test: setup ## check everything: lint, tests, coverage floors
	$(PY) -m tools.get_fonts Kai
	$(PY) -m tools.run_tests $(ARGS)
	$(PY) -m tools.check_coverage

lint: setup ## check what can be checked without running: format, rules, floors of the house, sizes, types
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/lint-imports
	$(PY) -m tools.check_house
	$(VENV)/mypy

screenshots: setup ## draw each screen into docs
	QT_QPA_PLATFORM=offscreen $(PY) -m tools.screenshots $(ARGS)

docs: setup ## write the data dictionary and the code lists again
	$(PY) -m tools.write_docs

bench: setup ## measure against the floors and peers of benchmarks/
	$(PY) -m tools.get_fonts Kai
	@set -e; for script in benchmarks/[a-z]*.py; do \
		echo "== $$script"; $(PY) -m "benchmarks.$$(basename "$$script" .py)" $(ARGS); done

soak: setup ## run the long random tests that `make test` leaves out; SOAK=0.01 is a hundredth of them
	$(PY) -m tools.get_fonts Kai
	QT_QPA_PLATFORM=offscreen TRANSFER_DESK_SOAK=$(SOAK) $(PY) -m pytest tests/soak --hypothesis-profile=soak $(ARGS)

lock: setup ## pin every dependency again, with hashes and without any address
	$(VENV)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --extra server --extra dev pyproject.toml -o requirements.lock $(ARGS)
	@! grep -nE '://|^#.* /|^-' requirements.lock || { echo 'lock: the lines above name an address or a path'; exit 1; }

clean: ## remove what the other targets made, except .venv
	rm -rf build .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info
	find . -name .venv -prune -o -name __pycache__ -type d -exec rm -rf {} +
