#!/usr/bin/env bash
# build.sh [--serve]: site and server, ready to run; with --serve it becomes the server, with the demo zone.
set -euo pipefail
# shellcheck source=.ci/lib.sh
. "$(dirname "$0")/lib.sh"

# Said before the minutes of building, not after them.
port_is_free() {
    local address=${WUTONG_ADDR:-127.0.0.1:3000}
    local host=${address%:*} port=${address##*:}
    host=${host#[}
    host=${host%]}
    case $host in '' | 0.0.0.0 | ::) host=127.0.0.1 ;; esac
    if (exec 3<>"/dev/tcp/$host/$port") 2>/dev/null; then
        fail "something answers at $address already; stop it, or choose another address: WUTONG_ADDR=127.0.0.1:3001 make run"
    fi
}

server() { cargo build --locked --release -p server --bin wutong; }

[ "${1:-}" != --serve ] || port_is_free
[ -d "$CARGO_TARGET_DIR/release" ] || need_space "$CARGO_TARGET_DIR" 6

STEPS=3
step "Toolchain and libraries" .ci/prepare.sh run
step "Site: browser code, style sheet, icons" .ci/site.sh
step "Server" server

if [ "${1:-}" = --serve ]; then
    exec "$CARGO_TARGET_DIR/release/wutong" serve --demo
fi
echo "Built: $CARGO_TARGET_DIR/release/wutong and $WUTONG_SITE" >&2
