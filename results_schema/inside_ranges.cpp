// SPDX-License-Identifier: Apache-2.0
#include "inside_ranges.hpp"

#include <algorithm>
#include <cmath>

#include <base/concat.hpp>
#include <results/run_metrics.hpp>

namespace mneme::results {
namespace {

using base::concat;
constexpr std::uint16_t not_evaluated = 65535;

class InsideRanges final {
  public:
    InsideRanges(const std::string& base, const Block& block) : base_(base), block_(block) {}

    std::vector<std::string> check() {
        chosen();
        steps();
        continual_counts();
        if (!block_.calibration_count.empty()) calibration();
        if (!block_.predictions.empty()) predictions();
        geometry();
        if (!block_.weights.empty() && block_.network_layers.empty())
            fault("/weights: are there, but no attribute network_layers says how they lie");
        return std::move(faults_);
    }

  private:
    template <class... Parts> void fault(const Parts&... parts) {
        faults_.push_back(concat(base_, parts...));
    }

    template <class T> std::string place(const Array<T>& array, std::size_t at) const {
        std::vector<std::size_t> index(array.shape.size());
        for (std::size_t axis = array.shape.size(); axis-- > 0; at /= array.shape[axis])
            index[axis] = at % array.shape[axis];
        return shape_text(index);
    }

    void chosen() {
        if (block_.evaluate != "all" && block_.evaluate != "seen" && block_.evaluate != "last")
            fault(": evaluate is '", block_.evaluate, "'; expected all, seen or last");
        for (const std::string& name : block_.added_metrics)
            if (const RunMetric* metric = find_run_metric(name); !metric || !metric->on_request)
                fault(": added_metrics has '", name, "', which is not a metric that can be added");
    }

    // Within a task they rise; -1 behind its last evaluation.
    void steps() {
        const auto& array = block_.continual_step;
        for (std::size_t k = 0; k < array.data.size(); ++k) {
            const std::int32_t before = k % array.shape.back() == 0 ? 0 : array.data[k - 1];
            if (array.data[k] != -1 && (before < 0 || array.data[k] <= before))
                return fault("/continual/step", place(array, k), ": is ", array.data[k],
                             "; expected a step behind the one before, or -1");
        }
    }

    void continual_counts() {
        const auto& array = block_.continual_correct;
        const std::size_t T = block_.tasks.size();
        if (!array.empty() && block_.continual_evaluated.empty())
            return fault("/continual/n_evaluated: is not there; continual/n_correct needs it");
        for (std::size_t k = 0; k < array.data.size(); ++k) {
            const std::int32_t n = array.data[k], all = block_.continual_evaluated.data[k % T];
            if (n != -1 && (n < 0 || n > all))
                return fault("/continual/n_correct", place(array, k), ": is ", n,
                             "; expected 0 to ", all, ", or -1 for not evaluated");
        }
    }

    void calibration() {
        const auto& count = block_.calibration_count;
        const std::size_t T = block_.tasks.size(), B = count.shape.back();
        if (block_.calibration_correct.empty() || block_.calibration_confidence.empty())
            return fault("/calibration: has counts, but not both of correct and confidence");
        for (std::size_t i = 0; i < count.data.size() / B; ++i) {
            std::int64_t all = 0, correct = 0;
            for (std::size_t k = i * B; k < (i + 1) * B; ++k) {
                const std::int32_t n = count.data[k], right = block_.calibration_correct.data[k];
                if (n < -1 || right < -1 || right > n || (n < 0) != (right < 0) ||
                    block_.calibration_confidence.data[k] > n)
                    return fault("/calibration/count", place(count, k), ": is ", n, " with ", right,
                                 " correct and confidences that add up to ",
                                 block_.calibration_confidence.data[k],
                                 "; expected no more of either than examples, or -1, -1 and NaN");
                all += n, correct += right;
            }
            if (all < 0) continue;
            if (all > block_.n_evaluated.data[i % T] || correct != block_.n_correct.data[i])
                return fault("/calibration/count", place(block_.n_correct, i), ": counts ", all,
                             " examples, ", correct,
                             " of them correct; n_evaluated and n_correct "
                             "give ",
                             block_.n_evaluated.data[i % T], " and ", block_.n_correct.data[i]);
        }
    }

