// SPDX-License-Identifier: Apache-2.0
// The tidy table, which Mneme's own Recorder writes, and those of Avalanche's CSVLogger and of
// CLArena's CLAccuracy.
#include <algorithm>
#include <limits>

#include <base/error.hpp>

#include "importer/formats.hpp"
#include "importer/table.hpp"

namespace mneme::importer {

namespace {

constexpr int most_tasks = 10'000;
constexpr std::int32_t most = std::numeric_limits<std::int32_t>::max();

} // namespace

Evaluations read_tidy(const std::string& text, const std::string& file, const RunName& names) {
    const Table table(text, file);
    Evaluations all;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        const std::string place = table.place(row);
        const auto task = [&](const std::string& column) {
            const std::string index = column + "_index"; // where the column holds names
            return whole_number(table.cell(row, table.has(index) ? index : column),
                                place + ", " + column, 1, most_tasks);
        };
        Evaluation one;
        one.run = {table.cell_or(row, "benchmark", names.benchmark),
                   table.cell_or(row, "method", names.method),
                   table.cell_or(row, "scenario", names.scenario), names.seed};
        if (table.has("seed"))
            one.run.seed = whole_number(table.cell(row, "seed"), place + ", seed", 0, most);
        one.trained_task = task("trained_task");
        one.evaluated_task = task("evaluated_task");
        const std::string correct = table.cell_or(row, "n_correct", ""),
                          evaluated = table.cell_or(row, "n_evaluated", "");
        if (!correct.empty() && !evaluated.empty()) {
            one.n_evaluated = whole_number(evaluated, place + ", n_evaluated", 1, most);
            one.n_correct = whole_number(correct, place + ", n_correct", 0, one.n_evaluated);
        } else {
            const Accuracy read = accuracy(table.cell(row, "accuracy"), place + ", accuracy", 1);
            one.accuracy = read.value;
            one.decimals = read.decimals;
        }
        all.push_back(one);
    }
    return all;
}

Evaluations read_avalanche(const std::string& text, const std::string& file, const RunName& names) {
    const Table table(text, file);
    Evaluations all;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        const std::string place = table.place(row);
        if (table.cell(row, "training_exp") == "None") continue; // before any training
        Evaluation one;
        one.run = names;
        one.trained_task = 1 + whole_number(table.cell(row, "training_exp"),
                                            place + ", training_exp", 0, most_tasks - 1);
        one.evaluated_task =
            1 + whole_number(table.cell(row, "eval_exp"), place + ", eval_exp", 0, most_tasks - 1);
        const Accuracy read =
            accuracy(table.cell(row, "eval_accuracy"), place + ", eval_accuracy", 1);
        one.accuracy = read.value;
        one.decimals = read.decimals;
        all.push_back(one);
    }
    return all;
}

// CLArena writes a row for each task trained and a column for each task tested; its header grows
// with the tasks, while the rows above stay as short as they were. Tasks have their own
// identifiers, which are numbered here in the order of the rows.
Evaluations read_clarena(const std::string& text, const std::string& file, const RunName& names) {
    const Table table(text, file, Rows::may_end_early);
    const std::string tested = "test_on_task_";
    std::vector<std::string> tasks;
    for (std::size_t row = 0; row < table.rows(); ++row)
        tasks.push_back(table.cell(row, "after_training_task"));
    Evaluations all;
    for (std::size_t row = 0; row < table.rows(); ++row)
        for (const std::string& column : table.columns()) {
            if (!column.starts_with(tested) || table.cell(row, column).empty()) continue;
            const auto task = std::find(tasks.begin(), tasks.end(), column.substr(tested.size()));
            if (task == tasks.end())
                throw base::ExitError(base::ExitCode::bad_input,
                                      file + ": column " + column +
                                          " is of a task that no row was trained on; take the "
                                          "acc.csv of the whole run");
            const Accuracy read =
                accuracy(table.cell(row, column), table.place(row) + ", " + column, 1);
            all.push_back({names, int(row) + 1, int(task - tasks.begin()) + 1, -1, -1, read.value,
                           read.decimals});
        }
    return all;
}

} // namespace mneme::importer
