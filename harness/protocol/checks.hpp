// SPDX-License-Identifier: Apache-2.0
// The checks of `mneme check`, in order. The first few read the file; the others need a worker, and
// a method each.
#pragma once

namespace mneme::protocol {

struct Check {
    const char *name, *proves;
};

inline constexpr Check file_checks[] = {
    {"note", "the file says what it is before it is loaded"},
    {"symbol", "mneme_plugin_v1 is the only symbol that it exports"},
    {"libraries", "it needs the C and C++ runtime only"},
};

inline constexpr Check method_checks[] = {
    {"construct", "a learner can be made and destroyed"},
    {"options", "every option has help, a numeric one has bounds"},
    {"same bits", "two runs of one seed are equal bit for bit"},
    {"replicas", "S replicas are equal to S single runs bit for bit"},
    {"resume",
     "stopped within a phase and loaded into another learner, it goes on with the same bits"},
    {"state", "state() visits the same names in the same order, each with values of its own"},
    {"kept", "the bytes it keeps do not grow within a phase"},
    {"predict", "predict leaves the learner as it was"},
    {"conduct",
     "gradient recording, threads, LibTorch's generator, stdout and environment are left alone"},
    {"process",
     "locale, folder, file modes, rounding, signals, timers, threads, children and files are left "
     "alone, and it ends"},
    {"handles", "no handle is left when it is destroyed"},
    {"learns", "after its first task it beats the untrained network there"},
    {"steps", "the steps of a phase are one sequence of operators, without a look at a value"},
    {"replay", "on a GPU, a step recorded and played again does what the step called does"},
    {"extremes", "every option at its bounds and every choice can be trained with"},
};

} // namespace mneme::protocol
