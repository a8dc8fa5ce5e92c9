#!/usr/bin/env bash
# Keeps a list of tickers up to date, night after night: run it from cron or a timer.
#
#   nightly.sh kr.txt 2015 2025 dividends.csv
#
# An unfinished job of the same settings is gone on with; otherwise a new one asks for what is
# missing, and again for the two latest years, whose reports may have been corrected. Failed steps
# are tolerable: the next night asks them again. At the day's limit it stops and goes on tomorrow.
set -euo pipefail

list=$1 first=$2 last=$3 out=$4
dps=${DPS:-dps}

code=0
job=$("$dps" job create --tickers-file "$list" "$first" "$last" --name nightly \
    --recheck-recent 2 --or-resume --run --progress none) || code=$?
case $code in
    0 | 3) ;;   # done, perhaps with failed steps: `dps job show "$job" --failures` names them
    5) echo "stopped for today, tomorrow's run goes on with $job" >&2 ;;
    *) exit "$code" ;;
esac

# What is known is written whole or not at all.
"$dps" job series "$job" --format csv >"$out.part" || [ $? -eq 3 ]
mv "$out.part" "$out"
