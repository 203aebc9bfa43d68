// SPDX-License-Identifier: Apache-2.0
#include "leaderboard/signs.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <base/philox.hpp>
#include <boost/math/special_functions/erf.hpp>

#include "leaderboard/ranks.hpp"

namespace mneme::leaderboard {
namespace {

constexpr double rounding = 1e-12;                           // of sums in another order
constexpr std::uint32_t draws = 50000, purpose = 0x7369676e; // "sign"

// The sums of all 2^n choices of signs, ascending.
std::vector<double> signed_sums(const double* begin, const double* end) {
    std::vector<double> sums{0};
    for (; begin != end; ++begin) {
        const std::size_t before = sums.size();
        for (std::size_t i = 0; i < before; ++i) {
            sums.push_back(sums[i] - *begin);
            sums[i] += *begin;
        }
    }
    std::sort(sums.begin(), sums.end());
    return sums;
}

// Strictly between 0 and 1.
double uniform(std::uint32_t bits) { return (double(bits) + 0.5) / 4294967296.0; }

// Of a Dirichlet distribution with weight 1/2 for the first and 1 for each of the others, up to
// the sum: gamma numbers with these shapes.
void draw_weights(std::uint32_t draw, std::vector<double>& weights) {
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const auto bits = base::philox({0, purpose}, std::uint32_t(i / 4), {draw, 0, 0});
        const double u = uniform(bits.v[i % 4]);
        weights[i] = i == 0 ? std::pow(boost::math::erf_inv(u), 2) : -std::log(u);
    }
}

} // namespace

// The choices are split in two halves: each is enumerated, and the pairs of sums that reach far
// enough are counted in one pass over both.
double sign_flip_p(const std::vector<double>& d) {
    if (d.empty() || d.size() > most_signs ||
        std::any_of(d.begin(), d.end(), [](double x) { return std::isnan(x); }))
        return unknown;
    const double size = std::accumulate(d.begin(), d.end(), 0.0,
                                        [](double sum, double x) { return sum + std::abs(x); }),
                 reach = std::abs(std::accumulate(d.begin(), d.end(), 0.0)) - rounding * size;
    if (reach <= 0) return 1;
    const double* middle = d.data() + d.size() / 2;
    const auto left = signed_sums(d.data(), middle),
               right = signed_sums(middle, d.data() + d.size());
    double count = 0; // below 2^40, so exact
    std::size_t far = right.size();
    for (double sum : left) {
        while (far > 0 && sum + right[far - 1] >= reach) --far;
        count += double(right.size() - far);
    }
    return 2 * count / std::pow(2.0, double(d.size())); // the other side is its mirror image
}

SignedRank signed_rank(const std::vector<double>& differences) {
    std::vector<double> sizes, signs;
    double largest = 0;
    for (double d : differences) largest = std::max(largest, std::abs(d));
    for (double d : differences) {
        if (std::isnan(d)) return {};
        if (std::abs(d) <= rounding * largest) continue;
        // Rounded, so that values that differ by rounding alone are tied. The smallest has rank 1.
        sizes.push_back(-std::round(std::abs(d) / largest / rounding));
        signs.push_back(d > 0 ? 1 : -1);
    }
    if (sizes.empty()) return {0, differences.empty() ? unknown : 1};
    std::vector<double> ranks = mean_ranks_of(sizes);
    double above = 0, below = 0;
    for (std::size_t i = 0; i < ranks.size(); ++i) {
        (signs[i] > 0 ? above : below) += ranks[i];
        ranks[i] *= signs[i];
    }
    return {std::min(above, below), sign_flip_p(ranks)};
}

Posterior signed_rank_posterior(const std::vector<double>& differences, double margin) {
    if (differences.empty() ||
        std::any_of(differences.begin(), differences.end(), [](double x) { return std::isnan(x); }))
        return {};
    std::vector<double> d{0}, weights(differences.size() + 1);
    d.insert(d.end(), differences.begin(), differences.end());
    std::array<double, 3> won{}; // worse, equal, better
    for (std::uint32_t draw = 0; draw < draws; ++draw) {
        draw_weights(draw, weights);
        std::array<double, 3> share{};
        for (std::size_t i = 0; i < d.size(); ++i)
            for (std::size_t j = 0; j < d.size(); ++j) {
                const double mean = (d[i] + d[j]) / 2;
                share[mean > margin ? 2 : mean < -margin ? 0 : 1] += weights[i] * weights[j];
            }
        ++won[std::size_t(std::max_element(share.begin(), share.end()) - share.begin())];
    }
    return {won[2] / draws, won[1] / draws, won[0] / draws};
}

} // namespace mneme::leaderboard
