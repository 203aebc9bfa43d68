// SPDX-License-Identifier: Apache-2.0
#include "ranges.hpp"

#include <algorithm>
#include <cmath>

#include <base/concat.hpp>
#include <base/sha256.hpp>
#include "inside_ranges.hpp"
#include "layout.hpp"

namespace mneme::results {

using base::concat;
using base::is_sha256;

namespace {

class Ranges final {
  public:
    Ranges(const std::string& file, const Block& block)
        : block_(block), base_(file + ": /" + block.benchmark), M_(block.methods.size()),
          N_(block.seeds.size()), T_(block.tasks.size()) {}

    std::vector<std::string> check() {
        head();
        for (std::size_t j = 0; j < T_; ++j)
            if (const auto n = block_.n_evaluated.data[j]; n != -1 && n < 1)
                fault("/n_evaluated[", j, "]: is ", n,
                      "; expected a count from 1, or -1 for not evaluated");
        correct("n_correct", block_.n_correct);
        correct("n_correct_task_aware", block_.n_correct_task_aware);
        correct("initial_correct", block_.initial_correct);
        task_aware();
        reported();
        outcomes();
        for (const Fact& fact : facts()) amounts(fact);
        points();
        confusion();
        digests();
        runs();
        for (std::string& sentence : inside_faults(base_, block_))
            faults_.push_back(std::move(sentence));
        return std::move(faults_);
    }

  private:
    template <class... Parts> void fault(const Parts&... parts) {
        faults_.push_back(concat(base_, parts...));
    }

    void head() {
        if (block_.scenario != "domain" && block_.scenario != "task" && block_.scenario != "class")
            fault(": scenario is '", block_.scenario, "'; expected domain, task or class");
        if (block_.evaluated_on != "test" && block_.evaluated_on != "validation")
            fault(": evaluated_on is '", block_.evaluated_on, "'; expected test or validation");
        if (!(block_.chance_accuracy >= 0 && block_.chance_accuracy <= 1))
            fault(": chance_accuracy is ", block_.chance_accuracy, "; expected 0 to 1");
        if (!is_sha256(block_.digest) && !(block_.digest.empty() && all_imported()))
            fault(": benchmark_digest is '", block_.digest, "'; expected 64 hexadecimal digits");
    }

    void correct(const char* path, const Array<std::int32_t>& array) {
        for (std::size_t i = 0; i < array.data.size(); ++i) {
            const std::int32_t n = array.data[i], all = block_.n_evaluated.data[i % T_];
            if (n != -1 && (n < 0 || n > all))
                return fault("/", path, shape_text(index(array, i)), ": is ", n, "; expected 0 to ",
                             all, ", or -1 for not evaluated");
        }
    }

    void task_aware() {
        const bool present = !block_.n_correct_task_aware.empty();
        if (present && block_.scenario != "class")
            fault("/n_correct_task_aware: is there, but the scenario is ", block_.scenario,
                  "; only scenario class has it");
        if (!present && block_.scenario == "class" && !all_imported())
            fault("/n_correct_task_aware: is not there; scenario class needs it");
    }

    bool all_imported() const {
        for (std::size_t m = 0; m < M_; ++m)
            if (!is_imported(block_, m)) return false;
        return true;
    }

    // Another program's accuracies stand only where nobody knows the counts.
    void reported() {
        const auto& array = block_.reported_accuracy;
        for (std::size_t i = 0; i < array.data.size(); ++i) {
            const double x = array.data[i];
            if (std::isnan(x)) continue;
            const std::string where = "/reported_accuracy" + shape_text(index(array, i));
            if (x < 0 || x > 1)
                return fault(where, ": is ", x, "; expected a number from 0 to 1, or NaN");
            if (block_.n_correct.data[i] != -1)
                return fault(where, ": is ", x, ", but n_correct knows the count; expected NaN");
            if (!is_imported(block_, i / (N_ * T_ * T_)))
                return fault(where, ": is ", x,
                             ", but the method's origin is not \"imported\"; expected NaN");
        }
    }

    bool last_row_known(std::size_t run) const {
        for (std::size_t j = 0; j < T_; ++j) {
            const std::size_t i = (run * T_ + T_ - 1) * T_ + j;
            const auto& reported = block_.reported_accuracy.data;
            if (block_.n_correct.data[i] == -1 && (reported.empty() || std::isnan(reported[i])))
                return false;
        }
        return true;
    }

    void runs() {
        for (std::size_t r = 0; r < block_.request_digest.data.size(); ++r)
            if (const std::string& digest = block_.request_digest.data[r];
                !digest.empty() && !is_sha256(digest))
                return fault("/run/request_digest", shape_text({r / N_, r % N_}), ": is '", digest,
                             "'; expected 64 hexadecimal digits, or nothing");
        for (std::size_t r = 0; r < block_.restart_count.data.size(); ++r)
            if (const std::int32_t n = block_.restart_count.data[r]; n < -1)
                return fault("/run/restart_count", shape_text({r / N_, r % N_}), ": is ", n,
                             "; expected a count from 0, or -1");
        for (std::size_t i = 0; i < block_.class_map.data.size(); ++i)
            if (const std::int32_t label = block_.class_map.data[i]; label < -1)
                return fault("/class_map", shape_text(index(block_.class_map, i)), ": is ", label,
                             "; expected a label from 0, or -1 for a class that the stream leaves "
                             "out");
    }

