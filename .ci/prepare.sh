#!/usr/bin/env bash
# prepare.sh [run|test]: whatever the build needs is there afterwards, or one sentence says what is not.
set -euo pipefail
# shellcheck source=.ci/lib.sh
. "$(dirname "$0")/lib.sh"

purpose=${1:-run}

# install_package PACKAGE WHAT: with apt where that is allowed, else the sentence.
APT_UPDATED=
install_package() {
    if [ "$(id -u)" = 0 ] && have apt-get; then
        echo "      installing $1" >&2
        if [ -z "$APT_UPDATED" ]; then
            apt-get update -qq >&2 || fail "$2 is missing and the package lists cannot be fetched; is there a network?"
            APT_UPDATED=yes
        fi
        # shellcheck disable=SC2086 # several packages are several words
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $1 >&2 ||
            fail "$2 is missing and apt-get install $1 failed."
    else
        fail "$2 is missing; install it (Debian, Ubuntu: sudo apt-get install $1) and start again."
    fi
}

rust_toolchain() {
    local channel
    channel=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' rust-toolchain.toml)
    if ! have rustup && ! have cargo; then
        have curl || install_package "curl ca-certificates" "curl, which fetches the Rust toolchain,"
        echo "      installing rustup" >&2
        curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs |
            sh -s -- -y -q --no-modify-path --profile minimal --default-toolchain none >&2 ||
            fail "Rust is missing and https://sh.rustup.rs cannot be reached; install rustup and start again."
    fi
    if have rustup; then
        local ready=yes
        rustup toolchain list | grep -q "^$channel-" || ready=
        if [ -n "$ready" ]; then
            rustup target list --installed --toolchain "$channel" | grep -qx wasm32-unknown-unknown || ready=
            local components
            components=$(rustup component list --installed --toolchain "$channel")
            grep -q '^clippy' <<<"$components" || ready=
            grep -q '^rustfmt' <<<"$components" || ready=
        fi
        if [ -z "$ready" ]; then
            echo "      installing Rust $channel" >&2
            rustup toolchain install "$channel" --profile minimal \
                --component clippy --component rustfmt --target wasm32-unknown-unknown >&2 ||
                fail "Rust $channel with the target wasm32-unknown-unknown cannot be installed; is https://static.rust-lang.org reachable?"
        fi
    else
        # A distribution's Rust, without rustup: good if it is new enough and knows the browser.
        local version oldest
        version=$(rustc --version | awk '{ print $2 }')
        oldest=$(sed -n 's/^rust-version *= *"\(.*\)"/\1/p' Cargo.toml)
        [ "$(printf '%s\n%s\n' "$oldest" "$version" | sort -V | head -n 1)" = "$oldest" ] ||
            fail "Rust $oldest or newer is needed and this is $version; install rustup (https://rustup.rs) and start again."
        [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ] ||
            fail "this Rust lacks the target wasm32-unknown-unknown; install rustup (https://rustup.rs) and start again."
    fi
}

c_compiler() {
    have cc || have gcc || have clang || install_package "gcc libc6-dev" "a C compiler (cc)"
}

crates() {
    local host
    host=$(rustc -vV | sed -n 's/^host: //p')
    cargo fetch --locked --offline --target "$host" --target wasm32-unknown-unknown >/dev/null 2>&1 && return
    echo "      fetching the libraries" >&2
    cargo fetch --locked --target "$host" --target wasm32-unknown-unknown >&2 ||
        fail "the libraries cannot be fetched (cargo's reason is above); is https://index.crates.io reachable, and Cargo.lock up to date?"
}

nextest() {
    have cargo-nextest && return
    echo "      installing cargo-nextest, some minutes" >&2
    cargo install --locked cargo-nextest >&2 ||
        fail "cargo-nextest is missing and cargo install --locked cargo-nextest failed."
}

postgres() {
    [ -z "${TEST_POSTGRES_URL:-}" ] || return 0
    have initdb && return
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || install_package postgresql "the PostgreSQL server (initdb)"
}

node_and_browser() {
    if ! have node || ! have npm; then install_package "nodejs npm" "Node.js"; fi
    local major
    major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
    [ "$major" -ge 18 ] || fail "Node.js 18 or newer is needed and this is $(node --version)."
    if [ -n "${CHROMIUM:-}" ]; then
        [ -x "$CHROMIUM" ] || fail "CHROMIUM names $CHROMIUM, which is no program."
    elif [ ! -x /usr/bin/chromium ]; then
        install_package chromium "Chromium (/usr/bin/chromium, or set CHROMIUM)"
    fi
    # Without a Chinese face every character is the same box and nothing that is measured is true.
    if have fc-list && [ -n "$(fc-list :lang=zh-cn family 2>/dev/null)" ]; then
        :
    else
        install_package "fonts-noto-cjk fontconfig" "a Chinese font"
    fi
    local installed=end2end/node_modules/.package-lock.json
    if [ ! -f "$installed" ] || [ end2end/package-lock.json -nt "$installed" ]; then
        echo "      npm ci" >&2
        (cd end2end && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error >&2) ||
            fail "npm ci failed in end2end; is https://registry.npmjs.org reachable?"
        touch "$installed"
    fi
}

rust_toolchain
c_compiler
crates
if [ "$purpose" = test ]; then
    nextest
    postgres
    node_and_browser
fi
