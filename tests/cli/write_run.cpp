// SPDX-License-Identifier: Apache-2.0
// For the fake worker: writes the files of a cell's runs as if they had been trained, with numbers
// that depend on label and seed only, and prints the runs as the `done` message has them. usage:
// write_run CELL.json
#include <iostream>

#include <benchmarks/tasks.hpp>
#include <protocol/requests.hpp>
#include <protocol/run_folder.hpp>
#include <protocol/run_record.hpp>
#include <results/results.hpp>

int main(int, char** argv) {
    using namespace mneme;
    const auto cell = protocol::read_request<protocol::Cell>(argv[1]);
    protocol::Json said = protocol::Json::array();
    for (const protocol::Run& run : cell.runs) {
        results::Block block = protocol::empty_record(cell, run, results::Outcome::complete, "");
        const std::size_t tasks = block.tasks.size();
        const auto skill =
            std::int32_t(100 + 37 * run.label.size() % 60 + std::size_t(run.seed) * 3);
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
    std::cout << said.dump() << "\n";
}
