// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <base/error.hpp>

#include "host/plugin_log.hpp"
#include "protocol/requests.hpp"
#include "worker/cell_halves.hpp"
#include "worker/commands.hpp"
#include "worker/device_lost.hpp"
#include "worker/runner.hpp"

namespace mneme::harness {
namespace {

protocol::Done done(const Cell& cell, const std::vector<results::Block>& blocks) {
    protocol::Done message;
    for (std::size_t r = 0; r < blocks.size(); ++r)
        message.runs.push_back({cell.runs[r].digest, blocks[r].outcome.at({0, 0}),
                                blocks[r].outcome_message.at({0, 0})});
    return message;
}

ExitCode fail(Reporter& reporter, ExitCode exit, const std::string& message) {
    reporter.say(protocol::Failure{message, exit});
    return exit;
}

} // namespace

ExitCode run_cell(const std::string& path, double checkpoint_every_s, Reporter& reporter) {
    const auto cell = protocol::read_request<Cell>(path);
    protocol::require_own_digests(cell, path);
    at::set_num_threads(cell.execution.threads);
    const bool cuda = cell.execution.device == "cuda";
    if (cuda) {
        host::open_cuda();
        host::cuda_precision(cell.execution.precision == "tf32");
    }
    reporter.share_position();
    host::set_plugin_log([&](const std::string& line) { reporter.say(protocol::Log{line}); });
    try {
        const auto& method = method_of(open_plugin(cell.plugin.path, cell.plugin.sha256),
                                       cell.plugin.id, cell.plugin.path);
        if (cell.runs.size() > 1 && !(method.flags & MNEME_BATCHED))
            throw base::ExitError(
                ExitCode::bad_input,
                cell.plugin.id + ": trains one run at a time; leave --replicas at 1");
        const auto run = [&](const Cell& part) {
            try {
                Runner runner(part, method, reporter, checkpoint_every_s);
                const auto blocks = runner.run();
                write_runs(part, blocks);
                std::filesystem::remove(checkpoint_path(part));
                return blocks;
            } catch (const std::exception& e) { // before the first step
                if (part.runs.size() > 1 && wants_memory(e)) throw OutOfMemory{};
                throw;
            }
        };
        const auto blocks = run_in_halves(cell, run, [&](const Cell& part) {
            if (cuda) host::cuda_free_unused();
            std::filesystem::remove(checkpoint_path(part));
            reporter.say(protocol::Log{"no room for " + std::to_string(part.runs.size()) +
                                       " replicas at once; run in two halves"});
        });
        reporter.say(done(cell, blocks));
        return ExitCode::done;
    } catch (const Stopped&) {
        return fail(reporter, ExitCode::temporary, "stopped; a checkpoint is written");
    } catch (const c10::Error&) {
        if (cuda) throw_if_device_lost();
        throw;
    } catch (const std::system_error& e) {
        return fail(reporter, base::exit_code_for(e.code().value()), e.what());
    }
}

} // namespace mneme::harness
