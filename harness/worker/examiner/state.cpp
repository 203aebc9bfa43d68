// SPDX-License-Identifier: Apache-2.0
// Checks of the state that a method keeps: what it visits, how it grows, whether predicting changes
// it.
#include <algorithm>
#include <sstream>

#include <ATen/ATen.h>

#include "worker/examiner/examiner.hpp"

namespace mneme::harness::examiner {
namespace {

using Names = std::vector<std::string>;

Names names_of(const host::Snapshot& snapshot) {
    Names out;
    for (const auto& [name, value] : snapshot.values) out.push_back(name);
    return out;
}

// Lists may grow from phase to phase: their numbered parts do not count.
Names without_numbers(const Names& names) {
    Names out;
    for (const auto& name : names) {
        std::string part;
        std::istringstream parts(name);
        bool numbered = false;
        while (std::getline(parts, part, '.'))
            numbered = numbered || part.find_first_not_of("0123456789") == part.npos;
        if (!numbered) out.push_back(name);
    }
    return out;
}

std::string first_difference(const Names& a, const Names& b) {
    for (std::size_t k = 0; k < std::max(a.size(), b.size()); ++k) {
        const std::string x = k < a.size() ? a[k] : "nothing", y = k < b.size() ? b[k] : "nothing";
        if (x != y) return y + " where it had " + x;
    }
    return {};
}

// Two names whose values lie in the same memory: from a checkpoint they come back apart.
std::string shared(const host::Snapshot& snapshot) {
    std::vector<std::pair<std::string, at::Tensor>> seen;
    for (const auto& [name, value] : snapshot.values) {
        const auto* tensor = std::get_if<at::Tensor>(&value);
        if (!tensor || !tensor->defined() || tensor->numel() == 0) continue;
        for (const auto& [other, earlier] : seen)
            if (tensor->is_alias_of(earlier)) return other + " and " + name;
        seen.emplace_back(name, *tensor);
    }
    return {};
}

class StateNames final : public RunObserver {
  public:
    void after_step(host::Learner& learner, Position at) override {
        const auto names = names_of(learner.state());
        if (at.step == 0) first_ = names;
        if (shared_names.empty()) shared_names = shared(learner.state());
        compare(first_, names, at);
        const auto plain = without_numbers(names);
        if (plain_.empty()) plain_ = plain;
        compare(plain_, plain, at);
        count = names.size();
    }
    std::string fault, shared_names;
    std::size_t count = 0;

  private:
    void compare(const Names& before, const Names& now, Position at) {
        const auto what = first_difference(before, now);
        if (fault.empty() && !what.empty())
            fault = text_of({at.task, at.phase, at.step}) + ": state() visits " + what;
    }
    Names first_, plain_;
};

class KeptBytes final : public RunObserver {
  public:
    void after_step(host::Learner& learner, Position at) override {
        const auto bytes = learner.state().kept_bytes("weights.");
        if (at.step == 0) first_ = bytes;
        if (fault.empty() && bytes > first_)
            fault = text(text_of({at.task, at.phase, at.step}), ": keeps ", bytes, " bytes, ",
                         first_, " after the phase's first step");
        last = bytes;
    }
    std::string fault;
    double last = 0;

  private:
    double first_ = 0;
};

// Predicts more often at a task's end than an evaluation does.
class RepeatedPredictions final : public RunObserver {
  public:
    explicit RepeatedPredictions(const bench::Spec& spec)
        : task_known_(spec.scenario.kind == "task"),
          x_(at::linspace(0, 1, 6 * spec.stream.features).view({6, -1})) {}
    void after_step(host::Learner& learner, Position at) override { trace.after_step(learner, at); }
    void after_task(host::Learner& learner, int64_t task) override {
        trace.after_task(learner, task);
        const auto before = learner.state().copy();
        for (int64_t j = 0; j <= task; ++j)
            for (int64_t rows : {6, 1}) {
                const auto x = x_.narrow(0, 0, rows).contiguous();
                const auto first = learner.predict(x, task_known_ ? j : -1),
                           again = learner.predict(x, task_known_ ? j : -1);
                const bool finite = at::isfinite(first).all().item<bool>();
                if (fault.empty() && !finite &&
                    at::isfinite(learner.weights().theta).all().item<bool>())
                    fault = text("after task ", task + 1,
                                 " its logits are not finite, though its weights are");
                if (fault.empty() && !(first.eq(again) | first.isnan()).all().item<bool>())
                    fault = text("after task ", task + 1,
                                 " it predicts two things for the same input; predict must leave "
                                 "the learner as it was");
                asked += 2;
            }
        if (fault.empty() && !before.same_bits(learner.state()))
            fault = text("after task ", task + 1,
                         " it changed the state; predict must leave the learner as it was");
    }

    Trace trace;
    std::string fault;
    int64_t asked = 0;

  private:
    const bool task_known_;
    const at::Tensor x_;
};

} // namespace

Verdict check_state(const Subject& subject) {
    StateNames names;
    train(subject, cell_of(subject, small_stream(subject, 1), {1}), &names);
    if (!names.fault.empty())
        return {Verdict::fail,
                names.fault + "; visit the same names in the same order, undefined tensors too"};
    if (!names.shared_names.empty())
        return {Verdict::fail, names.shared_names +
                                   " share their values, and would not after a resume; keep one of "
                                   "them, or a clone()"};
    return {Verdict::pass, text(names.count, " names")};
}

Verdict check_kept(const Subject& subject) {
    KeptBytes kept;
    train(subject, cell_of(subject, small_stream(subject, 2), {1}), &kept);
    if (!kept.fault.empty())
        return {Verdict::fail,
                kept.fault + "; make room before the phase begins, and name working space ~..."};
    return {Verdict::pass, text(kept.last, " bytes at the end")};
}

Verdict check_predict(const Subject& subject) {
    const auto cell = cell_of(subject, small_stream(subject), {3});
    Trace silent;
    RepeatedPredictions asked(cell.spec());
    train(subject, cell, silent);
    asked.trace.blocks = train(subject, cell, &asked);
    if (!asked.fault.empty()) return {Verdict::fail, asked.fault};
    if (const auto what = difference(silent, 0, asked.trace, 0, true); !what.empty())
        return {Verdict::fail, what + "; predict must leave the learner as it was"};
    return {Verdict::pass, text("asked ", asked.asked, " times")};
}

} // namespace mneme::harness::examiner
