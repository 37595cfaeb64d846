#!/usr/bin/env bash
# run.sh [sqlite] [postgres]: the release server under load, on a database of its own each; without a word on both.
# LOAD_LEADS, LOAD_EVENTS, LOAD_SECONDS and LOAD_THINK (mean milliseconds between two requests of a person) change
# sizes; 500 is two requests a second of each of fifty people, and the limits hold there. How much the server answers
# when nobody ever pauses is shown beside it.
# WUTONG_BINARY and LOAD_ADDRESS what runs where. Needs curl, Node.js, and Python or psql where seed.mjs asks for them.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
binary=${WUTONG_BINARY:-${CARGO_TARGET_DIR:-$HOME/.cache/wutong/target}/release/wutong}
address=${LOAD_ADDRESS:-127.0.0.1:3210}
leads=${LOAD_LEADS:-100000}
events=${LOAD_EVENTS:-200000}
seconds=${LOAD_SECONDS:-60}

fail() {
    printf '%s\n' "wutong: $*" >&2
    exit 1
}
[ -x "$binary" ] || fail "there is no $binary; run \`make build\`, or set WUTONG_BINARY."
if (exec 3<>"/dev/tcp/${address%:*}/${address##*:}") 2>/dev/null; then
    fail "something answers at $address already; choose another with LOAD_ADDRESS."
fi
# The figures hold for two cores.
pin=()
if [ "$(nproc)" -gt 2 ] && command -v taskset >/dev/null 2>&1; then pin=(taskset -c 0,1); fi

folder=
server=
stop() {
    [ -n "$server" ] || return 0
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
}
clean() {
    stop
    [ -z "$folder" ] || rm -rf "$folder"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

start() {
    RUST_LOG=warn "${pin[@]}" "$binary" serve >"$folder/server.log" 2>&1 &
    server=$!
    for _ in $(seq 600); do
        kill -0 "$server" 2>/dev/null || fail "the server ended: $(tail -n 3 "$folder/server.log")"
        if curl --silent --fail --output /dev/null "http://$address/health"; then return; fi
        sleep 0.1
    done
    fail "the server does not answer at $address."
}

code=0
part() {
    printf '\n%s\n' "$1"
    shift
    "$@" || code=1
}

one() {
    local database=$1
    folder=$(mktemp -d /tmp/wutong-load.XXXXXX)
    export WUTONG_DATA=$folder/data WUTONG_ADDR=$address WUTONG_SITE=${WUTONG_SITE:-$root/target/site}
    if [ "$database" = postgres ]; then
        export DATABASE_URL=${TEST_POSTGRES_URL/\/postgres\?/\/wutong_load\?}
        psql "$TEST_POSTGRES_URL" --quiet --command 'SET client_min_messages = warning' --command 'DROP DATABASE IF EXISTS wutong_load' --command 'CREATE DATABASE wutong_load'
    else
        unset DATABASE_URL
    fi
    local place=${DATABASE_URL:-$WUTONG_DATA/wutong.sqlite}
    "$binary" demo load >/dev/null 2>&1 || fail "the demo zone cannot be loaded."
    if [ "$database" = postgres ]; then
        part "$database, small" node "$here/seed.mjs" "$place" --leads 300 --events 600
        start
        part "$database, statements" node "$here/query_count.mjs" "http://$address" "$place" --save "$folder/small.json"
        stop
    fi
    part "$database, filled" node "$here/seed.mjs" "$place" --leads "$leads" --events "$events"
    start
    part "$database, spelled" node "$here/spelled.mjs" "$place"
    if [ "$database" = postgres ]; then
        part "$database, statements" node "$here/query_count.mjs" "http://$address" "$place" --against "$folder/small.json"
    fi
    part "$database, 50 people" node "$here/load.mjs" "http://$address" --users 50 --seconds "$seconds" --think "${LOAD_THINK:-500}" --strict
    part "$database, 50 people without a pause" node "$here/load.mjs" "http://$address" --users 50 --seconds 20
    part "$database, 20 writers" node "$here/load.mjs" "http://$address" --writers 20 --seconds 20
    stop
    rm -rf "$folder"
    folder=
}

[ "$#" -gt 0 ] || set -- sqlite postgres
for database in "$@"; do
    case $database in
        sqlite) one sqlite ;;
        postgres)
            if [ -z "${TEST_POSTGRES_URL:-}" ]; then
                # Safe on the disk, as a real server is.
                WUTONG_POSTGRES_OPTIONS="-c fsync=on -c synchronous_commit=on -c full_page_writes=on -c shared_preload_libraries=pg_stat_statements" \
                    "$root/.ci/with_postgres.sh" "$here/run.sh" postgres || code=1
            else
                one postgres
            fi
            ;;
        *) fail "run.sh knows sqlite and postgres, not $database." ;;
    esac
done
exit "$code"
