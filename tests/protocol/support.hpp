// SPDX-License-Identifier: Apache-2.0
// What the tests of the protocol share.
#pragma once

#include <string>

#include <base/error.hpp>

#include "protocol/cell.hpp"

namespace protocol_test {

// "65 message" of an ExitError, "" when nothing was thrown.
template <class F> std::string fault_of(F action) {
    try {
        action();
    } catch (const mneme::base::ExitError& fault) {
        return std::to_string(static_cast<int>(fault.code())) + " " + fault.what();
    }
    return "";
}

// A cell with a value of its own in every field.
inline mneme::protocol::Cell full_cell() {
    mneme::protocol::Cell cell;
    cell.plugin = {"ewc", "/p/ewc.so", std::string(64, 'b'), "1.2", "arXiv", "two\nlines"};
    cell.execution = {"cpu", 3, "fp32"};
    cell.limits = {0.1, 20, 12};
    auto& spec = cell.data.benchmark.spec;
    spec.name = "tiny";
    spec.version = "1";
    spec.stream.kind = "synthetic";
    spec.stream.tasks = 3;
    spec.stream.classes_per_task = 2;
    spec.stream.features = 6;
    spec.scenario.kind = "class";
    spec.network.hidden = {8};
    spec.train.lr = 0.01;
    cell.data.benchmark.digest = std::string(64, 'c');
    cell.data.benchmark.toml = "version = \"1\"\n";
    cell.data.most_train = 500;
    cell.data.folders = {"/data one"};
    cell.output = "/out";
    cell.evaluation = {"seen", 5, 0, 40, true, false, "task_ends"};
    cell.command_line = "mneme run s.toml --set x='a b'";
    mneme::protocol::Run run;
    run.digest = std::string(64, 'a');
    run.label = "ewc";
    run.seed = 2;
    run.options = {{"lambda", {2.5, "s.toml:5:1"}}, {"fisher", {"exact", "--set"}}};
    run.effective_options = {{"lambda", 2.5}, {"fisher", "exact"}};
    run.effective_train = {{"lr", 0.01}, {"epochs", 20}};
    cell.runs = {run};
    return cell;
}

} // namespace protocol_test
