# One set of commands, three callers: a person, pre-commit and .ci/run. Each sets up first what it needs.

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test faults hunt lint check format bench pages numbers simulate mutants lock browser clean

BIN := .venv/bin
READY := .venv/.ready
CHROMIUM := .venv/.chromium

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Make .venv with everything in it, pinned and hashed (python3 >= 3.11 is all it needs)
	@echo "Everything is in .venv. Next: make demo"

demo: $(READY) ## The main job on an example club, then the console (SERVE=0: stop before the console)
	@$(BIN)/paidthru demo $(if $(filter 0,$(SERVE)),--no-serve) $(ARGS)

serve: $(READY) ## The console and a worker, on http://localhost:8000 (ARGS="--port 8001")
	@$(BIN)/paidthru serve $(ARGS)

test: $(READY) $(CHROMIUM) ## Every test (T="tests/rules -k leap" for some)
	@test -s $(CHROMIUM) || echo "No Chromium was found: the browser tests are skipped (make browser says why)."
	@PAIDTHRU_CHROMIUM="$$(cat $(CHROMIUM))" $(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=worksteal $(T)

faults: $(READY) ## kill -9 at every point of a collection of twenty invoices (minutes; make test takes some points)
	@PAIDTHRU_FAULTS=all $(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=worksteal tests/actions/test_killed_everywhere.py

hunt: $(READY) ## The property tests of the rules with 2,000 examples each, other ones every time (minutes)
	@$(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --hypothesis-profile=hunt tests/rules $(T)

lint: $(READY) ## Style, types, floors and templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint --check src

check: lint test ## lint, then every test

format: $(READY) ## Put code and templates into their form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	-$(BIN)/djlint --quiet --reformat src

bench: $(READY) ## What performance means here, measured (N=10000 members)
	@$(BIN)/python -m benchmarks $(N)

pages: $(READY) ## Every page of console and portal with N=100000 members, the slowest first (a quarter of an hour)
	@$(BIN)/python -m benchmarks.pages $(N)

numbers: $(READY) ## Invoice numbers without a gap or a twin: 64 workers issue 10,000 invoices at once (a minute or more)
	@$(BIN)/python -m benchmarks.numbering $(N)

simulate: $(READY) ## Schedules of collection with everything that goes wrong (N=2000 SEED=1; N=1 shows one whole)
	@$(BIN)/python -m tests.simulation $(or $(N),2000) --seed $(or $(SEED),1)

mutants: $(READY) ## Planted bugs of the money code, and that each is caught
	@$(BIN)/python -m tests.simulation.run_mutants

lock: ## Write requirements/*.txt anew from requirements/*.in (U=--upgrade for the newest; needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv (any way of installing it will do)."; exit 1; }
	@for name in base dev; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	    --custom-compile-command "make lock" $(U) --output-file requirements/$$name.txt requirements/$$name.in || exit 1; \
	done

browser: $(READY) ## Look again for a Chromium for the browser tests
	@rm -f $(CHROMIUM)
	@$(MAKE) --no-print-directory $(CHROMIUM)
	@echo "Chromium: $$(cat $(CHROMIUM) | grep . || echo none)"

clean: ## Remove what tools have left (not .venv, not your data)
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp holds the folder it was made for: a copied .venv is made anew.
ifneq ($(shell cat $(READY) 2>/dev/null),$(CURDIR))
.PHONY: $(READY)
endif
$(READY): requirements/dev.txt pyproject.toml scripts/setup
	@scripts/setup
	@echo "$(CURDIR)" > $@

$(CHROMIUM): | $(READY)
	@scripts/find-chromium > $@
