# `make` installs what requirements.lock names into .venv and runs the sweeps; `make help` lists
# the rest.

# Makes .venv: the first of these that NEURON and the lock files support.
PYTHON ?= $(firstword $(foreach python,python3 python3.13 python3.12 python3.11, \
	$(shell $(python) -c "$(SUPPORTED)" 2> /dev/null && echo $(python))))
SUPPORTED = import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
CORES ?= all
# More words for Snakemake: make ARGS=--dry-run
ARGS ?=
# Only `make lock` needs uv.
UV ?= uv

VENV := .venv
BIN := $(VENV)/bin
SNAKEFILES = $(wildcard Snakefile workflow/Snakefile workflow/rules/*.smk)

# A module path that was made for another NEURON or Python would win over the lock file.
unexport PYTHONPATH PYTHONHOME
# nrnivmodl runs a make of its own, which is no part of this one.
unexport MAKEFLAGS MFLAGS MAKELEVEL

.DEFAULT_GOAL := run
.PHONY: run test test-fast lint pictures docs recording bench install install-dev venv lock release clean clean-results help

run: install ## run the sweeps (what plain `make` does); CORES=4, ARGS=--dry-run
	@$(BIN)/snakemake --cores $(CORES) $(ARGS)

test: install-dev ## run the tests
	@$(BIN)/python -m pytest -n logical --dist loadfile --no-loadscope-reorder

test-fast: install-dev ## run the tests that need no Snakemake, browser or compiler
	@$(BIN)/python -m pytest -n logical --dist loadfile --no-loadscope-reorder -m "not workflow"

lint: install-dev ## check the code with ruff and mypy, and the Snakefiles with snakefmt
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary
	@$(if $(SNAKEFILES),$(BIN)/snakefmt --check $(SNAKEFILES))

pictures: install-dev ## make the pictures of the explorer for docs, from the default sweep's page
	@$(BIN)/python docs/pictures.py results/potassium_block/explore.html

docs: install-dev ## build the site of the documentation, strictly, into build/site
	@$(BIN)/python docs/site.py

recording: install-dev ## record the terminal that the README shows
	@$(BIN)/python docs/recording.py

# Ours and the others run with what users have: other plugins of Snakemake, as the tests need, take time.
bench: install-dev ## run the benchmark; SIZES="10 100 1000 10000 100000", ARGS=--no-large
	@$(MAKE) --no-print-directory VENV=build/bench install
	@$(BIN)/python benchmarks/run.py --python build/bench/bin/python $(if $(SIZES),--sizes $(SIZES)) $(ARGS)

install: venv ## set up .venv from requirements.lock
	$(call install_packages,running,requirements.lock,requirements.lock)

# After `install` and never beside it: two pips must not write into one environment (make -j).
install-dev: install ## set up .venv for the tests, from requirements-dev.lock
	$(call install_packages,testing,requirements-dev.lock,requirements.lock requirements-dev.lock)

# What is installed is told by content, kept in .venv/<lock file>.installed: file times change with
# every clone and every branch switched back and forth.
content = cat $(1) pyproject.toml | cksum

# $(1): what for; $(2): the lock file; $(3): the lock files that are satisfied then.
# setuptools comes first, by its own hash, and builds the rest without isolation, so that nothing
# is downloaded which the lock file does not name.
define install_packages
	@[ "$$(cat $(VENV)/$(2).installed 2> /dev/null)" != "$$($(call content,$(2)))" ] || exit 0; \
	echo "Installing the packages for $(1) from $(2) into $(VENV) (a minute or two, once) ..."; \
	set -e; \
	rm -f $(VENV)/*.installed; \
	sed -n '/^setuptools==/,/# via/p' $(2) > $(VENV)/setuptools.lock; \
	pip="$(BIN)/python -m pip -qq --disable-pip-version-check install --no-build-isolation"; \
	$$pip --require-hashes -r $(VENV)/setuptools.lock; \
	$$pip --require-hashes -r $(2); \
	$$pip --no-deps --editable .; \
	pwd > $(VENV)/folder; \
	for lock in $(3); do $(call content,$$lock) > $(VENV)/$$lock.installed; done
endef

# A .venv whose Python is gone, or that was moved or copied here with its folder, is made anew:
# the commands in it begin with the path of the Python that they were made for.
venv:
	@if $(BIN)/python -c "$(SUPPORTED)" 2> /dev/null \
		&& [ "$$(cat $(VENV)/folder 2> /dev/null || pwd)" = "$$(pwd)" ]; then exit 0; fi; \
	stop() { echo "spikesweep: $$1" >&2; exit 1; }; \
	python="$(PYTHON)"; isnt="$${python:+$$python is not}"; \
	$${python:-false} -c "$(SUPPORTED)" 2> /dev/null || stop "needs Python 3.11, 3.12 or 3.13, \
	which $${isnt:-is not on the PATH}; say where one is: make PYTHON=path/to/python3.12"; \
	$$python -c "import venv, ensurepip" 2> /dev/null || stop "$$python has no venv module; \
	install it (Debian and Ubuntu: apt install python3-venv)"; \
	command -v g++ > /dev/null || command -v c++ > /dev/null || stop "found no C++ compiler, which \
	NEURON needs for mechanisms; install it (Debian and Ubuntu: apt install g++; macOS: \
	xcode-select --install)"; \
	$$python -m venv --clear $(VENV)

lock: ## resolve pyproject.toml into the lock files; UPGRADE=--upgrade for newer releases
	@command -v $(UV) > /dev/null || { echo "spikesweep: make lock needs uv, and there is no \
	$(UV); install it, or say where it is: make lock UV=path/to/uv" >&2; exit 1; }
	@$(call compile,requirements.lock) --group build
	@$(call compile,requirements-dev.lock) --group build --group dev --constraint requirements.lock
	@$(PYTHON) .ci/environment.py

compile = $(UV) pip compile pyproject.toml --quiet --output-file $(1) $(UPGRADE) \
	--universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make lock"

release: ## write, commit and tag a version; VERSION=0.2.0
	@$(PYTHON) .ci/release.py '$(VERSION)'

clean: ## remove .venv and the caches; results stay
	@rm -rf $(VENV) .snakemake .pytest_cache .ruff_cache .mypy_cache .hypothesis build workflow/*.egg-info
	@find workflow tests -name __pycache__ -prune -exec rm -rf {} +

clean-results: ## remove everything in results/, if told so: CONFIRM=results
	@[ "$(CONFIRM)" = results ] || { echo "spikesweep: this removes every result; if that is \
	meant: make clean-results CONFIRM=results" >&2; exit 1; }
	@find results/ -mindepth 1 ! -path results/.gitignore -delete

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1|\2/p' Makefile \
		| while IFS='|' read -r target text; do printf 'make %-14s %s\n' "$$target" "$$text"; done
