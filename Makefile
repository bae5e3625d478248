# Every target works from a clean clone: it makes .venv first if that is missing or its lock file has changed.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BENCH := .venv-bench
MUTANTS := .venv-mutants
RUN := $(VENV)/bin/python -m
STAMP := $(VENV)/.installed
CODE := tools lambda tests
EXAMPLES ?= 20000
SECONDS ?= 1800

.PHONY: setup demo demo-cross-account test unit properties fuzz plan system check bench mutants lock clean

setup: $(STAMP) ## Everything pinned, in .venv

$(STAMP): requirements/dev.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "error: python3 on PATH is older than 3.11; name another: make PYTHON=python3.13")'
	$(PYTHON) -m venv --clear $(VENV)
	$(RUN) pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@

demo: $(STAMP) ## From nothing to two lake records, on local AWS
	$(RUN) tools.deploy single-account --local --yes --var-file envs/single-account/demo.tfvars
	$(RUN) tools.verify single-account --local
	@echo
	@echo 'Look around:  eval "$$($(RUN) tools.local env)" && $(VENV)/bin/aws s3 ls --recursive s3://blog-srsa-datalake-111111111111-us-east-1'
	@echo 'Watch:        $(RUN) tools.local status'
	@echo 'Clean up:     $(RUN) tools.destroy single-account --local --purge-bucket && $(RUN) tools.local down --purge'

demo-cross-account: $(STAMP) ## The same from one account to another, on local AWS
	$(RUN) tools.deploy cross-account --local --yes --var-file envs/producer/demo.tfvars
	$(RUN) tools.verify cross-account --local
	@echo
	@echo 'As the lake:  eval "$$($(RUN) tools.local env --account 222222222222)" && $(VENV)/bin/aws s3 ls --recursive s3://blog-srca-datalake-222222222222-us-east-1'
	@echo 'As the table: eval "$$($(RUN) tools.local env --account 111111111111)" && $(VENV)/bin/aws dynamodb scan --table-name blog-srca-ddb-table'
	@echo 'Clean up:     $(RUN) tools.destroy cross-account --local --purge-bucket && $(RUN) tools.local down --purge'

test: check ## The whole test suite, two at a time
	$(RUN) pytest -n 2 --dist loadgroup

unit: $(STAMP) ## Tests that take milliseconds each
	$(RUN) pytest tests/unit

properties: $(STAMP) ## EXAMPLES new items a property of the transform, instead of the same few ones
	PROPERTY_EXAMPLES=$(EXAMPLES) $(RUN) pytest tests/unit/lake_transform/test_transform_properties.py \
	  tests/unit/lake_transform/test_one_pass.py -k 'test_transform_properties or any_legal_item' -o timeout=0 --hypothesis-show-statistics

fuzz: $(STAMP) ## SECONDS of fuzzing of the function, then of its native code alone, from where the last run left off
	PYTHONPATH=lambda $(RUN) tests.fuzz --seconds $(SECONDS)
	PYTHONPATH=lambda $(RUN) tests.fuzz --native --seconds $(SECONDS)

plan: $(STAMP) ## Tests on real Terraform plans
	$(RUN) pytest tests/plan -n 2 --dist loadgroup

system: $(STAMP) ## Tests that apply the real Terraform to local AWS
	$(RUN) pytest tests/system

check: $(STAMP) ## Formatting, types, lint
	$(RUN) ruff format --check $(CODE)
	$(RUN) ruff check $(CODE)
	$(RUN) mypy
	$(RUN) ziglang fmt --check lambda/native
	terraform fmt -check -recursive .

bench: $(STAMP) $(BENCH)/.installed ## The transform as it is built, beside its peers, about three minutes
	$(RUN) tools.build --local
	$(BENCH)/bin/python -m tests.bench

mutants: $(STAMP) $(MUTANTS)/.installed ## Mutation testing of the transform, some minutes; ends with the mutants that survived
	rm -rf build/mutants
	mkdir -p build/mutants/src build/mutants/tests/unit
	cp -R lambda/lake_transform lambda/examples build/mutants/src
	cp -R lambda build/mutants
	cp -R tests/unit/lake_transform build/mutants/tests/unit
	cp tests/__init__.py tests/mutants/conftest.py build/mutants/tests
	cp tests/mutants/pyproject.toml build/mutants
	$(RUN) tests.unit.lake_transform.native_library build/mutants/native.so
	cd build/mutants && ONE_PASS_LIBRARY=$$PWD/native.so ../../$(MUTANTS)/bin/mutmut run --max-children 1
	cd build/mutants && ../../$(MUTANTS)/bin/mutmut results

$(BENCH)/.installed: requirements/bench.txt
$(MUTANTS)/.installed: requirements/mutants.txt
$(BENCH)/.installed $(MUTANTS)/.installed:
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

lock: ## Resolve requirements/*.in anew (needs uv)
	cd requirements && for name in lambda tools dev localaws bench mutants; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	    --custom-compile-command 'make lock' $$name.in -o $$name.txt; \
	done

clean: ## Remove what the build made; .local (local AWS and its state) is tools.local's
	rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: docs help

docs: setup ## Tests of the pages: commands, links, settings, the installed command
	$(RUN) pytest tests/docs

help: ## What each target does
	@awk -F ':.*## ' '/^[a-z-]+:.* ## / { printf "%-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
