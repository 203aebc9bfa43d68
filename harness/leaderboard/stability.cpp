// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <numeric>

#include <base/philox.hpp>

#include "leaderboard/ranks.hpp"

namespace mneme::leaderboard {
namespace {

constexpr std::size_t all_of_at_most = 3125, drawn = 10000;
constexpr std::uint32_t purpose = 0x72616e6b; // one purpose, so one number suffices: "rank"

using Scores = std::vector<std::vector<double>>;

class Counts final {
  public:
    explicit Counts(const Scores& scores)
        : scores_(scores), order_(scores.size()), sums_(scores.size()),
          counts_(scores.size(), std::vector<std::size_t>(scores.size())) {
        std::iota(order_.begin(), order_.end(), std::size_t{0});
    }

    void add(const std::vector<std::uint32_t>& seeds) {
        for (std::size_t m = 0; m < scores_.size(); ++m) {
            sums_[m] = 0;
            for (std::uint32_t seed : seeds) sums_[m] += scores_[m][seed];
        }
        std::sort(order_.begin(), order_.end(),
                  [&](std::size_t a, std::size_t b) { return sums_[a] > sums_[b]; });
        std::size_t rank = 0;
        for (std::size_t i = 0; i < order_.size(); ++i) {
            if (i == 0 || sums_[order_[i]] < sums_[order_[i - 1]] - tolerance) rank = i;
            ++counts_[order_[i]][rank];
        }
        ++added_;
    }

    RankStability result(bool complete) const {
        RankStability out{{}, {}, added_, complete};
        for (const auto& counts : counts_) {
            auto& row = out.probability.emplace_back();
            double mean = 0;
            for (std::size_t r = 0; r < counts.size(); ++r) {
                row.push_back(double(counts[r]) / double(added_));
                mean += double(r + 1) * row.back();
            }
            out.mean_rank.push_back(mean);
        }
        return out;
    }

  private:
    static constexpr double tolerance = 1e-12; // sums in another order differ by rounding

    const Scores& scores_;
    std::vector<std::size_t> order_;
    std::vector<double> sums_;
    std::vector<std::vector<std::size_t>> counts_;
    std::size_t added_ = 0;
};

} // namespace

RankStability rank_stability(const Scores& scores) {
    if (scores.empty() || scores.front().empty()) return {};
    const std::size_t n = scores.front().size();
    std::size_t all = 1;
    for (std::size_t i = 0; i < n && all <= all_of_at_most; ++i) all *= n;
    Counts counts(scores);
    std::vector<std::uint32_t> seeds(n);
    const bool complete = all <= all_of_at_most;
    const std::size_t resamples = complete ? all : drawn;
    for (std::size_t i = 0; i < resamples; ++i) {
        std::size_t digits = i;
        for (std::size_t s = 0; s < n; ++s, digits /= n) {
            const auto draw =
                base::philox({0, purpose}, std::uint32_t(s / 4), {std::uint32_t(i), 0, 0});
            seeds[s] = complete ? std::uint32_t(digits % n)
                                : std::uint32_t(base::integer_of(draw.v[s % 4], std::uint32_t(n)));
        }
        counts.add(seeds);
    }
    return counts.result(complete);
}

} // namespace mneme::leaderboard
