# The commands of the project. `make run` and `make test` need Python 3.11+, git and make, and nothing else.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
TCP_PORT ?= 9100
export HOST PORT TCP_PORT

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

# Each stamp is newer than the lock files that it stands for, so nothing is installed twice.
RUNTIME := $(VENV)/.installed-runtime
DEVELOPMENT := $(VENV)/.installed-development

# Options for pytest, for example: make test ARGS="-x -k recall"
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup run test test-embedded test-browser test-real browser coverage soak bench check lint types types-js architecture migrations deploy-check fmt lock proto messages clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed; $(PYTHON) is not. Say which: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "$(PYTHON) has no venv module (Debian and Ubuntu: apt-get install python3-venv)." >&2; exit 1; }

$(RUNTIME): requirements.txt | $(BIN)/python
	@echo "Installing what the server needs ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(DEVELOPMENT): requirements/dev.txt $(RUNTIME)
	@echo "Installing what the tests and checks need ..."
	@$(PIP) -r requirements/dev.txt
	@touch $@

setup: $(RUNTIME) ## install what the server needs, into .venv

run: $(RUNTIME) ## serve everything on http://127.0.0.1:8000 (HOST, PORT), with demo data on the first start
	@$(BIN)/python manage.py migrate --noinput --verbosity=0
	@$(BIN)/python manage.py seed_demo --if-empty
	@$(BIN)/python manage.py serve

test: test-embedded test-browser test-real ## every test on SQLite, and what touches an engine again on PostgreSQL + Redis

# Settings of the caller's own server are not for the tests.
CLEAN := env -u DATABASE_URL -u REDIS_URL -u DEBUG -u VAR_DIR -u IM_WORKERS

test-embedded: $(DEVELOPMENT) ## the tests on SQLite and the in-memory layer, but for those in a browser
	@$(CLEAN) $(BIN)/python -m pytest --ignore=tests/browser $(ARGS)

test-browser: $(DEVELOPMENT) ## the tests in a browser, on SQLite; the long ones are left to make browser
	@$(CLEAN) $(BIN)/python -m pytest tests/browser $(ARGS)

# What cannot tell one engine from another is not run on both: the pure parts, which have no database; what is about the
# edge, the start and the files of an installation; and the browser's scripts and the client libraries, which see the same
# server (tests/web and tests/contract run on both).
ONCE := tests/protocol tests/codecs tests/markup tests/search tests/delivery tests/transports tests/js tests/browser \
	tests/hostile tests/clients tests/test_architecture.py \
	$(addprefix tests/contract/,test_heartbeats.py test_half_open.py test_proxy_protocol.py test_tcp.py test_tls.py) \
	$(addprefix tests/api/,test_asyncapi.py test_docs_page.py test_schema.py) \
	$(addprefix tests/imsite/,test_checks.py test_static_files.py) tests/management/test_seed_demo.py \
	$(addprefix tests/web/,test_contrast.py test_page_table.py test_plurals.py test_translations.py)

test-real: $(DEVELOPMENT) ## the tests on PostgreSQL and Redis, which are started for it
	@echo "Run on SQLite only, since engines make no difference to them: $(ONCE)"
	@$(CLEAN) $(BIN)/python -m tests.support.engines $(BIN)/python -m pytest $(ONCE:%=--ignore=%) $(ARGS)

browser: $(DEVELOPMENT) ## every browser test, the long ones too: 10,000 messages, every page in every look
	@$(CLEAN) $(BIN)/python -m pytest tests/browser -m "" $(ARGS)

