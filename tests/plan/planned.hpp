// SPDX-License-Identifier: Apache-2.0
// What the tests of plans share: a suite with the answers that a worker would give.
#pragma once

#include <string>
#include <vector>

#include "support.hpp"

namespace plan_test {

using namespace mneme::harness;
namespace protocol = mneme::protocol;

// What a worker would answer for an entry: number `lambda` (10), count `memory` (5), lr .01.
inline protocol::Constructed answer(const Entry& entry, std::size_t index,
                                    std::vector<std::string> flags) {
    Json lambda = 10.0, memory = 5,
         train = to_json(protocol::merge(protocol::train_defaults(), {}, train_from(entry.train)));
    if (!train.contains("lr")) train["lr"] = 0.01;
    for (const auto& [key, setting] : entry.options)
        (key == "lambda" ? lambda : memory) = setting.value;
    protocol::Option first, second;
    first.name = "lambda", first.kind = "number", first.value = lambda;
    second.name = "memory", second.kind = "count", second.value = memory;
    return {static_cast<std::int64_t>(index),
            entry.plugin,
            "1.0",
            "",
            "arXiv",
            flags,
            {first, second},
            train};
}

struct Planned {
    Suite suite;
    std::vector<PluginFile> plugins;
    std::vector<protocol::Message> answers;
    PlanOptions options;
    Plan plan() const { return make_plan(suite, plugins, answers, options); }
};

inline Planned prepare(const Suites& suites, const std::string& methods,
                       std::vector<std::string> flags = {"batched"}) {
    Planned planned;
    planned.suite = suites.load(head + methods);
    for (const auto& entry : planned.suite.methods)
        planned.plugins.push_back({entry.plugin, "/p/" + entry.plugin + ".so", "77", "note"});
    for (std::size_t i = 0; i < planned.suite.methods.size(); ++i)
        planned.answers.push_back(answer(planned.suite.methods[i], i, flags));
    return planned;
}

// "label:seed label:seed | ..." of a plan's cells.
inline std::string shape(const Plan& plan) {
    std::string text;
    for (const auto& cell : plan.cells) {
        if (!text.empty()) text += "| ";
        for (const auto& run : cell.runs) text += run.label + ":" + std::to_string(run.seed) + " ";
    }
    return text;
}

inline const std::string grid =
    "[[method]]\nname = \"e\"\nplugin = \"ewc\"\nlambda = { grid = [1, 2] }\nmemory = { grid = [3, "
    "4] }\n[[method]]\nplugin = \"f\"\n";

} // namespace plan_test
