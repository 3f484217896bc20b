# Everything a developer or a new user runs. Each target sets up what it needs; `make demo` and `make test` come first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help
.PHONY: help demo test lint man bench system clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

$(VENV)/.demo: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Responder into $(VENV)/ …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[demo]'
	@touch $@

$(VENV)/.dev: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Responder and its test tools into $(VENV)/ …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/.demo

demo: $(VENV)/.demo  ## a few days at an office, on this machine, in a minute
	@$(BIN)/responder demo

test: $(VENV)/.dev  ## all tests, with a real Dovecot and Postfix, and on real mail
	@$(BIN)/python tests/servers/fetch.py
	@$(BIN)/python tests/corpora/fetch.py
	@$(BIN)/python -m pytest --numprocesses 3 --dist worksteal $(ARGS)

.PHONY: test-systemd
test-systemd: $(VENV)/.dev  ## the installed service in a Debian booted for it; as root, a few minutes
	@$(BIN)/python tests/systemd/fetch.py
	@$(BIN)/python -m pytest tests/systemd/test_readme.py tests/systemd/test_service.py $(ARGS)

.PHONY: faults
faults: $(VENV)/.dev  ## cause every fault the README speaks of, and count what customers got; more than an hour
	@$(BIN)/python tests/servers/fetch.py
	@CI=1 $(BIN)/python -m pytest tests/faults -q -m "slow or not slow" --numprocesses 2 --dist loadfile $(ARGS)

.PHONY: fuzz
fuzz: $(VENV)/.dev  ## a million damaged mails, or ten minutes of them; ARGS="--minutes 60 --seed 2"
	@nice $(BIN)/python tests/fuzz/fuzz.py $(ARGS)

.PHONY: load
load: $(VENV)/.dev  ## 50,000 mails at once, 10,000 follow-ups due, 500,000 old mails; an hour
	@$(BIN)/python tests/servers/fetch.py
	@$(BIN)/python -m pytest -m slow -s tests/load $(ARGS)

.PHONY: soak
soak: $(VENV)/.dev  ## a month with restarts and faults: nothing lost or doubled, memory flat; ARGS="--minutes 60 --seed 2"
	@$(BIN)/python tests/servers/fetch.py
	@$(BIN)/python -m tests.soak.soak $(ARGS)

lint: $(VENV)/.dev  ## ruff, mypy, and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

.PHONY: corpora
corpora: $(VENV)/.dev  ## how many machines are answered and people refused, on real mail (fetches it once)
	@$(BIN)/python tests/corpora/fetch.py
	@$(BIN)/python -m tests.corpora.measure

.PHONY: train
train: $(VENV)/.dev  ## learn the weights of the judge from the mails in training/; the same mails give the same bytes
	@$(BIN)/python -m training.train

.PHONY: triage
triage: $(VENV)/.dev  ## how well mails are told apart, each set of training/ scored while left out; some minutes
	@$(BIN)/python -m training.triage

man: $(VENV)/.demo  ## the man page, as responder.1 (systemd/install puts it in its place by itself)
	@$(BIN)/python -m responder.cli.manual > responder.1

bench: $(VENV)/.dev  ## the measurements of benchmarks/README.md
	@for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

clean:  ## throw away what the targets above made
	rm -rf $(VENV) .servers .corpora .machines build dist responder.1 *.egg-info
