# `make` lists what there is. Needs only Python 3.11 or newer, make, and the package index.
PYTHON ?= python3
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
TESTS ?= tests
WORKERS_FOR_TESTS ?= 2
export PYTHONUNBUFFERED := 1

.DEFAULT_GOAL := help
.PHONY: help install install-dev run stop worker test test-fast model crowd kills faults checks bench lint types imports migrations lock schema screenshots format clean reset

help: ## list these targets
	@echo "Astro Bookings. Targets:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)$$/  make \1|\2/p' Makefile | while IFS='|' read -r name what; do printf '%-18s %s\n' "$$name" "$$what"; done
	@echo "Variables: PORT (8000), HOST (127.0.0.1), PYTHON (python3), TESTS (tests), DATABASE_URL, CUSTOMER_MONGODB_URL, LOGS_MONGODB_URL"

install: ## make .venv and install the pinned packages
	@MAKE_GOAL=$(firstword $(MAKECMDGOALS)) $(PYTHON) astrobookings/embedded/install.py

install-dev:
	@MAKE_GOAL=$(firstword $(MAKECMDGOALS)) $(PYTHON) astrobookings/embedded/install.py --dev

run: install ## start everything and print the addresses; Ctrl-C stops it, the data stay
	@exec $(BIN)/python -m astrobookings.embedded.run

stop: ## stop a `make run` that runs in another terminal
	@$(BIN)/python -m astrobookings.embedded.run stop

worker: install ## run one more worker for background jobs
	@exec $(MANAGE) qcluster

test: install-dev ## lint, types, import contracts, migrations, every test
	@$(BIN)/python -m astrobookings.embedded.checks
	@exec $(BIN)/python -m pytest -n $(WORKERS_FOR_TESTS) $(TESTS)

test-fast: install-dev ## the tests without browsers and races
	@exec $(BIN)/python -m pytest -n $(WORKERS_FOR_TESTS) -m "not browser and not race" $(TESTS)

model: install-dev ## random lives of bookings, MODEL_STEPS=10000 of them, judged after every step (MODEL_SEED repeats)
	@MODEL_STEPS=$(or $(MODEL_STEPS),10000) exec $(BIN)/python -m pytest -s tests/models

crowd: install-dev ## processes race for six seats, through services and at a web server: CROWD_SIZE=200 of them, CROWD_SEEDS=50 times (CROWD_SEED repeats)
	@CROWD_SIZE=$(or $(CROWD_SIZE),200) CROWD_SEEDS=$(or $(CROWD_SEEDS),50) exec $(BIN)/python -m pytest -s tests/concurrency -k "crowd and not control"

kills: install-dev ## a web process killed at each statement of each request, also where it only reads
	@KILL_AT_READS=yes exec $(BIN)/python -m pytest -n $(WORKERS_FOR_TESTS) tests/kills

faults: install-dev ## kill every part of a whole site under a load, FAULTS_SECONDS=300 long (FAULTS_SEED repeats the order)
	@FAULTS_SECONDS=$(or $(FAULTS_SECONDS),300) KILL_AT_READS=yes exec $(BIN)/python -m pytest tests/faults

checks: install-dev ## all checks of `make test` that are not tests
	@$(BIN)/python -m astrobookings.embedded.checks

lint: install-dev ## ruff: rules and format
	@$(BIN)/python -m astrobookings.embedded.checks lint format

types: install-dev ## mypy
	@$(BIN)/python -m astrobookings.embedded.checks types

imports: install-dev ## import contracts
	@$(BIN)/python -m astrobookings.embedded.checks imports

migrations: install-dev ## do the models have their migrations?
	@$(BIN)/python -m astrobookings.embedded.checks migrations

bench: install-dev ## measure bookings a second, the limit of the database, events delivered and the money's reconciliation
	@exec $(BIN)/python -m bench.run $(BENCH)

schema: install-dev ## write the API description to docs/openapi.yaml
	@DJANGO_SETTINGS_MODULE=astrobookings.settings.test $(MANAGE) spectacular --file docs/openapi.yaml --validate --fail-on-warn

screenshots: install-dev ## take the README's pictures while `make run` is up
	@$(BIN)/python docs/screenshots.py --site http://127.0.0.1:$(or $(PORT),8000)

format: install-dev ## let ruff format and repair what it can
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lock: install-dev ## compile requirements*.in to pinned requirements*.txt with hashes
	@$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --python-version 3.11 $(LOCK_FLAGS) requirements.in -o requirements.txt
	@$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --python-version 3.11 $(LOCK_FLAGS) requirements-dev.in -o requirements-dev.txt
	@echo "Compiled requirements.txt and requirements-dev.txt. LOCK_FLAGS=--upgrade takes newer versions."

clean: ## remove .venv and the caches; the data in var/ stay
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +
	@echo "Removed .venv and the caches."

reset: ## remove all local data (var/): databases, mails, secrets
	@$(BIN)/python -m astrobookings.embedded.run reset
