#!/usr/bin/env bash
# Makes one of these databases with the program of an earlier commit: make.sh PROGRAM FILE.db
set -euo pipefail
program=$(realpath "$1")
db=$(realpath "$2")
cd "$(dirname "$0")"
rm -f "$db" "$db"-*
work=$(mktemp -d)
"$program" sandbox --port 8765 --data answers >/dev/null 2>&1 &
server=$!
trap 'kill "$server"; rm -rf "$work"' EXIT
until (: </dev/tcp/127.0.0.1/8765) 2>/dev/null; do sleep 0.1; done

export DPS_DB=$work/dps.db DPS_API_BASE=http://127.0.0.1:8765
export DART_API_KEY=kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk
has() { [[ $("$program" "$@" --help 2>&1) != *unrecognized* ]]; }

# Runs a job at two calls a second until a step within a company is next, then stops it there.
stop_within() {
    local next=$1 name=$2
    shift 2
    DPS_RATE_PER_MINUTE=120 "$program" job run "$name" --progress json >"$work/events" &
    local run=$!
    until grep -qE "$next" "$work/events"; do
        kill -0 "$run"
        sleep 0.02
    done
    "$@" "$run"
    wait "$run" || true
}
pause() { "$program" job pause paused; }
interrupt() { kill -TERM "$1"; }

"$program" series 900010 900015 2020 2022
if has job; then
    "$program" events import events.csv
    "$program" job create --tickers 900020 2020 2022 --name done --run
    "$program" job create --tickers 900020,900990 2021 2022 --name failed --run || true
    "$program" job create --tickers 900030,900040,900050 2020 2022 --name paused
    stop_within '"ticker":"9000[45]0","year":202[12]' paused pause
    "$program" job create --tickers 900060,900070 2020 2022 --name cancelled
    stop_within '"ticker":"9000[67]0","year":202[12]' cancelled interrupt
    plan=own
    if "$program" job create --help | grep -q window; then plan=window; fi
    "$program" job create --tickers 900010,900070 2020 2022 --plan "$plan" --name pending
    "$program" job list
fi
sqlite3 "$DPS_DB" "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE; VACUUM;"
cp "$DPS_DB" "$db"
sqlite3 "$db" "SELECT 'schema ' || user_version FROM pragma_user_version"
