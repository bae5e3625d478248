# Every target works from a clean clone: it makes .venv first if that is missing, half made, or of other lock files.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
# Installing compiles nothing; a module is compiled, and kept so, when it is first imported.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV := .venv
BENCH := .venv-bench
MUTANTS := .venv-mutants
RUN := $(VENV)/bin/python -m
PIP := $(RUN) pip --disable-pip-version-check
INSTALL := install --quiet --no-deps --require-hashes -r
CODE := tools lambda tests
EXAMPLES ?= 20000
SECONDS ?= 1800
ROUNDS ?= 1
CHANGES ?= 50000
KEYS ?= 5000
MINUTES ?= 60
RATE ?= 120
ACCOUNT := # said on the command line alone: `make proof-aws ACCOUNT=yes`
CORES ?= $(shell getconf _NPROCESSORS_ONLN)
STARTED := $(shell date +%s)

# What running the tools needs, and what testing needs on top: a stamp says which of them .venv holds, of which locks.
checksum = $(shell cat $(1:%=requirements/%.txt) | cksum | cut -d ' ' -f 1)
RUNNING := $(VENV)/.running-$(call checksum,pip tools)
TESTING := $(VENV)/.testing-$(call checksum,pip tools dev)

# $(call step,NAME,COMMAND) runs a command, and says what it is and how many seconds it took.
step = @echo '==> $(1)'; from=$$(date +%s); $(2); echo "    $(1): $$(($$(date +%s) - from)) s"

.PHONY: setup setup-tools compiler demo demo-cross-account test unit properties fuzz plan system faults prove-lake prove-hour proof-aws check lint bench bench-lake mutants lock clean

setup: $(TESTING) ## What running and testing need, pinned, in .venv

setup-tools: $(RUNNING) ## What running needs alone

$(RUNNING):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "error: python3 on PATH is older than 3.11; name another: make PYTHON=python3.13")'
	$(call step,make $(VENV),$(PYTHON) -m venv --clear $(VENV))
	$(call step,install pip,$(PIP) $(INSTALL) requirements/pip.txt)
	$(call step,install what running needs,$(PIP) $(INSTALL) requirements/tools.txt --no-compile)
	$(call step,compile the grammar of HCL,$(VENV)/bin/python -c 'import hcl2.parser')
	@touch $@

# While packages are added there is no stamp: what is interrupted is made anew. So is what held another testing set.
$(TESTING): $(RUNNING)
	@if compgen -G '$(VENV)/.testing-*' >/dev/null; then rm -rf $(VENV); $(MAKE) --no-print-directory $(RUNNING); fi
	@rm $(RUNNING)
	$(call step,install what testing needs,$(PIP) $(INSTALL) requirements/dev.txt --no-compile)
	@touch $(RUNNING) $@

compiler: $(TESTING) ## The compiler of native code, in .venv-tools; builds for an account install it too
	@$(RUN) tools.artifact.compiler version >&2

demo: $(RUNNING) ## From nothing to an answer in SQL, on local AWS
	$(RUN) tools.deploy single-account --local --yes --var-file envs/single-account/demo.tfvars
	$(RUN) tools.verify single-account --local --keep
	$(RUN) tools.query single-account --local --current --format table
	@echo "    $@: $$(($$(date +%s) - $(STARTED))) s in all"
	@echo
	@echo 'Look around:  $(RUN) tools.local objects'
	@echo 'Watch:        $(RUN) tools.local status'
	@echo 'Cost:         the demo has one shard, 98.55 USD a month less than the default of ten; see $(RUN) tools.size --help'
	@echo 'Clean up:     $(RUN) tools.destroy single-account --local --purge-bucket && $(RUN) tools.local down --purge'

demo-cross-account: $(RUNNING) ## The same from one account to another, on local AWS
	$(RUN) tools.deploy cross-account --local --yes --var-file envs/producer/demo.tfvars
	$(RUN) tools.verify cross-account --local
	@echo "    $@: $$(($$(date +%s) - $(STARTED))) s in all"
	@echo
	@echo 'The lake:     $(RUN) tools.local objects --account 222222222222'
	@echo 'Watch:        $(RUN) tools.local status'
	@echo 'Clean up:     $(RUN) tools.destroy cross-account --local --purge-bucket && $(RUN) tools.local down --purge'

