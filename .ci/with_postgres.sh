#!/usr/bin/env bash
# with_postgres.sh COMMAND…: runs it with TEST_POSTGRES_URL set; without one in the environment, to a cluster
# that lives as long as the command. WUTONG_POSTGRES_OPTIONS goes to that cluster's server, after what is set here.
set -euo pipefail

[ "$#" -gt 0 ] || {
    echo "wutong: with_postgres.sh needs a command." >&2
    exit 2
}
if [ -n "${TEST_POSTGRES_URL:-}" ]; then
    exec "$@"
fi

fail() {
    printf '%s\n' "wutong: $*" >&2
    exit 1
}

if initdb=$(command -v initdb); then
    bin=$(dirname "$(readlink -f "$initdb")")
else
    bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1) ||
        fail "the PostgreSQL server is missing (initdb); install it or set TEST_POSTGRES_URL."
fi

# PostgreSQL refuses to run as root.
owner=
if [ "$(id -u)" = 0 ]; then
    owner=postgres
    id "$owner" >/dev/null 2>&1 || owner=nobody
fi
as_owner() {
    if [ -z "$owner" ]; then
        "$@"
    elif command -v runuser >/dev/null 2>&1; then
        runuser -u "$owner" -- "$@"
    else
        # shellcheck disable=SC2016 # the inner shell expands them
        su -s /bin/sh "$owner" -c 'exec "$0" "$@"' -- "$@"
    fi
}

# Short, because a socket's path may have 107 bytes; in /tmp, because the owner must be able to get there.
folder=$(mktemp -d /tmp/wutong-pg.XXXXXX)
started=
# shellcheck disable=SC2317 # called by the trap
stop() {
    code=$?
    trap - EXIT
    if [ -n "$started" ]; then
        as_owner "$bin/pg_ctl" stop -D "$folder/data" -m immediate -w -s >/dev/null 2>&1 || true
    fi
    rm -rf "$folder"
    exit "$code"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
[ -z "$owner" ] || chown "$owner" "$folder"
cd "$folder"

as_owner "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$folder/log" 2>&1 ||
    fail "initdb failed: $(tail -n 3 "$folder/log")"
# Nothing here outlives the command, so nothing is worth waiting for the disk.
started=yes
as_owner "$bin/pg_ctl" start -D "$folder/data" -w -s -l "$folder/data/server.log" -o "-c listen_addresses='' -c unix_socket_directories='$folder' \
-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200 -c shared_buffers=128MB ${WUTONG_POSTGRES_OPTIONS:-}" ||
    fail "PostgreSQL does not start: $(tail -n 3 "$folder/data/server.log" 2>/dev/null)"

cd "$OLDPWD"
export TEST_POSTGRES_URL="postgres://postgres@localhost/postgres?host=$folder"
set +e
"$@"
exit $?
