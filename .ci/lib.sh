# shellcheck shell=bash disable=SC2034
# Sourced by the other scripts: where things lie, and how they speak.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export ROOT
cd "$ROOT" || exit

export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
# Outside the working tree, so that a fresh checkout need not compile the libraries again.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$HOME/.cache/wutong/target}"
# The browser's half has flags of its own; in one folder the two would throw each other's work away.
export WUTONG_WASM_DIR="${WUTONG_WASM_DIR:-$HOME/.cache/wutong/wasm}"
export WUTONG_SITE="${WUTONG_SITE:-$ROOT/target/site}"

# Cargo tells two checkouts apart by nothing but the age of their files, and would take the code of the other one
# for ours where that is younger. Whoever comes second forgets what was compiled of Wutong itself.
forget_other_checkout() {
    local folder=$1 crate
    mkdir -p "$folder"
    if [ -f "$folder/.checkout" ] && [ "$(<"$folder/.checkout")" != "$ROOT" ]; then
        for crate in app bundler domain entity migration server service wutong-wasm; do
            rm -rf "$folder"/*/.fingerprint/"$crate"-???????????????? "$folder"/*/*/.fingerprint/"$crate"-????????????????
        done
    fi
    printf '%s\n' "$ROOT" >"$folder/.checkout"
}
forget_other_checkout "$CARGO_TARGET_DIR"
forget_other_checkout "$WUTONG_WASM_DIR"

# It would replace the flags of .cargo/config.toml, not add to them, and everything would be compiled anew.
unset RUSTFLAGS

fail() {
    printf '%s\n' "wutong: $*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# step TITLE COMMAND…: names the step, runs it, says how long it took. STEPS is how many there will be.
STEP=0
STEP_TIMES=()
STEP_RUNNING=
step() {
    local title=$1 began=$SECONDS
    shift
    STEP=$((STEP + 1))
    STEP_RUNNING=$title
    printf '[%d/%d] %s\n' "$STEP" "${STEPS:-0}" "$title" >&2
    "$@"
    STEP_RUNNING=
    STEP_TIMES+=("$(printf '%6d s  %s' "$((SECONDS - began))" "$title")")
    printf '      %d s\n' "$((SECONDS - began))" >&2
}

# need_space FOLDER GIGABYTES: looks at the first parent that exists.
need_space() {
    local folder=$1 free
    while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
    free=$(df -Pk "$folder" | awk 'NR == 2 { print int($4 / 1048576) }')
    [ "$free" -ge "$2" ] ||
        fail "the first build needs about $2 GB under $folder and $free GB are free; set CARGO_TARGET_DIR and WUTONG_WASM_DIR to a larger disk."
}
