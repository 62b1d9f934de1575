# Two commands do everything: `make run` and `make test`. Both first make the environment from the lock.
PYTHON ?= python3
BIN := .venv/bin
# A profile that ARGS names says itself how many cores there are.
HOW := $(if $(findstring -profile,$(ARGS)),,--cores all)
UV_VERSION := $(shell sed -n 's/^uv==\([0-9.]*\).*/\1/p' requirements.lock)

.PHONY: env run test test-browser test-cluster test-faults test-paper test-peers peers check schema claims lock envs plans

# `make run ARGS="objective_table4 --configfile configs/ci.yaml"` hands more to Snakemake.
run: env
	@$(BIN)/python -m oneclass.workflow $(ARGS)
	$(BIN)/snakemake $(ARGS) $(HOW)

.PHONY: plan
# What a run costs before it is started: `make plan ARGS="--configfile configs/paper.yaml"`.
plan: env
	@$(BIN)/python -m oneclass plan $(ARGS)

test: env check
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/unit --numprocesses=2 --dist=loadfile
	$(BIN)/python -m pytest tests/dag tests/pipeline tests/paper/test_override.py --numprocesses=2 --dist=worksteal

# The pages in a real browser, on their own and of the smallest run; needs Chromium, and says so where there is none.
test-browser: env
	$(BIN)/python -m pytest tests/unit/serving/test_browser.py tests/unit/site/test_browser.py tests/pipeline/test_browser.py

# configs/paper.yaml from end to end on stand-ins for its data and weights, with its sizes and steps cut.
STANDINS := runs/standins
test-paper: $(STANDINS)/config.yaml
	PYTHONPATH='$(CURDIR)/tests/paper/hook' $(BIN)/snakemake $(ARGS) $(HOW) \
		--directory $(STANDINS) --configfile $(STANDINS)/config.yaml
	$(BIN)/python -m pytest tests/paper

$(STANDINS)/config.yaml: configs/paper.yaml tests/paper/override.yaml tests/paper/standins.py | env
	rm -rf $(STANDINS)/data
	$(BIN)/python tests/paper/standins.py $(STANDINS)

# Our methods against anomalib's, which is installed beside the locked packages.
test-peers: peers
	$(BIN)/python -m pytest tests/peers

peers: .venv/.peers

.venv/.peers: .venv/.synced
	VIRTUAL_ENV='$(CURDIR)/.venv' $(BIN)/uv pip install --quiet --group peers --constraint requirements.lock
	touch $@

# The long form of what `make test` does with bad input and damage.
test-faults: env
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --hypothesis-profile=thorough tests/unit/test_config_fuzz.py \
		tests/unit/test_damage.py tests/unit/data/test_images.py

# Needs Slurm: what is missing is said.
test-cluster: env
	$(BIN)/python -m pytest tests/cluster

check: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/mypy
	$(BIN)/snakemake --lint
	$(BIN)/actionlint .github/workflows/ci.yml

env: .venv/.synced

.venv/.synced: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet uv==$(UV_VERSION)
	VIRTUAL_ENV='$(CURDIR)/.venv' $(BIN)/uv pip sync --quiet --compile-bytecode requirements.lock
	VIRTUAL_ENV='$(CURDIR)/.venv' $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# For maintainers: after editing the config's model, pyproject.toml, what a script imports, and what a run consists of.
schema: env
	$(BIN)/python -m oneclass.config schema > schemas/config.schema.json
	$(BIN)/python -m oneclass.config extension > schemas/extension.schema.json
	$(BIN)/python -m oneclass.config reference > docs/configuration.md

claims: env
	$(BIN)/python -m oneclass.claims > docs/claims.md

lock:
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		--all-extras --group dev pyproject.toml --output-file requirements.lock

envs: env
	$(BIN)/python envs/generate.py envs

plans: env
	WRITE_PLANS=1 $(BIN)/python -m pytest tests/dag -k test_the_jobs_of_a_run
