// SPDX-License-Identifier: Apache-2.0
#include "cli/record.hpp"

#include <unistd.h>

#include <array>

#include <benchmarks/tasks.hpp>
#include <results/results.hpp>

#include "cli/version.hpp"
#include "plan/record.hpp"

namespace mneme::cli {
namespace {

std::map<std::string, std::string> provenance(const harness::Cell& cell, const harness::Run& run) {
    std::array<char, 256> host{};
    gethostname(host.data(), host.size() - 1);
    std::map<std::string, std::string> out{
        {"options_toml", harness::toml_text(run.effective_options)},
        {"train_toml", harness::toml_text(run.effective_train)},
        {"plugin_id", cell.plugin_id},
        {"plugin_version", cell.plugin_version},
        {"plugin_sha256", cell.plugin_sha256},
        {"plugin_note", cell.plugin_note},
        {"paper", cell.plugin_paper},
        {"harness_version", version},
        {"device", cell.device},
        {"threads", std::to_string(cell.threads)},
        {"precision", cell.precision},
        {"command_line", cell.command_line},
        {"host", host.data()},
        {"environment_json", "{}"}};
    for (const char* key : {"git_commit", "git_dirty", "libtorch", "blas", "hdf5", "compiler",
                            "driver", "cuda", "graphs"})
        out[key] = "unknown"; // only the worker could have said
    return out;
}

} // namespace

results::Block empty_record(const harness::Cell& cell, const harness::Run& run,
                            results::Outcome outcome, const std::string& message) {
    const bench::Spec& spec = cell.benchmark.spec;
    results::Block block =
        results::Block::blank({run.label}, {std::int32_t(run.seed)}, bench::task_names(spec), 0, 0);
    block.benchmark = spec.name;
    block.version = spec.version;
    block.digest = cell.benchmark.digest;
    block.toml = cell.benchmark.toml;
    block.scenario = spec.scenario.kind;
    block.evaluated_on = cell.evaluate_on;
    block.chance_accuracy = bench::chance(spec);
    if (spec.scenario.kind == "class") block.n_correct_task_aware = block.n_correct;
    block.outcome.at({0, 0}) = std::int32_t(outcome);
    block.outcome_message.at({0, 0}) = message;
    block.provenance[run.label] = provenance(cell, run);
    return block;
}

void write_record(const std::filesystem::path& path, const harness::Cell& cell,
                  const harness::Run& run, results::Outcome outcome, const std::string& message) {
    results::write(
        path, {cell.benchmark.spec.name + ", " + run.label + ", seed " + std::to_string(run.seed),
               "",
               {empty_record(cell, run, outcome, message)}});
}

} // namespace mneme::cli
