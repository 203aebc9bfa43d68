// SPDX-License-Identifier: Apache-2.0
// The rules of the hot path, without a GPU: what the steps of a phase ask of the host must be one
// sequence, so that one captured step can stand for all.
#include <sstream>

#include <base/error.hpp>

#include "host/handle.hpp"
#include "host/probe.hpp"
#include "worker/examiner/examiner.hpp"

namespace mneme::harness::examiner {
namespace {

// An argument as a capture would fix it: a tensor's type and shape, a number's value.
std::string text_of(const mneme_value& v) {
    std::ostringstream out;
    const auto shape = [&](const mneme_tensor* t) {
        const auto value = host::value_of(t);
        if (value.defined()) out << c10::toString(value.scalar_type()) << value.sizes();
        else out << "none";
    };
    switch (v.kind) {
        case MNEME_TENSOR: shape(v.v.tensor); break;
        case MNEME_INT:
        case MNEME_BOOL:
        case MNEME_DTYPE: out << v.v.i; break;
        case MNEME_REAL: out << v.v.r; break;
        case MNEME_STRING: out << std::string(v.v.string, static_cast<std::size_t>(v.count)); break;
        case MNEME_INTS:
        case MNEME_BOOLS:
            for (int32_t k = 0; k < v.count; ++k) out << (k ? "," : "") << v.v.ints[k];
            break;
        case MNEME_REALS:
            for (int32_t k = 0; k < v.count; ++k) out << (k ? "," : "") << v.v.reals[k];
            break;
        case MNEME_TENSORS:
        case MNEME_OPTIONAL_TENSORS:
            for (int32_t k = 0; k < v.count; ++k) shape(v.v.tensors[k]);
            break;
        default: out << "none";
    }
    return out.str();
}

class StepSequence final : public RunObserver, public host::Probe {
  public:
    StepSequence() { looking = this; }
    ~StepSequence() override { looking = nullptr; }

    void before_step(host::Learner& learner, Position at, const mneme_batch& batch) override {
        where_ = {at.task, at.phase, at.step};
        if (at.step == 0) {
            first_.clear(), held_.clear();
            state_ = learner.state();
        }
        rows_ = batch.y ? host::value_of(batch.y).size(1) : 0;
        sequence_.clear(), made_.clear();
        recording_ = true;
    }

    void after_step(host::Learner& learner, Position) override {
        recording_ = false;
        const auto held = host::live_handles();
        ++steps;
        compare(first_.emplace(rows_, Step{where_, sequence_}).first->second);
        held_.push_back(held);
        watch_handles();
        auto state = learner.state();
        if (const auto name = state.moved(state_); !name.empty())
            blame(text(
                "the tensor ", name,
                " of its state is another one after the step; update it in place (copy_, +=)"));
        state_ = std::move(state);
    }

    void called(const char* what, const mneme_value* arguments, int32_t n) override {
        if (!recording_) return;
        if (std::string(what) == "host numbers")
            blame("it copies numbers from the host (range, Tensor::of), after " + last() +
                  "; make constants before the steps");
        std::string call = std::string(what) + "(";
        for (int32_t k = 0; k < n; ++k) call += (k ? ", " : "") + text_of(arguments[k]);
        sequence_.push_back(call + ")");
    }
    void gave(const char* what, const mneme_value* results, int32_t n) override {
        if (!recording_) return;
        for (int32_t k = 0; k < n; ++k)
            if (results[k].kind == MNEME_TENSOR) made_[results[k].v.tensor] = what;
    }
    void read() override {
        if (recording_)
            blame("it reads a value on the host, after " + last() + "; keep it in a tensor");
    }
    void returned(const char*, bool) override {}

    std::string fault;
    int64_t steps = 0;
    std::size_t longest = 0; // calls of a step

  private:
    struct Step {
        Place where;
        std::vector<std::string> calls;
    };

    std::string last() const { return sequence_.empty() ? "no operator" : sequence_.back(); }

