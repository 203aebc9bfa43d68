// SPDX-License-Identifier: Apache-2.0
// For the fake worker: writes the files of a cell's runs as if they had been trained, with numbers
// that depend on label and seed only, and prints the runs as the `done` message has them. usage:
// write_run CELL.json
// write_run PLAN.json FOLDER: those of all cells of a plan, into a results folder.
// MNEME_FAKE_SKILL: {"label": [correct answers of 200 under seed 1, 2, ...]}, repeated for further
// seeds, in place of the usual numbers; "benchmark/label" goes before "label".
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <base/system.hpp>
#include <benchmarks/tasks.hpp>
#include <protocol/requests.hpp>
#include <protocol/run_folder.hpp>
#include <protocol/run_record.hpp>
#include <results/results.hpp>

using namespace mneme;

namespace {

std::int32_t skill_of(const std::string& benchmark, const protocol::Run& run) {
    const std::string text = base::environment("MNEME_FAKE_SKILL");
    const auto given = protocol::Json::parse(text.empty() ? "{}" : text);
    for (const std::string& name : {benchmark + "/" + run.label, run.label})
        if (given.contains(name)) {
            const auto skills = given.at(name).get<std::vector<std::int32_t>>();
            return skills[std::size_t(run.seed - 1) % skills.size()];
        }
    const int step = (run.seed - 1) % 13 + 1; // more of them would be above 200
    return std::int32_t(100 + 37 * run.label.size() % 60) + step * 3;
}

protocol::Json write_runs(const protocol::Cell& cell) {
    protocol::Json said = protocol::Json::array();
    for (const protocol::Run& run : cell.runs) {
        results::Block block = protocol::empty_record(cell, run, results::Outcome::complete, "");
        const std::size_t tasks = block.tasks.size();
        const std::int32_t skill = skill_of(cell.spec().name, run);
        for (std::size_t j = 0; j < tasks; ++j) {
            block.n_evaluated.at({j}) = 200;
            block.initial_correct.at({0, 0, j}) = 20;
            block.data_digest.at({0, j}) = std::string(62, 'd') + (run.seed % 2 ? "1" : "2") +
                                           std::string(1, char('0' + j % 10));
            block.train_seconds.at({0, 0, j}) = 1.5;
            block.kept_bytes.at({0, 0, j}) = 2048;
            for (std::size_t i = 0; i < tasks; ++i)
                block.n_correct.at({0, 0, i, j}) = j > i ? 20 : skill - std::int32_t(i - j) * 5;
            if (!block.n_correct_task_aware.empty())
                for (std::size_t i = 0; i < tasks; ++i)
                    block.n_correct_task_aware.at({0, 0, i, j}) = block.n_correct.at({0, 0, i, j});
        }
        results::write(protocol::RunFolder(cell.output).run(run.digest), {run.label, "", {block}});
        said.push_back({{"digest", run.digest}, {"outcome", 0}, {"message", ""}});
    }
    return said;
}

} // namespace

int main(int count, char** argv) {
    if (count == 2) {
        std::cout << write_runs(protocol::read_request<protocol::Cell>(argv[1])).dump() << "\n";
        return 0;
    }
    std::ifstream in(argv[1]);
    const protocol::Json plan = protocol::Json::parse(in);
    for (const protocol::Json& json : plan.at("cells")) {
        protocol::Cell cell = protocol::cell_from_json(json);
        cell.output = argv[2];
        write_runs(cell);
    }
}
