// SPDX-License-Identifier: Apache-2.0
#include "groups.hpp"

#include <base/concat.hpp>

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

Group group_of(const Block& block) { return {plain_name(block), limit_suffix(block)}; }

} // namespace mneme::results
