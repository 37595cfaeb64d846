#!/usr/bin/env bash
# test.sh: everything that must hold before a change is good, and how long each part took.
set -euo pipefail
# shellcheck source=.ci/lib.sh
. "$(dirname "$0")/lib.sh"

summary() {
    local code=$?
    echo >&2
    if [ "${#STEP_TIMES[@]}" -gt 0 ]; then printf '%s\n' "${STEP_TIMES[@]}" >&2; fi
    printf '%6d s  in all\n' "$SECONDS" >&2
    local wasm
    for wasm in "$WUTONG_SITE"/pkg/code-*/{wutong,split_*}.wasm; do
        [ -f "$wasm.br" ] || continue
        printf '%s %d KB, brotli %d KB\n' "$(basename "$wasm")" "$(($(wc -c <"$wasm") / 1000))" "$(($(wc -c <"$wasm.br") / 1000))" >&2
    done
    if [ -n "$STEP_RUNNING" ]; then
        echo "Failed: $STEP_RUNNING" >&2
    elif [ "$code" = 0 ]; then
        echo "All is well." >&2
    fi
}
trap summary EXIT

NATIVE=(--locked --workspace --exclude wutong-wasm)

# ssr and hydrate exclude each other, so the browser's half is looked at in calls of its own.
clippy_native() { cargo clippy "${NATIVE[@]}" --all-targets -- -D warnings; }
clippy_browser() {
    local browser=(--locked --target wasm32-unknown-unknown --target-dir "$WUTONG_WASM_DIR")
    cargo clippy "${browser[@]}" -p wutong-wasm -- -D warnings
    cargo clippy "${browser[@]}" -p app --features hydrate -- -D warnings
}
# Programs and tests in one call: chosen apart, packages get other features and are compiled twice.
build() { cargo build "${NATIVE[@]}" --bins --tests; }
site() { WUTONG_BUNDLER="$CARGO_TARGET_DIR/debug/bundler" .ci/site.sh; }
rust_tests() { .ci/with_postgres.sh cargo nextest run "${NATIVE[@]}" --no-fail-fast; }
browser_tests() { (cd end2end && WUTONG_BINARY="$CARGO_TARGET_DIR/debug/wutong" npm test); }

[ -d "$CARGO_TARGET_DIR/debug" ] || need_space "$CARGO_TARGET_DIR" 6

# shellcheck disable=SC2034 # read by step
STEPS=8
step "Tools" .ci/prepare.sh test
step "Format" cargo fmt --all --check
step "Clippy, server" clippy_native
step "Clippy, browser" clippy_browser
step "Build" build
step "Site" site
step "Tests on SQLite and PostgreSQL" rust_tests
step "Tests in Chromium" browser_tests
