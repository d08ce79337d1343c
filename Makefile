# Everything that is run here. `make` alone lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Lambda runs 3.13, so everything here does where one is installed that works: a shim on the PATH may refuse to run.
PYTHON ?= $(shell for found in python3.13 "$$(pyenv root 2>/dev/null)"/versions/3.13*/bin/python3; do \
	"$$found" -c 'import ensurepip, venv' 2>/dev/null && echo "$$found" && break; done || echo python3)
STAGE ?=
PORT ?= 4566
# The services in the order of deployment, each `name:folder`; those with Python, their packages, and where these are imported from.
LISTED := $(shell sed -nE 's/^  ([a-z-]+): \{path: ([a-z/-]+).*/\1:\2/p' serverless-compose.yml)
SERVICES := $(foreach each,$(LISTED),$(firstword $(subst :, ,$(each))))
TESTED := $(foreach each,$(SERVICES),$(if $(wildcard $(each)/*/handlers),$(each)))
PACKAGES := $(patsubst %/handlers,%,$(wildcard $(TESTED:%=%/*/handlers)))
IMPORTED := layers/common/python$(subst $() ,,$(TESTED:%=:%))
VENV := .venv/bin
# What Lambda's runtime has, so that the layer need not ship it.
OF_LAMBDA := DEP001=snapshot_restore_py
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)
export PYTHON_BIN := $(CURDIR)/$(VENV)/python
export NODE_NO_WARNINGS := 1
# From Node 22 on an `osls` need not compile the whole framework anew: a third of what it computes.
export NODE_COMPILE_CACHE := $(CURDIR)/build/compiled
# The tests start hundreds of processes: each would compile every library anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## What there is
	@grep -hE '^[a-z0-9 %<>-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 22
	@echo 'test-<service>        Lint, types and tests of one service: make test-wallet'
	@echo 'deploy-<service>      Deploy one service: make deploy-wallet STAGE=dev (STAGE=local: into what make up runs)'

# -- what is installed, into the checkout and nowhere else

# pip takes over where uv fails: uv does not read pip's own configuration, which may name the registry. Both say so and hold the hashes.
.venv/ready: requirements/dev.txt requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo 'BETSAFI needs Python 3.11 or newer; name yours with PYTHON=/path/to/python3'; exit 1; }
	@echo 'Installing the Python packages into .venv …'
	@test -x $(VENV)/python || $(PYTHON) -m venv .venv
	@$(VENV)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(VENV)/uv pip install --quiet --system-certs --python $(VENV)/python --require-hashes -r requirements/dev.txt || \
		{ echo 'uv could not install them; pip tries …'; $(VENV)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt; }
	@touch $@

node_modules/ready: package.json clients/web/package.json package-lock.json
	@command -v node >/dev/null || { echo 'BETSAFI needs Node.js 20 or newer (node was not found).'; exit 1; }
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || { echo 'BETSAFI needs Node.js 20 or newer.'; exit 1; }
	@echo 'Installing the Serverless Framework, its plugins and what the app is made of into node_modules …'
	@npm ci --silent --no-fund --no-audit
	@touch $@

.PHONY: setup
setup: .venv/ready node_modules/ready ## Install everything into the checkout

# -- the laptop

.PHONY: up
up: setup build/web/index.html ## The whole platform on this laptop: make up [ONCE=1] [FRESH=1] [PORT=4566]
	@node tools/api_schema.js
	@exec python -m localcloud --port $(PORT) $(if $(ONCE),--once) $(if $(FRESH),--fresh)

