// SPDX-License-Identifier: Apache-2.0
#include "plan/suite_keys.hpp"

namespace mneme::harness {

namespace {

const std::vector<std::string> splits{"test", "validation"}, precisions{"fp32", "tf32"};
constexpr int64_t most_mebibytes = INT64_MAX >> 20; // in bytes it still fits

} // namespace

const std::vector<SuiteKey>& suite_keys() {
    static const std::vector<SuiteKey> all{
        {"suite",
         "title",
         [](Suite& s) -> SuiteField { return &s.title; },
         {},
         0,
         "a string",
         "the file's name",
         "what reports call the suite",
         true},
        {"suite",
         "benchmarks",
         nullptr,
         {},
         0,
         "a list of names, or of paths below the suite",
         "required",
         "what the methods are compared on, by a name of `mneme list benchmarks`"},
        {"suite",
         "seeds",
         nullptr,
         {},
         0,
         "a count, or a list of integers",
         "required",
         "5 means 1 to 5; each seed is a run of its own",
         true},
        {"suite", "evaluate_on", [](Suite& s) -> SuiteField { return &s.evaluate_on; }, splits, 0,
         "test or validation", "test",
         "validation: on what the benchmark's `validation` keeps of the training examples", true},
        {"suite", "precision", [](Suite& s) -> SuiteField { return &s.precision; }, precisions, 0,
         "fp32 or tf32", "fp32", "tf32: products on a GPU with a mantissa of 10 bits", true},
        {"suite",
         "wall_limit_s",
         [](Suite& s) -> SuiteField { return &s.limits.wall_s; },
         {},
         0,
         "seconds, at least 0",
         "0",
         "how long a cell may take; 0: as long as it needs",
         true},
        {"suite",
         "stall_limit_s",
         [](Suite& s) -> SuiteField { return &s.limits.stall_s; },
         {},
         0,
         "seconds, at least 0",
         "600",
         "how long a cell may say nothing; 0: for ever",
         true},
        {"suite",
         "memory_limit_mib",
         [](Suite& s) -> SuiteField { return &s.limits.memory_mib; },
         {},
         most_mebibytes,
         "mebibytes, at least 0",
         "0",
         "how much memory a cell's process may hold; 0: as much as there is",
         true},
        {"suite",
         "method",
         nullptr,
         {},
         0,
         "[[method]] tables",
         "required",
         "the methods, in the order in which they are shown"},
        {"method",
         "plugin",
         nullptr,
         {},
         0,
         "a name of `mneme list methods`",
         "required",
         "which method"},
        {"method",
         "name",
         nullptr,
         {},
         0,
         "1 to 64 of A-Z, a-z, 0-9 and ._+-",
         "the plugin's name",
         "the label in tables and files; two entries of one plugin need two"},
        {"method",
         "train",
         nullptr,
         {},
         0,
         "a table of the keys of [train]",
         "the benchmark's",
         "training settings of this method alone, in place of the benchmark's"},
        {"method",
         "OPTION",
         nullptr,
         {},
         0,
         "a number, a string, true or false",
         "the plugin's own",
         "an option of the plugin, as `mneme describe METHOD` lists them"},
        {"method",
         "{ grid = [...] }",
         nullptr,
         {},
         0,
         "a list of values",
         "one value",
         "in place of a value of an option or of `train`: an entry for each value, or for each "
         "combination of several grids"},
    };
    return all;
}

std::vector<std::string> suite_key_names(const std::string& table) {
    std::vector<std::string> names;
    for (const SuiteKey& key : suite_keys())
        if (key.table == table) names.push_back(key.name);
    return names;
}

} // namespace mneme::harness
