// SPDX-License-Identifier: Apache-2.0
#include "leaderboard/multiple.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace mneme::leaderboard {
namespace {

using Members = std::vector<std::size_t>;

// Indices of the p values that are numbers, the smallest first.
Members ascending(const std::vector<double>& p) {
    Members order;
    for (std::size_t i = 0; i < p.size(); ++i)
        if (!std::isnan(p[i])) order.push_back(i);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return p[a] < p[b]; });
    return order;
}

// Bron and Kerbosch (1973) with a pivot, on the graph of the pairs that are not told apart.
class Cliques final {
  public:
    Cliques(const std::vector<bool>& apart, std::size_t size) : apart_(apart), size_(size) {}

    std::vector<Members> all() {
        Members everyone;
        for (std::size_t i = 0; i < size_; ++i) everyone.push_back(i);
        if (size_ > 0) extend(everyone, {});
        std::sort(found_.begin(), found_.end());
        return std::move(found_);
    }

  private:
    bool together(std::size_t a, std::size_t b) const { return a != b && !apart_[a * size_ + b]; }

    Members together_with(std::size_t member, const Members& among) const {
        Members out;
        std::copy_if(among.begin(), among.end(), std::back_inserter(out),
                     [&](std::size_t other) { return together(member, other); });
        return out;
    }

    // `clique_` grows by members of `candidates`; those of `done` were tried before.
    void extend(Members candidates, Members done) {
        if (candidates.empty() && done.empty()) {
            found_.push_back(clique_);
            std::sort(found_.back().begin(), found_.back().end());
            return;
        }
        if (candidates.empty()) return;
        const std::size_t pivot = *std::max_element(
            candidates.begin(), candidates.end(), [&](std::size_t a, std::size_t b) {
                return together_with(a, candidates).size() < together_with(b, candidates).size();
            });
        Members branches;
        for (std::size_t c : candidates)
            if (!together(pivot, c)) branches.push_back(c);
        for (std::size_t branch : branches) {
            clique_.push_back(branch);
            extend(together_with(branch, candidates), together_with(branch, done));
            clique_.pop_back();
            candidates.erase(std::find(candidates.begin(), candidates.end(), branch));
            done.push_back(branch);
        }
    }

    const std::vector<bool>& apart_;
    const std::size_t size_;
    Members clique_;
    std::vector<Members> found_;
};

} // namespace

std::vector<double> holm(const std::vector<double>& p) {
    std::vector<double> adjusted(p.size(), std::numeric_limits<double>::quiet_NaN());
    const Members order = ascending(p);
    double largest = 0;
    for (std::size_t r = 0; r < order.size(); ++r) {
        largest = std::max(largest, std::min(1.0, double(order.size() - r) * p[order[r]]));
        adjusted[order[r]] = largest;
    }
    return adjusted;
}

std::vector<double> benjamini_hochberg(const std::vector<double>& p) {
    std::vector<double> adjusted(p.size(), std::numeric_limits<double>::quiet_NaN());
    const Members order = ascending(p);
    double least = 1;
    for (std::size_t r = order.size(); r-- > 0;) {
        least = std::min(least, double(order.size()) / double(r + 1) * p[order[r]]);
        adjusted[order[r]] = least;
    }
    return adjusted;
}

std::vector<double> bonferroni(const std::vector<double>& p) {
    std::vector<double> adjusted(p.size(), std::numeric_limits<double>::quiet_NaN());
    const Members order = ascending(p);
    for (std::size_t i : order) adjusted[i] = std::min(1.0, double(order.size()) * p[i]);
    return adjusted;
}

std::vector<double> holm_levels(const std::vector<double>& p, double alpha) {
    std::vector<double> levels(p.size(), std::numeric_limits<double>::quiet_NaN());
    const Members order = ascending(p);
    for (std::size_t r = 0; r < order.size(); ++r)
        levels[order[r]] = alpha / double(order.size() - r);
    return levels;
}

std::vector<std::vector<std::size_t>> tiers(const std::vector<bool>& apart, std::size_t size) {
    return Cliques(apart, size).all();
}

std::vector<std::string> tier_letters(const std::vector<std::vector<std::size_t>>& groups,
                                      std::size_t size) {
    std::vector<std::string> letters(size);
    for (std::size_t g = 0; g < groups.size(); ++g) {
        std::string letter(1, char('a' + g % 26));
        if (g >= 26) letter += std::to_string(g / 26 + 1);
        for (std::size_t member : groups[g]) letters[member] += letter;
    }
    return letters;
}

} // namespace mneme::leaderboard