# The reference app, built anew where it or the schema changed.
build/web/index.html: node_modules/ready $(shell find clients/web -type f -not -path '*/node_modules/*' -not -name generated.ts) tools/api_schema.js $(wildcard frontend-api/schema/*.graphql shared/schema/*.graphql)
	@echo 'Building the app …'
	@npm run --silent build --workspace clients/web -- --logLevel warn

.PHONY: app-build
app-build: setup build/web/index.html ## Build the reference app into build/web, where make up serves it from

.PHONY: app
app: setup ## The reference app, live while it is changed, beside make up: make app [PORT=4566]
	@PORT=$(PORT) npm run --silent live --workspace clients/web

.PHONY: screenshots
screenshots: setup ## The pictures of docs/screenshots.md, of what make up runs: make screenshots [PORT=4566]
	@python -m localcloud.screenshots --port $(PORT)

# -- the checks

.PHONY: messages
messages: setup ## Every message to players on one page, build/messages.html, with what it costs as an SMS
	@python -m tools.messages

.PHONY: test
test: setup ## Everything: lint, types, unit, contract, integration, simulation, e2e, browser
	@python -m tests.suite

.PHONY: $(TESTED:%=test-%)
$(TESTED:%=test-%): test-%: setup
	@python -m tests.suite $*

.PHONY: soak
soak: setup ## A slice of the proof that no test flakes: make soak [SLICE_MINUTES=30]; again until nothing is left
	@python -m tests.soak --minutes $(or $(SLICE_MINUTES),30)

# In UTC: by night in Nairobi, and into a new month, year, week and a leap day there.
HOURS := "2026-11-27 22:30" "2026-11-30 20:57" "2026-12-31 20:57" "2027-01-03 20:57" "2028-02-28 20:57"
.PHONY: hours
hours: setup ## Unit and integration tests at other hours and days than now; needs Debian's faketime
	for moment in $(HOURS); do echo "$$moment UTC"; TZ=UTC faketime "$$moment" pytest tests/unit tests/integration || exit 1; done

.PHONY: lint lint-python lint-others
lint: lint-python lint-others ## Lint, our own rules, format, types, direction of imports, published schemas

lint-python: setup
	ruff check .
	ruff format --check .
	python -m tools.lint_house
	mypy layers/common/python/betsafi $(PACKAGES) localcloud tools
	PYTHONPATH=$(IMPORTED) lint-imports
	deptry --no-ansi .
	deptry --no-ansi layers/common/python $(TESTED) --requirements-files layers/common/requirements.in --per-rule-ignores $(OF_LAMBDA)
	python -m tools.export_schemas --check
	python -m tools.export_openapi --check
	python -m tools.export_errors --check
	zizmor --offline --quiet --no-progress --strict-collection --persona=pedantic docs/pipeline/*.yml .github/workflows/*.yml

lint-others: setup
	npm run --silent check --workspace clients/web
	eslint --max-warnings 0 .
	node tools/api_schema.js --check
	markdownlint-cli2

.PHONY: unit contract integration browser e2e
unit contract integration browser e2e: setup ## One kind of tests
	pytest tests/$@

contract: package

SEEDS ?= 200
FIRST ?= 0
.PHONY: simulate
simulate: setup ## Seeded runs of the whole platform under faults: make simulate [SEEDS=200] [FIRST=0] [SEED=7]
	python -m tests.simulation --jobs 2 $(if $(SEED),--seed $(SEED),--seeds $(SEEDS) --first $(FIRST))

FOOTBALL ?= ../shared/data/football
.PHONY: proof
proof: setup ## A season of real games, every payout judged, and 1,030 cuts of apps: make proof [FOOTBALL=../shared/data/football] (half an hour)
	@python -m tests.season --data '$(FOOTBALL)'
	@python -m tests.e2e.cuts

.PHONY: teeth
teeth: setup ## Hunt every planted defect within 200 seeds (long)
	python -m tests.simulation --jobs 2 --teeth --seeds $(SEEDS)

.PHONY: format
format: setup ## Format the code
	ruff check --fix .
	ruff format .

.PHONY: bench
bench: setup package ## The table of docs/benchmarks.md, as ratios in one run
	python -m tests.bench

.PHONY: docs
docs: setup package ## The documentation application, into build/docs/site: every link is checked
	@python -m tools.site build/package/$(or $(STAGE),dev)

.PHONY: release
release: setup ## Tag what is checked out, with its schema and documents; pushes nothing: make release [VERSION=1.2.0]
	@python -m tools.release $(VERSION)

.PHONY: daraja-sandbox
daraja-sandbox: setup ## Our M-Pesa client against Safaricom's sandbox, where DARAJA_CONSUMER_KEY and …_SECRET are set
	@python -m tools.daraja_sandbox

.PHONY: package
package: setup ## Build every service for AWS, and the API's schema in one piece, with no credentials and nothing deployed
	@node tools/api_schema.js
	@python -m tools.package $(or $(STAGE),dev)

# checkov pins boto3, so it has an environment of its own.
.audit/ready: requirements/audit.txt .venv/ready
	@echo 'Installing checkov into .audit …'
	@test -x .audit/bin/python || $(PYTHON) -m venv .audit
	@$(VENV)/uv pip install --quiet --system-certs --python .audit/bin/python --require-hashes -r requirements/audit.txt || \
		{ echo 'uv could not install it; pip tries …'; .audit/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/audit.txt; }
	@touch $@

.PHONY: audit
audit: package .audit/ready ## checkov over the packaged templates: what it finds must be on the list of tools/audit.yml
	@python -m tools.audit

# -- AWS

.PHONY: stage
stage:
	@test -n '$(STAGE)' || { echo 'Say which stage, e.g. STAGE=dev'; exit 1; }

.PHONY: deploy
deploy: stage setup build/web/index.html docs ## Deploy every service: make deploy STAGE=dev
	osls-compose deploy --stage $(STAGE)

# What a website is made of comes first.
deploy-web: stage build/web/index.html
deploy-docs: stage docs

$(SERVICES:%=deploy-%): deploy-%: setup stage
	$(if $(filter local,$(STAGE)),python -m localcloud.redeploy $* --port $(PORT),\
		cd $(lastword $(subst :, ,$(filter $*:%,$(LISTED)))) && sls deploy --stage $(STAGE))

.PHONY: remove
remove: setup stage ## Remove every service of a stage that is no production stage: make remove STAGE=dev
	@python -m tools.remove --stage $(STAGE)
	@echo 'What holds data stays. To see it, and to deploy a stage of this name again: make purge STAGE=$(STAGE)'

.PHONY: purge
purge: setup stage ## See what a removed stage has left: make purge STAGE=dev; delete it for good: … DELETE=1
	@python -m tools.purge --stage $(STAGE) $(if $(DELETE),--delete)

.PHONY: lock
lock: setup ## Pin the newest versions that the *.in files allow, with hashes
	uv pip compile layers/common/requirements.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade -o layers/common/requirements.txt
	uv pip compile requirements/dev.in -c layers/common/requirements.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade -o requirements/dev.txt
	uv pip compile requirements/audit.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade -o requirements/audit.txt
	uv pip compile requirements/uv.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade -o requirements/uv.txt

.PHONY: clean
clean: ## Forget everything that was built, installed or kept
	rm -rf build .localcloud .venv .audit node_modules clients/web/node_modules layers/common/.cache */.serverless layers/common/.serverless
