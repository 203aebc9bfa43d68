// SPDX-License-Identifier: Apache-2.0
// What the examiner's files share: a method on a small stream, runs of it, and what is remembered
// of them. The checks and what they prove: protocol/checks.hpp.
#pragma once

#include <map>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "worker/runner.hpp"

namespace mneme::harness::examiner {

class ProcessState;

struct Verdict {
    enum Kind { pass, fail, skip } kind;
    std::string note; // what was seen; for a fail also what to do
};

struct Subject {
    const mneme_method& method;
    Reporter& reporter;
    std::string folder;         // for checkpoints
    const ProcessState& before; // of this process, before the plugin was loaded
    bool has(uint32_t flag) const { return (method.flags & flag) != 0; }
};

constexpr int64_t rows_of_exam = 40; // test examples of a task of the small stream

// Clusters of three classes a task, three tasks: each is learned nearly perfectly in 12 epochs
// of 10 steps.
bench::Spec small_stream(const Subject&, int64_t epochs = 3);
// The same with two tasks of a few steps, for checks that go through many settings. Some methods
// make fifty passes whatever [train] says.
bench::Spec tiny_stream(const Subject&);
// A stream where the classes of a task are new and the task is not told, for methods that do not
// need it.
bench::Spec of_scenario_class(bench::Spec);

Cell cell_of(const Subject&, const bench::Spec&, const std::vector<int64_t>& seeds,
             const Json& options = {});

// The method failed in a run: the check that needed it fails with this sentence.
struct Broken {
    std::string what;
};

// LibTorch's folder has an fmt of its own, which the system's library does not match.
template <class... T> std::string text(const T&... parts) {
    std::ostringstream out;
    (out << ... << parts);
    return out.str();
}

using Place = std::tuple<int64_t, int64_t, int64_t>; // task, phase, step; step -1: end of the task
std::string text_of(const Place&);

// A run, with the weights of each replica after every step and the state at each task's end, as
// digests.
class Trace final : public RunObserver {
  public:
    void after_step(host::Learner&, Position) override;
    void after_task(host::Learner&, int64_t task) override;

    std::vector<results::Block> blocks;
    std::map<Place, std::vector<std::string>> weights; // a replica each
    std::map<Place, std::string> states;
    int64_t steps() const {
        return static_cast<int64_t>(weights.size()) - static_cast<int64_t>(states.size());
    }
};

void forget(const Cell&); // its checkpoints

// Trains to the end. Diverging is no fault here. Throws Broken when the method failed.
std::vector<results::Block> train(const Subject&, const Cell&, RunObserver* = nullptr);
void train(const Subject&, const Cell&, Trace&);

// The first thing in which replica r of `a` differs from replica q of `b`; empty: nothing does.
// States are compared where `whole`.
std::string difference(const Trace& a, std::size_t r, const Trace& b, std::size_t q, bool whole);

// Says what is being tried, so that the parent can name it when the plugin takes the worker down.
void announce(const Subject&, const std::string& check, const std::string& detail);

// The default, scenario class unless the method needs the task, then every other choice and flag by
// itself; those that the constructor refuses are left out. Each with a text for notes.
struct Variant {
    Json options;
    std::string text; // "" for the default
    bench::Spec spec;
};
std::vector<Variant> variants(const Subject&);

// The same check for every variant: the first that does not pass decides.
template <class F>
Verdict for_each_variant(const Subject& subject, const std::string& check, F&& examine) {
    Verdict seen{Verdict::pass, ""};
    const auto list = variants(subject);
    for (const auto& v : list) {
        if (!v.text.empty()) announce(subject, check, v.text);
        const auto now = [&]() -> Verdict {
            try {
                return examine(v);
            } catch (const Broken& e) {
                return {Verdict::fail, e.what};
            }
        }();
        if (now.kind == Verdict::fail)
            return {now.kind, v.text.empty() ? now.note : v.text + ": " + now.note};
        if (v.text.empty()) seen = now;
    }
    if (list.size() > 1)
        seen.note += text("; the same with ", list.size() - 1, " other setting",
                          list.size() == 2 ? "" : "s");
    return seen;
}

// The checks, one function each.
Verdict check_options(const Subject&);
Verdict check_extremes(const Subject&);
Verdict check_same_bits(const Subject&);
Verdict check_replicas(const Subject&);
Verdict check_resume(const Subject&);
Verdict check_state(const Subject&);
Verdict check_kept(const Subject&);
Verdict check_predict(const Subject&);
Verdict check_conduct(const Subject&);
Verdict check_process(const Subject&);
Verdict check_handles(const Subject&);
Verdict check_learns(const Subject&);
Verdict check_steps(const Subject&);
Verdict check_replay(const Subject&);

} // namespace mneme::harness::examiner
