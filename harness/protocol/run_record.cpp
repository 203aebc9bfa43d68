// SPDX-License-Identifier: Apache-2.0
#include "protocol/run_record.hpp"

#include <base/system.hpp>
#include <benchmarks/tasks.hpp>
#include <results/provenance.hpp>
#include <results/results.hpp>

namespace mneme::protocol {

namespace {

// The name of the job that this process runs in, as its scheduler's own commands take it: 12, or
// 12_3 for task 3 of an array. Empty outside of Slurm.
std::string scheduler_job() {
    const std::string array = base::environment("SLURM_ARRAY_JOB_ID");
    return array.empty() ? base::environment("SLURM_JOB_ID")
                         : array + "_" + base::environment("SLURM_ARRAY_TASK_ID");
}

std::string device_of(const Cell& cell, const Provenance& made) {
    return made.device.empty() ? cell.execution.device : made.device;
}

std::map<std::string, std::string> provenance_of(const Cell& cell, const Run& run,
                                                 const Provenance& made) {
    results::Provenance p;
    p.options_toml = toml_text(run.effective_options);
    p.train_toml = toml_text(run.effective_train);
    p.plugin_id = cell.plugin.id;
    p.plugin_version = cell.plugin.version;
    p.plugin_sha256 = cell.plugin.sha256;
    p.plugin_note = cell.plugin.note;
    p.paper = cell.plugin.paper;
    p.harness_version = MNEME_VERSION;
    p.git_commit = made.git_commit;
    p.git_dirty = made.git_dirty;
    p.libtorch = made.libtorch;
    p.blas = made.blas;
    p.hdf5 = made.hdf5;
    p.compiler = made.compiler;
    p.device = device_of(cell, made);
    p.driver = made.driver;
    p.cuda = made.cuda;
    p.threads = std::to_string(cell.execution.threads);
    p.precision = cell.execution.precision;
    p.graphs = made.graphs;
    p.conv_impl = made.conv_impl;
    p.command_line = cell.command_line;
    p.environment_json = made.environment_json;
    p.host = base::host_name();
    return p.texts();
}

} // namespace

results::Block new_record(const Cell& cell, const Run& run, const RecordSize& size,
                          const Provenance& made) {
    const auto tasks = bench::task_names(cell.spec());
    auto block = results::Block::blank({run.label}, {static_cast<int32_t>(run.seed)}, tasks,
                                       size.classes, tasks.size() * size.points_of_curve);
    block.benchmark = cell.spec().name;
    block.version = cell.spec().version;
    block.digest = cell.data.benchmark.digest;
    block.toml = cell.data.benchmark.toml;
    block.scenario = cell.spec().scenario.kind;
    block.evaluated_on = cell.data.evaluate_on;
    block.evaluate = cell.evaluation.tasks;
    block.chance_accuracy = bench::chance(cell.spec());
    if (block.scenario == "class") block.n_correct_task_aware = block.n_correct;
    block.limit_train = static_cast<int32_t>(cell.data.most_train);
    block.limit_test = static_cast<int32_t>(cell.data.most_test);
    block.looks.assign(cell.looks.begin(), cell.looks.end());
    block.request_digest.at({0, 0}) = run.digest;
    block.run_host.at({0, 0}) = base::host_name();
    block.run_device.at({0, 0}) = device_of(cell, made);
    block.job_id.at({0, 0}) = scheduler_job();
    block.provenance[run.label] = provenance_of(cell, run, made);
    return block;
}

results::Block empty_record(const Cell& cell, const Run& run, results::Outcome outcome,
                            const std::string& message, std::int32_t restarts) {
    auto block = new_record(cell, run);
    block.outcome.at({0, 0}) = static_cast<int32_t>(outcome);
    block.outcome_message.at({0, 0}) = message;
    block.restart_count.at({0, 0}) = restarts;
    return block;
}

void write_record(const std::filesystem::path& path, const Cell& cell, const Run& run,
                  results::Outcome outcome, const std::string& message, std::int32_t restarts) {
    results::write(
        path, {record_title(cell, run), "", {empty_record(cell, run, outcome, message, restarts)}});
}

std::string record_title(const Cell& cell, const Run& run) {
    return cell.spec().name + ", " + run.label + ", seed " + std::to_string(run.seed);
}

} // namespace mneme::protocol