    void outcomes() {
        for (std::size_t r = 0; r < M_ * N_; ++r) {
            const auto begin =
                           block_.n_correct.data.begin() + static_cast<std::ptrdiff_t>(r * T_ * T_),
                       end = begin + static_cast<std::ptrdiff_t>(T_ * T_);
            const auto code = static_cast<Outcome>(block_.outcome.data[r]);
            const auto run = shape_text({r / N_, r % N_});
            if (code == Outcome::missing && std::any_of(begin, end, [](auto n) { return n != -1; }))
                fault("/outcome_code", run,
                      ": is 5 (missing), but n_correct has counts; expected another outcome or -1");
            if (code == Outcome::complete && !last_row_known(r))
                fault("/outcome_code", run,
                      ": is 0 (complete), but the last row of n_correct is not; expected another "
                      "outcome");
        }
    }

    // Seconds, samples, steps, bytes, losses: NaN where unknown, else not negative. A loss may be
    // infinite: a masked class has probability 0.
    void amounts(const Fact& fact) {
        const std::string path = fact.path;
        if (path == "curves/train_loss" || path == "geometry/cosine" ||
            path == "geometry/plane_position") // may have any sign
            return;
        if (const auto* member = std::get_if<Member<double>>(&fact.member)) {
            const auto& array = block_.*(*member);
            for (std::size_t i = 0; i < array.data.size(); ++i)
                if (array.data[i] < 0 || (std::isinf(array.data[i]) && path != "loss"))
                    return fault("/", path, shape_text(index(array, i)), ": is ", array.data[i],
                                 "; expected a number from 0, or NaN");
        }
        if (path == "timing/shared_by_replicas")
            for (std::size_t i = 0; i < block_.shared_by_replicas.data.size(); ++i)
                if (const auto n = block_.shared_by_replicas.data[i]; n != -1 && n < 1)
                    return fault("/", path, shape_text(index(block_.shared_by_replicas, i)),
                                 ": is ", n, "; expected a count from 1, or -1");
    }

    void points() {
        std::int32_t before = 1;
        for (std::size_t k = 0; k < block_.task_of_point.data.size(); ++k) {
            const std::int32_t task = block_.task_of_point.data[k];
            if (task < before || task > static_cast<std::int32_t>(T_))
                return fault("/curves/task_of_point[", k, "]: is ", task,
                             "; tasks count from 1 to ", T_, " and never fall");
            before = task;
        }
    }

    // A recorded row counts the examples evaluated in that row, but those without a prediction, and
    // its diagonal the correct ones.
    void confusion() {
        if (block_.confusion.empty()) return;
        const std::size_t C = block_.confusion.shape.back();
        for (std::size_t row = 0; row < M_ * N_ * T_; ++row) {
            std::int64_t all = 0, diagonal = 0, unknown = 0, wanted = 0, correct = 0;
            bool negative = false;
            for (std::size_t cell = 0; cell < C * C; ++cell) {
                const std::int32_t n = block_.confusion.data[row * C * C + cell];
                unknown += n == -1;
                negative = negative || n < -1;
                all += n;
                diagonal += cell / C == cell % C ? n : 0;
            }
            if (unknown == static_cast<std::int64_t>(C * C)) continue;
            for (std::size_t j = 0; j < T_; ++j)
                if (const std::int32_t n = block_.n_correct.data[row * T_ + j]; n >= 0) {
                    correct += n;
                    wanted += block_.n_evaluated.data[j];
                }
            const std::string where =
                "/confusion" + shape_text({row / T_ / N_, row / T_ % N_, row % T_});
            if (negative || unknown > 0)
                return fault(
                    where,
                    ": mixes counts with negative numbers; expected counts, or -1 everywhere");
            if (all > wanted || diagonal != correct)
                return fault(where, ": counts ", all, " examples, ", diagonal,
                             " of them correct; n_evaluated and n_correct give ", wanted, " and ",
                             correct);
        }
    }

    void digests() {
        for (std::size_t i = 0; i < N_ * T_; ++i) {
            const std::string& digest = block_.data_digest.data[i];
            bool complete = false;
            for (std::size_t m = 0; m < M_; ++m)
                complete = complete ||
                           (block_.outcome.data[m * N_ + i / T_] == 0 && !is_imported(block_, m));
            if (is_sha256(digest) || (digest.empty() && !complete)) continue;
            return fault("/data_digest", shape_text({i / T_, i % T_}), ": is '", digest,
                         "'; expected 64 hexadecimal digits");
        }
    }

    template <class T>
    static std::vector<std::size_t> index(const Array<T>& array, std::size_t position) {
        std::vector<std::size_t> result(array.shape.size());
        for (std::size_t axis = array.shape.size(); axis-- > 0; position /= array.shape[axis])
            result[axis] = position % array.shape[axis];
        return result;
    }

    const Block& block_;
    const std::string base_;
    const std::size_t M_, N_, T_;
    std::vector<std::string> faults_;
};

} // namespace

std::vector<std::string> range_faults(const std::string& file, const Block& block) {
    return Ranges(file, block).check();
}

} // namespace mneme::results
