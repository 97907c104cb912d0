# Every command of the project; `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint shell serve console bench documents clean distclean
# Test files (ONLY="tests/test_x.py unit/test_y.py") or one benchmark (ONLY=main).
ONLY ?=
RUN := PYTHONDONTWRITEBYTECODE=1 python3 -m scripts

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## /make \1|/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  %-16s %s\n", $$1, $$2}'

setup: ## install and build what the other commands need
	@$(RUN) setup

demo: ## a working system on 127.0.0.1: Sage 100 entries in, reminders out; Ctrl-C stops it
	@$(RUN) demo

test: ## every check; ONLY="tests/test_x.py …" runs only these files
	@$(RUN) test $(ONLY)

lint: ## ruff, pylint-odoo, XML and translation checks
	@$(RUN) lint

shell: ## Odoo shell on the demo's database
	@$(RUN) shell

serve: ## throw-away Odoo with the add-on on an empty French company; PORT=8069
	@$(RUN) serve $(PORT)

console: ## Odoo shell on such a throw-away database (a script may come on its input)
	@$(RUN) console

bench: ## benchmarks with their bounds; ONLY=<name> runs bench/bench_<name>.py
	@$(RUN) bench $(ONLY)

documents: ## docs/documents.md: every document as a picture
	@$(RUN) documents

clean: ## remove out/, the demo's database and what tools left in the checkout
	@$(RUN) clean

distclean: ## clean, and remove the cache (downloads, built databases)
	@$(RUN) distclean
