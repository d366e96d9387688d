# Everything runs from .venv, made from requirements.lock; nothing else is installed on the machine.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin

.PHONY: demo test check bench soak schema released golden lock format clean

demo: .venv ## start the service with its own mongod, load the demo fleet, print what to open; HTTPS=1, LAN=address
	$(BIN)/twin demo --port $(PORT) $(if $(HTTPS),--https) $(if $(LAN),--lan $(LAN))

test: .venv ## every test that this machine can run; names what it leaves out
	$(BIN)/pytest -m "not soak" -n auto --dist loadscope

check: .venv ## style, types, import arrows, schema drift, and whether clients of the last release would miss anything
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/twin schema | diff schema.graphql - || (echo "schema.graphql is stale: run make schema"; exit 1)
	$(BIN)/twin schema --released docs/schema-released.graphql

bench: .venv ## ratios, taken side by side in one run
	for bench in benchmarks/bench_*.py; do $(BIN)/python $$bench || exit 1; done

soak: .venv ## the long form of every long proof
	$(BIN)/pytest -m soak -s

schema: .venv ## print the GraphQL schema from the code
	$(BIN)/twin schema > schema.graphql

released: check ## once a release is out: what it offers is promised from then on
	cp schema.graphql docs/schema-released.graphql

golden: .venv ## draw the sample label of each profile anew, after a change of how labels look; look at them
	$(BIN)/python -m tests.golden.labels

format: .venv
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## after a change of dependencies in pyproject.toml (needs uv)
	uv pip compile pyproject.toml --universal --generate-hashes --no-header --extra embedded --group dev -o requirements.lock --quiet

.venv: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, found " + sys.version.split()[0])'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch .venv

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache
