# Two commands do everything: `make run` and `make test`. Both first make the environment from the lock.
PYTHON ?= python3
BIN := .venv/bin
# One job at a time on a GPU; without one, a core a job and as many at once as there are cores.
HOW := $(if $(wildcard /dev/nvidia0 /dev/kfd),--resources gpu=1,--workflow-profile profiles/cpu)
UV_VERSION := $(shell sed -n 's/^uv==\([0-9.]*\).*/\1/p' requirements.lock)

.PHONY: env run test check schema lock

# `make run ARGS="objective_table4 --configfile configs/ci.yaml"` hands more to Snakemake.
run: env
	@$(BIN)/python -c "$$REMOVE_STALE_LOCK"
	$(BIN)/snakemake $(ARGS) --cores all $(HOW)

# Snakemake locks the folder, and a run that was killed leaves its lock behind; every live Snakemake holds
# .snakemake/running as well (rules/common.smk). Jobs that outlive a killed run hold nothing and stop nobody: files
# appear whole or not at all, and the same job writes the same bytes.
define REMOVE_STALE_LOCK
import fcntl, glob, shutil, sys, time
if glob.glob(".snakemake/locks/*"):
    with open(".snakemake/running", "a") as running:
        for attempt in range(30):  # what was killed just now takes a moment to die
            try:
                fcntl.flock(running, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                time.sleep(0.1)
        else:
            sys.exit("A run is in progress in this folder: wait for its end. If there is none: snakemake --unlock")
        shutil.rmtree(".snakemake/locks", ignore_errors=True)
endef
export REMOVE_STALE_LOCK

test: env check
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/unit --numprocesses=2
	$(BIN)/python -m pytest tests/dag tests/pipeline

check: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/mypy
	$(BIN)/snakemake --lint

env: .venv/.synced

.venv/.synced: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet uv==$(UV_VERSION)
	VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip sync --quiet requirements.lock
	VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# For maintainers: after editing the config's model, and after editing pyproject.toml.
schema: env
	$(BIN)/python -m oneclass.config > schemas/config.schema.json

lock:
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		--all-extras --group dev pyproject.toml --output-file requirements.lock
