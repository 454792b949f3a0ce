# `make run` is all a newcomer needs; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help
.PHONY: help setup dev run test search check fmt lock pages bench sim sim-selftest crash pg-drill waiting bad-input hostile round-trip faults faults-long clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(VENV)/.run: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Weft needs Python 3.11 or newer; PYTHON=/path/to/python3.11 make run chooses one")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing Weft into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

setup: $(VENV)/.run ## make .venv with everything the program needs

dev: $(VENV)/.dev ## the same, and what checks and tests need

run: setup ## start the database and run an example agent
	@$(BIN)/weft demo

test: dev ## all tests
	@$(BIN)/python -m pytest -n 2 --dist worksteal

search: dev ## the tests that draw their examples, with many new ones
	@$(BIN)/python -m pytest -n 2 --dist loadfile --hypothesis-profile=search $$(grep -rl '@given' tests --include='test_*.py')

check: dev ## formatting, types, import contract, sizes
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy
	@$(BIN)/python -m pytest tests/architecture

fmt: dev ## format and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

pages: setup ## write docs/blocks anew from the blocks
	@$(BIN)/weft blocks --pages docs/blocks

lock: ## pin the requirements anew (needs uv)
	@for name in run dev bench; do env -u PIP_FIND_LINKS uv pip compile --quiet --universal --python-version 3.11 --upgrade --generate-hashes \
	  --no-header --no-annotate --no-emit-index-url --no-emit-find-links requirements/$$name.in -o requirements/$$name.txt; done

sim: dev ## ten thousand simulated histories of the planner, with a crash at each point
	@$(BIN)/python -m tests.simulation.run --seeds 10000

sim-selftest: dev ## eight planner bugs planted on purpose; each must be found
	@$(BIN)/python -m tests.simulation.selftest

crash: dev ## kill -9 of the program and of PostgreSQL at random moments
	@$(BIN)/python -m tests.drills.crash

pg-drill: dev ## what the embedded PostgreSQL must survive
	@$(BIN)/python -m tests.drills.pg_drill

waiting: dev ## ten thousand executions that wait, and what they cost a worker
	@$(BIN)/python -m tests.drills.waiting

faults: dev ## everything that can fail, once each; SEED=N replays, ROW=F5 picks, KILLS=N for F1
	@$(BIN)/python -m tests.faults $(if $(SEED),--seed $(SEED)) $(if $(ROW),--rows $(ROW)) $(if $(KILLS),--kills $(KILLS)) $(if $(QUIET),--quiet)

faults-long: dev ## the same in the sizes of a night: 500 kills, each place 20 times; as root, with a worker of another machine
	@$(BIN)/python -m tests.faults --long $(if $(SEED),--seed $(SEED)) $(if $(ROW),--rows $(ROW))

round-trip: dev ## a thousand random graphs exported, saved and exported again
	@$(BIN)/python -m tests.drills.round_trip

bad-input: dev ## broken files and inputs through the command line
	@$(BIN)/python -m tests.drills.bad_input

hostile: dev ## templates, patterns and addresses that try to get out, through whole runs
	@$(BIN)/python -m tests.drills.hostile

bench: dev ## benchmarks: beside other engines in one run, and against the goals
	@$(BIN)/python -m benchmarks

clean: ## remove everything that can be made again
	rm -rf $(VENV) .bench .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
