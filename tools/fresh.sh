#!/bin/sh
# `make fresh`: what a stranger gets. A clean clone of HEAD, an empty HOME, an environment with nothing of ours but what
# reaches the registries; then `make demo` until it is ready, once more warm, then `make test`. As root all of it a second
# time as an ordinary user (made for this and removed), unless FRESH_USER=no. FRESH_TESTS=no leaves the tests out.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
user=parlons-fresh
base='' demo='' made_user=''

say() { echo "fresh: $*"; }

# A machine's own programs; the caller's PATH only when they hold no python3 >= 3.11.
plain=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
fits='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'
if PATH=$plain python3 -c "$fits" 2>/dev/null; then path=$plain; else path=$PATH; fi
PATH=$path
now() { python3 -c 'import time; print(f"{time.time():.2f}")'; }
since() { python3 -c 'import sys; print(f"{float(sys.argv[2]) - float(sys.argv[1]):.1f}")' "$1" "$(now)"; }
figure() { python3 -c 'import json, sys
name, value, bound = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
print(json.dumps({"name": name, "value": value, "unit": "s", "baseline": bound, "ratio": round(value / bound, 3)}))' "$@"; }

# `make` in the fresh environment, in place of this (sub)shell: its process number is then the shell's. The first argument
# goes before it: `setsid` gives it a process group of its own, to be ended as a whole.
bare() {
    before=$1
    shift
    set -- $before make -C "$base/clone" --no-print-directory "$@"
    # What pip, uv and npm need to reach their registries; no cache is kept.
    eval "$(python3 - <<'P'
import os, re, shlex
kept = re.compile(r"(PIP_|UV_|npm_config_|NPM_CONFIG_)|(https?|all|no|ftp)_proxy$|SSL_CERT_(FILE|DIR)$|REQUESTS_CA_BUNDLE$|NODE_EXTRA_CA_CERTS$", re.I)
pairs = [f"{k}={v}" for k, v in os.environ.items() if kept.match(k) and "cache" not in k.lower()]
print("settings() { exec env -i", *map(shlex.quote, pairs), '"$@"; }')
P
)"
    if [ -n "$who" ]; then
        set -- setpriv --reuid "$who" --regid "$who" --clear-groups "$@"
    fi
    settings PATH="$path" HOME="$base/home" LANG=C.UTF-8 YES=1 CI=1 "$@"
}

# Whether a process of the group lives; a zombie that nobody collects (container without an init) does not count.
group_lives() {
    python3 - "$1" <<'P'
import glob, os, sys
def lives(path):
    try:
        state, _, group = open(path).read().rpartition(")")[2].split()[:3]
    except OSError:
        return False
    return group == sys.argv[1] and state not in "ZX"
if os.path.exists("/proc/self/stat"):
    sys.exit(not any(map(lives, glob.glob("/proc/[0-9]*/stat"))))
try:
    os.killpg(int(sys.argv[1]), 0)
except OSError:
    sys.exit(1)
P
}

# As a terminal that closes: everybody in the group hears it. Gone means that nobody of the group is left.
stop_demo() {
    [ -n "$demo" ] || return 0
    kill -s TERM -- "-$demo" 2>/dev/null || true
    wait "$demo" 2>/dev/null || true
    tries=0
    while group_lives "$demo"; do
        tries=$((tries + 1))
        if [ "$tries" -gt 600 ]; then
            say "the demo did not stop within a minute"
            kill -s KILL -- "-$demo" 2>/dev/null || true
            demo=''
            exit 1
        fi
        sleep 0.1
    done
    demo=''
}

clean() {
    stop_demo
    cd /
    [ -z "$base" ] || rm -rf "$base"
    [ -z "$made_user" ] || userdel "$user" 2>/dev/null || true
    base='' made_user=''
}
trap clean EXIT
trap 'exit 130' INT TERM

# Start the demo on a free port; leave `seconds` until it said it is ready.
demo_ready() {
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    log=$base/demo-$1.log
    began=$(now)
    (bare setsid demo PORT="$port" DATA="$base/data") >"$log" 2>&1 &
    demo=$!
    until grep -qF "Parlons is ready at http://127.0.0.1:$port" "$log"; do
        if ! kill -0 "$demo" 2>/dev/null; then
            cat "$log"; say "the demo ended before it was ready"; exit 1
        fi
        if python3 -c 'import sys; sys.exit(float(sys.argv[1]) < 900)' "$(since "$began")"; then
            cat "$log"; say "the demo was not ready after 15 minutes"; exit 1
        fi
        sleep 0.1
    done
    seconds=$(since "$began")
    python3 - "http://127.0.0.1:$port/health/ready" <<'P'
import sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
with opener.open(sys.argv[1], timeout=10) as answer:
    assert answer.status == 200, answer.status
P
}

round() {
    who=$1
    base=$(mktemp -d "${TMPDIR:-/tmp}/parlons-fresh.XXXXXX")
    chmod 755 "$base"
    mkdir "$base/home"
    git -c safe.directory='*' clone -q --no-hardlinks "$here" "$base/clone"
    if [ -n "$who" ]; then chown -R "$who:" "$base"; fi
    say "as ${who:-$(id -un)}, in $base"
    demo_ready cold
    sed 's/^/    /' "$log"
    cold=$seconds
    stop_demo
    demo_ready warm
    warm=$seconds
    stop_demo
    if [ -e "$base/data/postgres/postmaster.pid" ]; then say "the demo left its database running"; exit 1; fi
    figure demo.cold_s "$cold" 120
    figure demo.warm_s "$warm" 5
    if [ "${FRESH_TESTS:-yes}" != no ]; then
        began=$(now)
        (bare '' test) || { say "make test failed as ${who:-$(id -un)}"; exit 1; }
        say "make test passed as ${who:-$(id -un)} in $(since "$began") s"
    fi
    rm -rf "$base"
    base=''
}

[ -z "$(git -C "$here" status --porcelain --untracked-files=no 2>/dev/null)" ] || say "changes that are not committed are left out"
round ''
if [ "$(id -u)" = 0 ] && [ "${FRESH_USER:-yes}" != no ]; then
    if ! id "$user" >/dev/null 2>&1; then
        useradd --system --user-group --no-create-home --home-dir /nonexistent "$user"
        made_user=yes
    fi
    round "$user"
fi
say "all passed"
