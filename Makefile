# Everything starts here. A fresh machine needs Python 3.11 or newer, make and git; nothing has to be set up first.
.DEFAULT_GOAL := help
.PHONY: help run test check format bench tamper lock browser
.DELETE_ON_ERROR:

SHELL := /bin/sh
PY := .venv/bin/python
# The first of these that is new enough makes the virtual environment; PYTHON=… names another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
TEST_ARGS ?=
CHECK_ENV := DEBUG=1 DEMO=0 DATABASE_URL= REDIS_URL=

help:
	@echo "make run     start the product on http://127.0.0.1:8000/ (PORT=… for another port)"
	@echo "make test    run all tests, browser tests included"
	@echo "make check   formatter, linter, types, import contracts, migrations, templates"
	@echo "make tamper  attack copies of a sealed record as superuser: each attack is refused or named"
	@echo "make bench   measure whole operations against the limits of this machine"

run: .venv/run.stamp
	@exec $(PY) -m crm_ledger.local run --end-with-parent

test: .venv/dev.stamp browser
	@exec $(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(TEST_ARGS)

check: .venv/dev.stamp
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(CHECK_ENV) $(PY) -m mypy
	$(CHECK_ENV) .venv/bin/lint-imports
	$(CHECK_ENV) $(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(CHECK_ENV) $(PY) manage.py check_templates

format: .venv/dev.stamp
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

tamper: .venv/run.stamp
	@exec $(PY) -m crm_ledger.tamper

bench: .venv/run.stamp
	@exec $(PY) -m crm_ledger.bench

# Installs exactly what the lock names, with uv when it is there (seconds instead of half a minute).
define install
	@if command -v uv >/dev/null 2>&1; then \
		uv pip install --quiet --python $(PY) --require-hashes $(1); \
	else \
		$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes $(1); \
	fi
	@touch $@
endef

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; install it, or name it: make PYTHON=/path/to/python"; exit 1; }
	@echo "Setting up .venv …"
	@$(PYTHON) -m venv --clear .venv || { rm -rf .venv; \
		echo "This Python cannot make virtual environments; on Debian: apt-get install python3-venv"; exit 1; }

.venv/run.stamp: requirements.txt | .venv/bin/python
	@echo "Installing what the product needs …"
	$(call install,-r requirements.txt)

.venv/dev.stamp: requirements.txt requirements-dev.txt | .venv/bin/python
	@echo "Installing what tests and checks need …"
	$(call install,-r requirements.txt -r requirements-dev.txt)
	@touch .venv/run.stamp

browser:
	@command -v chromium >/dev/null 2>&1 || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
			echo "Installing Chromium for the browser tests …"; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
		else \
			echo "The browser tests need Chromium: install the package chromium (Debian: apt-get install chromium)."; exit 1; \
		fi; }

# Renews the lock from requirements.in and requirements-dev.in; needs uv.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --upgrade requirements.in -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --upgrade requirements-dev.in -o requirements-dev.txt
