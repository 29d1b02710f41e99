# Each target prepares what it needs by itself: .ci/setup makes the environment once, and again
# only when pyproject.toml or constraints.txt changed. Another place for it: make test VENV=/tmp/v
VENV ?= .venv
PYTHON = $(VENV)/bin/python
# Small matrices: several threads of the linear algebra only wait for each other, spinning.
export OPENBLAS_NUM_THREADS ?= 1

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1 |/p' Makefile | awk -F'|' '{ printf "%-22s%s\n", $$1, $$2 }'

demo: ready ## a city network on the air, watched: prints where to look; ends with Ctrl-C or DEMO_SECONDS=400
	$(PYTHON) -m stationd_simulators.demo

test: ready ## all tests, against real peers where they are installed
	$(PYTHON) -m pytest -W error -n 2 -m "not campaign"

check: ready ## format, lint, types, import contracts
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy --strict
	$(VENV)/bin/lint-imports

scenarios: ready ## every recorded scenario, judged by the real stationd (2 min)
	$(PYTHON) -m pytest -W error -n 2 -m campaign tests/simulators/test_every_scenario.py -k recorded

scenarios-live: ready ## those whose connections misbehave, all at once in real time (20 min)
	$(PYTHON) -m pytest -W error -m campaign tests/simulators/test_every_scenario.py -k live

bench: ready ## measured figures, as a table and in build/bench.json (BENCH_RECORDING=FILE)
	$(PYTHON) tests/benchmarks/bench.py

fuzz: ready ## the long campaigns that `make test` leaves out
	$(PYTHON) -m pytest -W error -m campaign --timeout=7200

ready: ## the environment only
	@.ci/setup $(VENV)

clean: ## remove the environment and everything that was built
	rm -rf $(VENV) build *.egg-info .*_cache .hypothesis

.PHONY: help demo test check scenarios scenarios-live bench fuzz ready clean
