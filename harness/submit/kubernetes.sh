#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Trains the {{cells}} cells of a plan on Kubernetes, then collects and reports. Written by
# `mneme submit` beside cells.yaml and finish.yaml, to be read and edited. The folder is that of a
# volume which each pod mounts in the same place. Where kubectl works: bash submit.sh
set -euo pipefail

mneme={{mneme}}
folder={{folder}}
cells={{cells}}
pack={{pack}}         # cells that one pod trains; cells.yaml has the number of pods
jobs={{jobs}}         # of these at once
options=({{options}})   # of mneme cell

train() { # in a pod
    local first=$((JOB_COMPLETION_INDEX * pack))
    local last=$((first + pack - 1))
    ((last < cells)) || last=$((cells - 1))
    # In place of this shell, so that a signal to the pod reaches it.
    exec "$mneme" cell --plan "$folder/plan.json" --index "$first-$last" --jobs "$jobs" \
        ${options[@]+"${options[@]}"}
}

finish() { # in a pod
    "$mneme" collect "$folder"
    "$mneme" report "$folder"
}

submit() {
    local ended
    command -v kubectl >/dev/null || {
        echo "submit.sh: there is no kubectl here; run it where the cluster is administered" >&2
        exit 65
    }
    kubectl apply -f "$folder/cells.yaml"
    while :; do # complete, or failed: a failed run is a result, too
        ended=$(kubectl get job {{name}} -o jsonpath='{range .status.conditions[*]}{.type} {end}')
        [[ $ended != *Complete* && $ended != *Failed* ]] || break
        sleep 10
    done
    kubectl apply -f "$folder/finish.yaml"
}

"${@:-submit}"