coverage: $(DEVELOPMENT) ## which lines the tests reach, over both passes
	@$(BIN)/coverage erase
	@$(CLEAN) $(BIN)/coverage run -m pytest $(ARGS)
	@$(CLEAN) $(BIN)/python -m tests.support.engines $(BIN)/coverage run -m pytest $(ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

soak: $(DEVELOPMENT) ## the Python client on a bad network for ten minutes (ARGS="--minutes 1 --messages 1000 --seed 5")
	@$(CLEAN) PYTHONPATH=clients/python $(BIN)/python -m tests.clients.soak $(ARGS)

bench: $(DEVELOPMENT) ## how long the inbox of 1,000 conversations takes (bench/README.md)
	@$(CLEAN) $(BIN)/python -m bench.inbox
	@$(CLEAN) $(BIN)/python -m tests.support.engines $(BIN)/python -m bench.inbox

check: lint types types-js architecture migrations deploy-check test ## everything that CI runs

lint: $(DEVELOPMENT)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: $(DEVELOPMENT)
	@$(BIN)/mypy

TYPESCRIPT := clients/javascript/node_modules/typescript/bin/tsc

$(TYPESCRIPT): clients/javascript/package-lock.json
	@npm ci --prefix clients/javascript --no-audit --no-fund --loglevel=error
	@touch $@

types-js: ## the types of the browser's scripts (needs node and npm)
	@if ! command -v node >/dev/null || ! command -v npm >/dev/null; then \
		echo "The scripts' types are not checked: node or npm is not installed (Debian and Ubuntu: apt-get install npm)."; \
	elif ! $(MAKE) --silent $(TYPESCRIPT); then \
		echo "The scripts' types are not checked: TypeScript could not be installed."; \
	else \
		node $(TYPESCRIPT) --project jsconfig.json && \
		node $(TYPESCRIPT) --project clients/javascript --noEmit && \
		echo "The scripts' types are right."; \
	fi

architecture: $(DEVELOPMENT)
	@$(BIN)/lint-imports
	@cd clients/python && $(abspath $(BIN))/lint-imports

migrations: $(DEVELOPMENT)
	@$(CLEAN) $(BIN)/python manage.py makemigrations --check --dry-run

# As production is set up, so that Django's own list of dangers applies.
deploy-check: $(DEVELOPMENT)
	@VAR_DIR=$$(mktemp -d) && trap 'rm -rf "$$VAR_DIR"' EXIT && \
	DEBUG=off SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
	ALLOWED_HOSTS=chat.example.org VAR_DIR=$$VAR_DIR \
	$(BIN)/python manage.py check --deploy --fail-level WARNING

fmt: $(DEVELOPMENT) ## format the code and sort the imports
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

UV := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock"

lock: $(DEVELOPMENT) ## pin the requirements anew, within the ranges of requirements/*.in
	@$(UV) requirements/requirements.in -o requirements.txt
	@$(UV) requirements/dev.in -o requirements/dev.txt
	@$(UV) requirements/s3.in -o requirements/s3.txt

proto: $(DEVELOPMENT) ## generate the Protobuf classes of the server and of clients/python from chat/codecs/im.proto
	@$(BIN)/python -m grpc_tools.protoc --proto_path=chat/codecs --python_out=chat/codecs --pyi_out=chat/codecs im.proto
	@build=$$(mktemp -d) && trap 'rm -rf "$$build"' EXIT && mkdir -p $$build/lian_client/codecs && \
	sed 's/^package im\.v1;/package lian_client.im.v1;/' chat/codecs/im.proto > $$build/lian_client/codecs/im.proto && \
	$(BIN)/python -m grpc_tools.protoc --proto_path=$$build --python_out=clients/python --pyi_out=clients/python lian_client/codecs/im.proto

messages: $(DEVELOPMENT) ## collect the texts to translate, and compile the translations (needs gettext)
	@$(BIN)/python manage.py makemessages --locale=zh_Hans --no-obsolete --no-location --no-wrap --ignore=$(VENV) --ignore=var
	@$(BIN)/python manage.py compilemessages --locale=zh_Hans

clean: ## remove the environment and every cache; var/ stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache clients/python/.import_linter_cache .hypothesis .coverage .coverage.* htmlcov