    void blame(const std::string& what) {
        if (fault.empty()) fault = examiner::text_of(where_) + ": " + what;
    }

    void compare(const Step& first) {
        longest = std::max(longest, sequence_.size());
        for (std::size_t k = 0; k < std::max(first.calls.size(), sequence_.size()); ++k) {
            const std::string before = k < first.calls.size() ? first.calls[k] : "nothing",
                              now = k < sequence_.size() ? sequence_[k] : "nothing";
            if (before == now) continue;
            blame(text("calls ", now, " where step ", std::get<2>(first.where),
                       " of this phase, with as many rows, called ", before,
                       "; make one sequence of calls"));
            return;
        }
    }

    // The first steps may make what the others use; five in a row that each hold more are a leak.
    void watch_handles() {
        constexpr std::size_t in_a_row = 5;
        if (held_.size() <= in_a_row) return;
        for (auto k = held_.size() - in_a_row; k < held_.size(); ++k)
            if (held_[k] <= held_[k - 1]) return;
        std::string makers;
        for (const auto& [handle, maker] : made_)
            if (handle->references > 0 && makers.find(maker) == makers.npos)
                makers += (makers.empty() ? "" : ", ") + maker;
        blame(text("every step holds more handles than the one before",
                   makers.empty() ? " (gradients or draws)" : " (results of " + makers + ")",
                   "; release what a step takes"));
    }

    bool recording_ = false;
    Place where_;
    int64_t rows_ = 0;
    std::vector<std::string> sequence_;
    std::map<mneme_tensor*, std::string> made_;
    std::map<int64_t, Step> first_; // by rows, of this phase
    std::vector<int64_t> held_;     // handles after each step of this phase
    host::Snapshot state_;
};

} // namespace

Verdict check_steps(const Subject& subject) {
    return for_each_variant(subject, "steps", [&](const Variant& v) -> Verdict {
        StepSequence steps;
        train(subject, cell_of(subject, v.spec, {1}, v.options), &steps);
        if (steps.fault.empty())
            return {Verdict::pass,
                    text(steps.steps, " steps, at most ", steps.longest, " calls each")};
        if (!subject.has(MNEME_CAPTURES))
            return {Verdict::skip,
                    "the method is flagged eager; its steps could not be captured: " + steps.fault};
        return {Verdict::fail, steps.fault + ", or flag the method eager"};
    });
}

Verdict check_replay(const Subject& subject) {
    if (!subject.has(MNEME_CAPTURES)) return {Verdict::skip, "the method is flagged eager"};
    try {
        host::open_cuda();
    } catch (const base::ExitError&) {
        return {Verdict::skip, "needs a GPU"};
    }
    auto cell = cell_of(subject, small_stream(subject, 12), {1, 2});
    cell.execution.device = "cuda";
    auto mode = ExecutionMode::of(cell, subject.method);
    const auto right = [&](std::string& how) { // answers, of both replicas after the last task
        Runner runner(cell, subject.method, subject.reporter, 1e9, nullptr, mode);
        int64_t sum = 0;
        for (const auto& block : runner.run()) {
            if (block.outcome.at({0, 0}) == static_cast<int32_t>(results::Outcome::failed))
                throw Broken{block.outcome_message.at({0, 0})};
            for (std::size_t j = 0; j < 3; ++j) sum += block.n_correct.at({0, 0, 2, j});
            how = block.provenance.begin()->second.at("graphs");
        }
        return sum;
    };
    std::string how, ignored;
    const auto played = right(how);
    if (how.rfind("captured", 0) != 0)
        return {Verdict::fail, how + "; make its steps capturable, or flag the method eager"};
    mode.make_graph = {}, mode.not_captured_because = "for comparison";
    const auto called = right(ignored), all = 2 * 3 * rows_of_exam;
    const auto seen = text(played, " of ", all, " right where steps are played, ", called,
                           " where they are called");
    return {std::abs(played - called) * 20 > all ? Verdict::fail : Verdict::pass, seen};
}

} // namespace mneme::harness::examiner
