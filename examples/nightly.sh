#!/usr/bin/env bash
# Keeps a list of tickers up to date, night after night: run it from cron or a timer.
#
#   nightly.sh kr.txt 2015 2025 dividends.csv
#
# An unfinished job of the same settings is gone on with; otherwise a new one asks for what is
# missing, and again for the two latest years, whose reports may have been corrected. Failed steps
# are tolerable: `dps job show nightly --failures` names them. Where it has to stop (the day's limit,
# maintenance, no network) it writes what is known and exits 5, and the next night goes on.
set -euo pipefail

list=$1 first=$2 last=$3 out=$4
dps=${DPS:-dps}

code=0
job=$("$dps" job create --tickers-file "$list" "$first" "$last" --name nightly \
    --recheck-recent 2 --or-resume --run --progress none) || code=$?
case $code in
    0 | 3 | 5) ;;
    *) exit "$code" ;;
esac

# What is known is written whole or not at all; where nothing is, the last file stays.
rows=0
"$dps" job series "$job" --format csv >"$out.part" 2>/dev/null || rows=$?
case $rows in
    0 | 3) mv "$out.part" "$out" ;;
    *) rm -f "$out.part" ;;
esac
if [ "$code" -eq 5 ]; then
    echo "stopped before its end, the next run goes on with $job" >&2
    exit 5
fi
