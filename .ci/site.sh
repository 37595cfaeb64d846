#!/usr/bin/env bash
# site.sh: the browser's code, style sheet and icons, in target/site. WUTONG_BUNDLER names a bundler that is built already.
set -euo pipefail
# shellcheck source=.ci/lib.sh
. "$(dirname "$0")/lib.sh"

cargo build --locked -p wutong-wasm --target wasm32-unknown-unknown --profile wasm-release --target-dir "$WUTONG_WASM_DIR"
bundler=${WUTONG_BUNDLER:-}
if [ -z "$bundler" ]; then
    cargo build --locked -p bundler
    bundler=$CARGO_TARGET_DIR/debug/bundler
fi
# It compares what it would make with what is there, and leaves the same alone.
# The aim is 400 KB for the first route; this ratchet holds what is reached until the routes are split, and only shrinks.
"$bundler" --limit-kb 470 --wasm "$WUTONG_WASM_DIR/wasm32-unknown-unknown/wasm-release/wutong.wasm" --out "$WUTONG_SITE" "$@"
