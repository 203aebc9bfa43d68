// SPDX-License-Identifier: Apache-2.0
#include "cli/run_state.hpp"

#include <stdexcept>

#include <fmt/format.h>
#include <results/metrics.hpp>
#include <results/results.hpp>

#include "cli/board.hpp"
#include "cli/version.hpp"

namespace fs = std::filesystem;

namespace mneme::cli {
namespace {

std::string attribute(const results::Block& block, const char* key) {
    const auto table = block.provenance.find(block.methods.at(0));
    if (table == block.provenance.end()) return "";
    const auto found = table->second.find(key);
    return found == table->second.end() ? "" : found->second;
}

} // namespace

results::Block read_run(const fs::path& path) {
    results::File file = results::read(path);
    if (file.blocks.size() != 1 || file.blocks[0].methods.size() != 1 ||
        file.blocks[0].seeds.size() != 1)
        throw std::runtime_error(fmt::format(
            "{}: not the file of one run; runs/<digest>.h5 as a worker writes it would be right",
            path.string()));
    return std::move(file.blocks[0]);
}

results::Outcome outcome_of(const results::Block& block) {
    return results::Outcome(block.outcome.at({0, 0}));
}

double average_accuracy(const results::Block& block) {
    const Accuracies a = accuracies(block, 0, 0);
    return results::find_metric("average_accuracy")
        ->value({a.matrix, block.tasks.size()}, a.initial);
}

RunState state_of(const fs::path& file, const harness::Cell& cell) {
    std::error_code ignored;
    if (!fs::exists(file, ignored)) return {.need = Need::missing};
    try {
        const results::Block block = read_run(file);
        const results::Outcome outcome = outcome_of(block);
        const bool same_plugin = attribute(block, "plugin_sha256") == cell.plugin_sha256;
        const std::string by = attribute(block, "harness_version");
        if (outcome != results::Outcome::complete && outcome != results::Outcome::diverged)
            return {Need::again,
                    fmt::format("{}: {}", results::name(outcome), block.outcome_message.at({0, 0})),
                    same_plugin && by == version};
        if (!same_plugin) return {.need = Need::stale, .reason = "its plugin file has changed"};
        if (by != version)
            return {.need = Need::stale,
                    .reason = fmt::format("it was made by mneme {}, this is {}",
                                          by.empty() ? "(unknown)" : by, version)};
        return {.need = Need::nothing};
    } catch (const std::runtime_error&
                 error) { // truncated, altered: the run is lost, the others are not
        return {.need = Need::unreadable, .reason = error.what()};
    }
}

} // namespace mneme::cli
