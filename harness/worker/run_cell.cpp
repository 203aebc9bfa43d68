// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <mneme/error.hpp>

#include "host/session.hpp"
#include "worker/commands.hpp"
#include "worker/parts.hpp"
#include "worker/runner.hpp"

namespace mneme::harness {
namespace {

// Where our own failures send the cell: a full disk and a lost device may be gone at the next try.
int temporary(const std::system_error& e) {
    const int code = e.code().value();
    return code == ENOSPC || code == EDQUOT || code == EAGAIN || code == ENOMEM || code == EIO ? 75
                                                                                               : 65;
}

void done(Reporter& reporter, const Cell& cell, const std::vector<results::Block>& blocks) {
    Json runs = Json::array();
    for (std::size_t r = 0; r < blocks.size(); ++r)
        runs.push_back({{"digest", cell.runs[r].digest},
                        {"outcome", blocks[r].outcome.at({0, 0})},
                        {"message", blocks[r].outcome_message.at({0, 0})}});
    reporter.say({{"event", "done"}, {"runs", runs}});
}

} // namespace

int run_cell(const std::string& path, double checkpoint_every_s, Reporter& reporter) {
    const auto cell = cell_from_json(read_json(path));
    at::set_num_threads(cell.threads);
    const bool cuda = cell.device == "cuda";
    if (cuda) {
        host::open_cuda();
        host::cuda_precision(cell.precision == "tf32");
    }
    host::Session::log_to([&](const std::string& line) {
        reporter.say({{"event", "log"}, {"line", line}});
    });
    try {
        const auto& method = method_of(open_plugin(cell.plugin_path, cell.plugin_sha256),
                                       cell.plugin_id, cell.plugin_path);
        if (cell.runs.size() > 1 && !(method.flags & MNEME_BATCHED))
            throw Error(cell.plugin_id + ": trains one run at a time; leave --replicas at 1", 65);
        const auto run = [&](const Cell& part) {
            try {
                Runner runner(part, method, reporter, checkpoint_every_s);
                const auto blocks = runner.run();
                write_runs(part, blocks);
                std::filesystem::remove(checkpoint_path(part));
                return blocks;
            } catch (const std::exception& e) { // before the first step
                if (part.runs.size() > 1 && wants_memory(e)) throw NoRoom{};
                throw;
            }
        };
        const auto blocks = run_in_parts(cell, run, [&](const Cell& part) {
            if (cuda) host::cuda_free_unused();
            std::filesystem::remove(checkpoint_path(part));
            reporter.say({{"event", "log"},
                          {"line", "no room for " + std::to_string(part.runs.size()) +
                                       " replicas at once; run in two halves"}});
        });
        done(reporter, cell, blocks);
        return 0;
    } catch (const Stopped&) {
        reporter.say(
            {{"event", "error"}, {"message", "stopped; a checkpoint is written"}, {"exit", 75}});
        return 75;
    } catch (const c10::Error&) {
        if (cuda) lost_device_is_temporary();
        throw;
    } catch (const std::system_error& e) {
        reporter.say({{"event", "error"}, {"message", e.what()}, {"exit", temporary(e)}});
        return temporary(e);
    }
}

} // namespace mneme::harness
