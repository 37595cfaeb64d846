# Wutong 梧桐. `make run` is all it takes; the steps are in .ci/.
.PHONY: help run build site test bench-load bench-relevance bench-extension bench-directory bench-trip bench-trip-plan clean
.DEFAULT_GOAL := help
# .ci/lib.sh is written for it.
SHELL := /bin/bash

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build what is missing and serve the demo zone at http://127.0.0.1:3000
	@.ci/build.sh --serve

build: ## Site and release server, not started
	@.ci/build.sh

site: ## Browser code, style sheet and icons in target/site
	@.ci/site.sh

test: ## Format, clippy, tests on SQLite and PostgreSQL, tests in Chromium
	@.ci/test.sh

bench-load: build ## The release server under load, on SQLite and PostgreSQL; about ten minutes
	@end2end/bench/load/run.sh

bench-relevance: ## How well companies are ranked for a node, both engines beside plain BM25; needs ../shared/data
	@. .ci/lib.sh && cargo bench --locked --package service --bench relevance

bench-extension: ## How often hidden product relations and their makers are found again; needs ../shared/data
	@. .ci/lib.sh && cargo bench --locked --package domain --bench link_extension

bench-directory: ## A directory of a million companies: building it, asking it, changing it
	@. .ci/lib.sh && cargo bench --locked --package service --bench directory

bench-trip: ## How near to the proven optimum the trip search comes in five seconds; needs ../shared/data
	@. .ci/lib.sh && cargo bench --locked --package domain --bench trip_search

bench-trip-plan: ## How fast a delegation's week is planned, bettered and changed by hand
	@. .ci/lib.sh && cargo bench --locked --package domain --bench trip_plan

clean: ## Remove what was built; data/ stays
	@. .ci/lib.sh && rm -rf "$$WUTONG_SITE" "$$WUTONG_SITE.stamp" end2end/results \
		&& cargo clean --quiet && cargo clean --quiet --target-dir "$$WUTONG_WASM_DIR"

