// SPDX-License-Identifier: Apache-2.0
#include "groups.hpp"

#include <algorithm>

#include <base/concat.hpp>
#include "layout.hpp"

namespace mneme::results {

using base::concat;

namespace {

// "@limit-200-test-100", or nothing where all examples are taken.
std::string limit_suffix(const Block& block) {
    const std::string train =
        block.limit_train > 0 ? concat("@limit-", block.limit_train) : std::string();
    if (block.limit_test == 0 || block.limit_test == block.limit_train) return train;
    return concat(train.empty() ? "@limit" : train, "-test-", block.limit_test);
}

// The name without the suffix that an earlier merge may have given it.
std::string plain_name(const Block& block) {
    const std::string suffix = limit_suffix(block);
    return !suffix.empty() && block.benchmark.ends_with(suffix)
               ? block.benchmark.substr(0, block.benchmark.size() - suffix.size())
               : block.benchmark;
}

} // namespace

std::vector<Group> groups_of(const std::vector<File>& files,
                             const std::vector<std::string>& sources) {
    std::vector<Group> groups; // in the order found
    for (std::size_t f = 0; f < files.size(); ++f)
        for (const Block& block : files[f].blocks) {
            require_consistent(sources[f], block);
            const std::string name = plain_name(block), suffix = limit_suffix(block);
            auto found = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
                return group.name == name && group.suffix == suffix;
            });
            if (found == groups.end()) found = groups.insert(groups.end(), {name, suffix, {}});
            found->parts.push_back({&block, sources[f]});
        }
    return groups;
}

} // namespace mneme::results
