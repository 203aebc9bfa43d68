// SPDX-License-Identifier: Apache-2.0
#include "limits.hpp"

#include <algorithm>
#include <stdexcept>

namespace mneme::bench {

namespace {

std::vector<int64_t> counts_of(const Labels& labels, const std::vector<int64_t>& rows) {
    std::vector<int64_t> counts;
    for (int64_t row : rows) {
        const std::size_t label = labels[std::size_t(row)];
        if (counts.size() <= label) counts.resize(label + 1, 0);
        ++counts[label];
    }
    return counts;
}

// Rows of a class stand together: either each class in one piece, or neighbours change class less
// than half as often as they would in a random order.
bool is_sorted_by_class(const Labels& labels, const std::vector<int64_t>& rows,
                        const std::vector<int64_t>& counts) {
    int64_t changes = 0, classes = 0;
    for (std::size_t i = 1; i < rows.size(); ++i)
        changes += labels[std::size_t(rows[i])] != labels[std::size_t(rows[i - 1])];
    const double all = double(rows.size());
    double same = 0; // probability that two rows have one class
    for (int64_t count : counts) {
        classes += count > 0;
        same += double(count) / all * double(count) / all;
    }
    return classes > 1 && (changes == classes - 1 || 2 * double(changes) < all * (1 - same));
}

// How many of each class's rows are kept, `limit` in all: their share of them, one at least.
std::vector<int64_t> shares_of(const std::vector<int64_t>& counts, int64_t rows, int64_t limit) {
    std::vector<int64_t> kept(counts.size(), 0);
    std::vector<double> ideal(counts.size(), 0);
    int64_t sum = 0;
    for (std::size_t c = 0; c < counts.size(); ++c) {
        if (counts[c] == 0) continue;
        ideal[c] = double(limit) * double(counts[c]) / double(rows);
        kept[c] = std::max<int64_t>(1, int64_t(ideal[c] + 1e-9));
        sum += kept[c];
    }
    // What rounding left over goes where most is missing; what is too much is taken likewise.
    for (; sum != limit; sum += sum < limit ? 1 : -1) {
        const bool add = sum < limit;
        std::size_t best = counts.size();
        for (std::size_t c = 0; c < counts.size(); ++c) {
            if (add ? kept[c] >= counts[c] : kept[c] <= 1) continue;
            const auto missing = [&](std::size_t k) { return ideal[k] - double(kept[k]); };
            if (best == counts.size() ||
                (add ? missing(c) > missing(best) : missing(c) < missing(best)))
                best = c;
        }
        kept[best] += add ? 1 : -1;
    }
    return kept;
}

} // namespace

std::vector<int64_t> limited_rows(const Labels& labels, std::vector<int64_t> rows, int64_t limit,
                                  const std::string& task) {
    if (limit == 0 || int64_t(rows.size()) <= limit) return rows;
    const auto counts = counts_of(labels, rows);
    if (!is_sorted_by_class(labels, rows, counts)) {
        rows.resize(std::size_t(limit));
        return rows;
    }
    const int64_t classes =
        std::count_if(counts.begin(), counts.end(), [](int64_t n) { return n > 0; });
    if (limit < classes)
        throw std::runtime_error(task + ": the limit is " + std::to_string(limit) +
                                 " examples of " + std::to_string(classes) +
                                 " classes, and the data are sorted by class; use a limit of " +
                                 std::to_string(classes) + " or more");
    auto left = shares_of(counts, int64_t(rows.size()), limit);
    std::erase_if(rows, [&](int64_t row) { return left[labels[std::size_t(row)]]-- <= 0; });
    return rows;
}

} // namespace mneme::bench
