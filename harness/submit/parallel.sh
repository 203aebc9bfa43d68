#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Trains the {{cells}} cells of a plan on several hosts by GNU parallel and ssh, then collects and
# reports. Written by `mneme submit`, to be read and edited. All hosts see one file system.
# To start it, and to go on: bash submit.sh
set -euo pipefail

mneme={{mneme}}
folder={{folder}}
hosts={{hosts}}  # a host a line, as --sshloginfile takes it
cells={{cells}}
pack={{pack}}         # cells that one task trains
jobs={{jobs}}         # of these at once
throttle={{throttle}}     # tasks at once on a host; 0: one a core
options=({{options}})   # of mneme cell
# A host that is gone says nothing: given up after a minute, or after ten seconds when it is called.
ssh=${PARALLEL_SSH:-ssh -o ConnectTimeout=10 -o ServerAliveInterval=15 -o ServerAliveCountMax=4}

train() { # the number of the task
    local first=$(($1 * pack)) last=$(($1 * pack + pack - 1)) code=0
    ((last < cells)) || last=$((cells - 1))
    "$mneme" cell --plan "$folder/plan.json" --index "$first-$last" --jobs "$jobs" \
        ${options[@]+"${options[@]}"} || code=$?
    # Parallel tries again whatever does not end with 0. These have left their records.
    case $code in 65 | 69 | 70) code=0 ;; esac
    exit "$code"
}

submit() {
    local tasks=$(((cells + pack - 1) / pack)) failed=0
    command -v parallel >/dev/null || {
        echo "submit.sh: there is no GNU parallel here; install the package parallel" >&2
        exit 65
    }
    # Another host takes over what a lost one was at. GNU parallel quotes for the shell that it is
    # called from, and cannot tell which that is where $SHELL is not set.
    export SHELL=$BASH
    seq 0 "$((tasks - 1))" |
        parallel --will-cite --ssh "$ssh" --sshloginfile "$hosts" --jobs "$( ((throttle > 0)) &&
            echo "$throttle" || echo 100%)" --retries 4 --joblog "$folder/parallel.log" \
            "bash $(printf '%q' "$(realpath -- "$0")") train {}" || failed=$?
    "$mneme" collect "$folder"
    "$mneme" report "$folder"
    if ((failed > 0)); then
        echo "submit.sh: $failed tasks are not done ($folder/parallel.log); run it again" >&2
        exit 75
    fi
}

"${@:-submit}"
