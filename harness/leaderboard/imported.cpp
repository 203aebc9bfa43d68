// SPDX-License-Identifier: Apache-2.0
#include "leaderboard/imported.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <base/text.hpp>
#include <results/results.hpp>

namespace mneme::leaderboard {
namespace {

using results::Block;

std::string source_of(const Block& block) {
    const auto& provenance = block.provenance.at(block.methods.front());
    const auto from = provenance.find("imported_from");
    return from == provenance.end() ? "imported"
                                    : std::filesystem::path(from->second).stem().string();
}

// What merging asks for: the benchmark as the runs know it, and nothing beside the methods, the
// seeds and their numbers. Accuracies become reported ones, since the number of test examples may
// be another.
Block adapted(const Block& imported, const Block& own) {
    Block out = imported;
    out.reported_accuracy = results::accuracy(imported);
    std::fill(out.n_correct.data.begin(), out.n_correct.data.end(), -1);
    std::fill(out.n_evaluated.data.begin(), out.n_evaluated.data.end(), -1);
    for (auto member :
         {&Block::digest, &Block::version, &Block::toml, &Block::evaluated_on, &Block::evaluate})
        out.*member = own.*member;
    out.tasks = own.tasks;
    for (std::string& label : out.methods) {
        auto provenance = out.provenance.extract(label);
        label += "@" + source_of(imported);
        provenance.key() = label;
        out.provenance.insert(std::move(provenance));
    }
    return out;
}

std::string why_apart(const Block& imported, const Block& own) {
    if (imported.scenario != own.scenario)
        return fmt::format("is of scenario {}, that of the runs of {}",
                           base::one_line(imported.scenario), base::one_line(own.scenario));
    if (imported.tasks.size() != own.tasks.size())
        return fmt::format("has {} tasks, that of the runs {}", imported.tasks.size(),
                           own.tasks.size());
    return "";
}

} // namespace

std::vector<Compared> set_beside(const std::vector<Block>& own, const std::vector<Block>& imported,
                                 std::vector<std::string>& notes) {
    std::vector<Compared> out;
    for (const Block& block : own) out.push_back({block, {}});
    for (const Block& block : imported) {
        const auto same = std::find_if(out.begin(), out.end(), [&](const Compared& one) {
            return one.block.benchmark == block.benchmark;
        });
        const std::string why = same == out.end() ? "" : why_apart(block, same->block);
        if (!why.empty())
            notes.push_back(
                fmt::format("{}: the imported benchmark {} {}; it has a table of its "
                            "own",
                            base::one_line(source_of(block)),
                            base::in_quotes(base::one_line(block.benchmark)), why));
        if (same == out.end() || !why.empty()) out.push_back({block, {}});
        else same->imported.push_back(adapted(block, same->block));
    }
    return out;
}

Block joined(const Compared& compared) {
    std::vector<results::File> files{{"", "", {compared.block}}};
    std::vector<std::string> sources{"the runs"};
    for (const Block& block : compared.imported) {
        files.push_back({"", "", {block}});
        sources.push_back(source_of(block));
    }
    return results::merge(files, sources).blocks.front();
}

} // namespace mneme::leaderboard