# More at a time than the two cores that it needs: what it deploys waits most of its time for Terraform's provider.
test: lint ## The whole test suite, four at a time
	$(RUN) pytest -n 4 --dist loadgroup --no-loadscope-reorder

unit: compiler ## Tests that take milliseconds each
	$(RUN) pytest tests/unit

properties: compiler ## EXAMPLES new items a property of the transform, instead of the same few ones
	PROPERTY_EXAMPLES=$(EXAMPLES) $(RUN) pytest tests/unit/lake_transform -m hypothesis -o timeout=0 --hypothesis-show-statistics

fuzz: compiler ## SECONDS of fuzzing of the function, then of its native code alone, from where the last run left off
	PYTHONPATH=lambda $(RUN) tests.fuzz --seconds $(SECONDS)
	PYTHONPATH=lambda $(RUN) tests.fuzz --native --seconds $(SECONDS)

plan: $(TESTING) ## Tests on real Terraform plans
	$(RUN) pytest tests/plan -n 2 --dist loadgroup

system: compiler ## Tests that apply the real Terraform to local AWS
	$(RUN) pytest tests/system

faults: compiler ## ROUNDS times every fault that local AWS must outlive, for half an hour and more
	FAULT_ROUNDS=$(ROUNDS) $(RUN) pytest tests/system/faults -n 2 --dist loadgroup

prove-lake: compiler ## The lake's answers beside the table, after CHANGES of KEYS items, up to an hour
	PROOF_CHANGES=$(CHANGES) PROOF_KEYS=$(KEYS) $(RUN) pytest tests/system/test_truth.py -o timeout=0 --durations=0

prove-hour: compiler ## MINUTES of RATE changes a second, while reconcile runs again and again: no alarm, no difference
	FAULT_ROUNDS=1 HOUR_MINUTES=$(MINUTES) HOUR_RATE=$(RATE) $(RUN) pytest -s tests/system/hour

# The word is asked for, because it costs money and makes things in an account.
proof-aws: $(TESTING) ## What only an account can show, run there and written down; ACCOUNT=yes does it
	$(RUN) tests.proof_aws $(if $(ACCOUNT),--i-have-an-account)

check: lint ## Formatting, types, lint, unit tests, the policy gate and its checks: before each commit
	$(RUN) pytest -n 2 --dist loadgroup tests/unit tests/policy --ignore tests/policy/test_mutations.py

lint: compiler ## Formatting, types, lint
	$(RUN) ruff format --check $(CODE)
	$(RUN) ruff check $(CODE)
	$(RUN) mypy
	$(RUN) tools.artifact.compiler fmt --check lambda/native
	terraform fmt -check -recursive .

bench: $(RUNNING) $(BENCH)/.installed ## The transform as it is built, beside its peers, about three minutes
	$(RUN) tools.build --local --native
	$(BENCH)/bin/python -m tests.bench

bench-lake: CHANGES = 100000 1000000
bench-lake: $(TESTING) ## Queries, schema and compaction on a lake of so many CHANGES, on so many CORES, beside their peers
	PYTHONPATH=lambda $(RUN) tests.bench.lake --changes $(CHANGES) --cores $(CORES)

mutants: compiler $(MUTANTS)/.installed ## Mutation testing of the transform, some minutes; ends with the mutants that survived
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
$(BENCH)/.installed $(MUTANTS)/.installed: | $(RUNNING)
	$(PYTHON) -m venv --clear --without-pip $(@D)
	$(PIP) --python $(@D)/bin/python $(INSTALL) $<
	touch $@

lock: ## Resolve requirements/*.in anew (needs uv)
	cd requirements && for name in pip lambda tools dev localaws compiler bench mutants policies; do \
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
