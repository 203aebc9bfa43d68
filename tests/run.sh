#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tests/run.sh BUILD [LABEL...|all]    runs the tests that are built there and counts their
#                                             cases; ./test calls it.
# MNEME_TEST_SEED repeats an order, MNEME_TEST_JOBS sets how many programs run at once.
set -euo pipefail

left_out=(claims scale browser fuzz speed) # minutes to hours, or needing what a machine may lack
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "$1" && pwd)
shift

join() { local IFS='|'; printf '%s' "$*"; }

choice=()
if (($# == 0)); then
    choice=(-LE "^($(join "${left_out[@]}"))\$")
    echo "labels left out: ${left_out[*]} (./test LABEL... runs those named, ./test all everything)"
elif [[ $* != all ]]; then
    mapfile -t known < <(ctest --test-dir "$build" --print-labels | sed -n 's/^  //p')
    for label in "$@"; do
        if ! printf '%s\n' "${known[@]}" | grep -qxF -- "$label"; then
            echo "test: no test has the label '$label'; there are: ${known[*]}" >&2
            exit 64
        fi
    done
    choice=(-L "^($(join "$@"))\$")
fi

# Seeds stay below 2^31: CMake reads them as int. Two programs at least, since CTest orders by cost
# only when it runs in parallel.
export MNEME_TEST_SEED=${MNEME_TEST_SEED:-$((RANDOM * 32768 + RANDOM))}
jobs=${MNEME_TEST_JOBS:-$(nproc)}
if ((jobs < 2)); then jobs=2; fi
echo "random order, seed $MNEME_TEST_SEED (MNEME_TEST_SEED=$MNEME_TEST_SEED repeats it)"

notes=$(mktemp -d)
trap 'rm -rf "$notes"' EXIT
export MNEME_TEST_COUNTS=$notes/counts
: >"$MNEME_TEST_COUNTS"

status=0
ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$jobs" \
    --output-junit "$notes/report.xml" "${choice[@]}" </dev/null || status=$?
python3 "$tests/count_cases.py" count "$MNEME_TEST_COUNTS" "$notes/report.xml" || exit 1
exit $((status ? 1 : 0))
