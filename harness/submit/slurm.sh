#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Trains the {{cells}} cells of a plan on Slurm, then collects and reports. Written by
# `mneme submit`, to be read and edited. On a login node: bash submit.sh
set -euo pipefail

mneme={{mneme}}
folder={{folder}}
cells={{cells}}
pack={{pack}}         # cells that one task of the array trains
jobs={{jobs}}         # of these at once
throttle={{throttle}}     # tasks at once; 0: as many as there is room for
notice=120     # seconds before the time limit when a task writes its checkpoints and is requeued
restarts=20    # of a task that ends with 75 though it got no signal
every=({{every}})     # options of sbatch for each job
training=({{training}})  # and for those that train
options=({{options}})   # of mneme cell

train() { # the number of the array's first task
    local task=$(($1 + SLURM_ARRAY_TASK_ID)) child= code signalled=
    local first=$((task * pack)) last=$((task * pack + pack - 1))
    ((last < cells)) || last=$((cells - 1))
    # Before the time limit, and on pre-emption. The trap runs while the shell waits, and ends that.
    trap 'signalled=yes; [[ -z $child ]] || kill -USR1 "$child" 2>/dev/null || true' USR1 TERM
    "$mneme" cell --plan "$folder/plan.json" --index "$first-$last" --jobs "$jobs" \
        ${options[@]+"${options[@]}"} &
    child=$!
    [[ -z $signalled ]] || kill -USR1 "$child" 2>/dev/null || true # before there was a child
    while :; do
        code=0
        wait "$child" || code=$?
        kill -0 "$child" 2>/dev/null || break
    done
    if ((code > 128)); then
        code=0
        wait "$child" || code=$?
    fi
    # Met by the signal before it was mneme: it has done nothing.
    if [[ -n $signalled && $code == $((128 + $(kill -l USR1))) ]]; then code=75; fi
    # 75 is temporary. Where users may not requeue, RequeueExit=75 of slurm.conf does the same;
    # without either, submit again: what is finished is not trained twice.
    # A full disk may stay full for ever.
    if ((code == 75)) && [[ -z $signalled ]] && ((${SLURM_RESTART_COUNT:-0} >= restarts)); then
        echo "submit.sh: not requeued after $SLURM_RESTART_COUNT restarts, for the reason above;" \
            "submit again when it is gone" >&2
    elif ((code == 75)); then
        scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID" || true
    fi
    exit "$code"
}

finish() { # once every task has ended, however it did: a failed run is a result, too
    "$mneme" collect "$folder"
    "$mneme" report "$folder"
}

send() { # OPTION... SCRIPT ROLE...; prints the number of the job
    local id
    id=$(sbatch --parsable --job-name=mneme --chdir="$folder" ${every[@]+"${every[@]}"} "$@") ||
        return
    printf '%s\n' "${id%%;*}"
}

submit() {
    local here largest tasks first size after id ids=
    here=$(realpath -- "$0")
    largest=$(scontrol show config | sed -n 's/^MaxArraySize *= *//p')
    ((largest > 0)) || {
        echo "submit.sh: this Slurm takes no job arrays (MaxArraySize); use --parallel HOSTFILE" >&2
        exit 65
    }
    tasks=$(((cells + pack - 1) / pack))
    mkdir -p -- "$folder/slurm"
    for ((first = 0; first < tasks; first += largest)); do
        size=$((tasks - first < largest ? tasks - first : largest))
        # Slurm throttles one array: another one has to wait for it.
        after=()
        if ((throttle > 0)) && [[ -n $ids ]]; then after=("--dependency=afterany:${ids##*:}"); fi
        id=$(send --array="0-$((size - 1))$( ((throttle == 0)) || printf '%%%d' "$throttle")" \
            --requeue --signal="B:USR1@$notice" --open-mode=append --output=slurm/%A_%a.out \
            --ntasks=1 --cpus-per-task="$jobs" ${after[@]+"${after[@]}"} \
            ${training[@]+"${training[@]}"} "$here" train "$first") || {
            echo "submit.sh: sbatch has not taken task $first and those after it, for the reason" \
                "above; edit the options at the top, or wait${ids:+. It has taken${ids//:/ }}" >&2
            exit 75
        }
        ids+=:$id
    done
    id=$(send --dependency="afterany$ids" --output=slurm/finish-%j.out "$here" finish) || {
        echo "submit.sh: the tasks are submitted as${ids//:/ }, but not what follows them, for" \
            "the reason above. When they have ended: bash $here finish" >&2
        exit 75
    }
    echo "submitted: $tasks tasks as${ids//:/ }; collect and report as $id"
}

command -v sbatch >/dev/null || {
    echo "submit.sh: there is no sbatch here; run it on a login node of the cluster" >&2
    exit 65
}
"${@:-submit}"