    void geometry() {
        const auto last = static_cast<std::int32_t>(block_.tasks.size());
        for (const auto* ends : {&block_.geometry_pair_from, &block_.geometry_pair_to})
            for (std::int32_t task : ends->data)
                if (task < (ends == &block_.geometry_pair_to ? 0 : 1) || task > last)
                    return fault("/geometry/pair: names task ", task, "; expected 1 to ", last,
                                 ", or 0 for joint's at the end of a line");
        for (std::int32_t seed : block_.geometry_pair_seed.data)
            if (std::find(block_.seeds.begin(), block_.seeds.end(), seed) == block_.seeds.end() &&
                seed != -1)
                return fault("/geometry/pair_seed: names seed ", seed,
                             "; expected one of the file, or -1 where there are no lines");
        for (const auto* corners : {&block_.geometry_plane_first, &block_.geometry_plane_second,
                                    &block_.geometry_plane_third})
            for (std::int32_t task : corners->data)
                if (task < (corners == &block_.geometry_plane_third ? 0 : 1) || task > last)
                    return fault("/geometry/plane: names task ", task, "; expected 1 to ", last,
                                 ", or 0 for joint's as the third");
        for (std::size_t k = 0; k < block_.geometry_cka.data.size(); ++k)
            if (block_.geometry_cka.data[k] > 1 + 1e-9)
                return fault("/geometry/cka", place(block_.geometry_cka, k), ": is ",
                             block_.geometry_cka.data[k], "; expected 0 to 1, or NaN");
        const std::size_t T = block_.tasks.size();
        for (const auto* counts : {&block_.geometry_correct, &block_.geometry_matched_correct,
                                   &block_.geometry_l2_correct, &block_.geometry_mid_correct,
                                   &block_.geometry_plane_correct})
            for (std::size_t k = 0; k < counts->data.size(); ++k)
                if (counts->data[k] < -1 || counts->data[k] > block_.geometry_evaluated.data[k % T])
                    return fault("/geometry/n_correct", place(*counts, k), ": is ", counts->data[k],
                                 "; expected 0 to ", block_.geometry_evaluated.data[k % T],
                                 ", or -1");
    }

    // Where a task's examples begin.
    std::vector<std::size_t> firsts() const {
        std::vector<std::size_t> first{0};
        for (std::int32_t n : block_.n_evaluated.data)
            first.push_back(first.back() + static_cast<std::size_t>(std::max(n, 0)));
        return first;
    }

    void predictions() {
        const auto& array = block_.predictions;
        const std::size_t T = block_.tasks.size(), N = block_.seeds.size(), X = array.shape.back();
        const auto first = firsts();
        if (first.back() != X || block_.labels.empty())
            return fault("/predictions: has ", X, " examples, n_evaluated adds up to ",
                         first.back(), block_.labels.empty() ? ", and there are no labels" : "");
        for (std::size_t i = 0; i < block_.n_correct.data.size(); ++i) {
            const std::size_t row = i / T, j = i % T, n = row / T % N;
            std::int64_t correct = 0, unknown = 0;
            for (std::size_t x = first[j]; x < first[j + 1]; ++x) {
                const std::uint16_t said = array.data[row * X + x];
                unknown += said == not_evaluated;
                correct += said != not_evaluated && said == block_.labels.data[n * X + x];
            }
            const std::int32_t counted = block_.n_correct.data[i];
            if (counted < 0 ? unknown != static_cast<std::int64_t>(first[j + 1] - first[j])
                            : correct != counted)
                return fault("/predictions", place(block_.n_correct, i), ": ", correct,
                             " agree with the labels; n_correct is ", counted);
        }
    }

    const std::string& base_;
    const Block& block_;
    std::vector<std::string> faults_;
};

} // namespace

std::vector<std::string> inside_faults(const std::string& base, const Block& block) {
    return InsideRanges(base, block).check();
}

} // namespace mneme::results
