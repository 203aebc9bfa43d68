// SPDX-License-Identifier: Apache-2.0
// Checks that compare whole runs.
#include <base/error.hpp>

#include "worker/commands.hpp"
#include "worker/examiner/examiner.hpp"

namespace mneme::harness::examiner {
namespace {

constexpr int32_t margin =
    rows_of_exam / 10; // of them a method must win over the untrained network

// Asks the runner to stop behind one step.
class Stop final : public RunObserver {
  public:
    explicit Stop(Place place) : place_(std::move(place)) {}
    void after_step(host::Learner&, Position at) override {
        if (Place{at.task, at.phase, at.step} == place_) asked_to_stop = 1;
    }

  private:
    const Place place_;
};

// The middle step of every phase of the second task, where a memory holds something already; of the
// first where there is none.
std::vector<Place> middles(const Trace& whole) {
    std::map<std::pair<int64_t, int64_t>, int64_t> length;
    for (const auto& [place, digests] : whole.weights)
        if (std::get<2>(place) >= 0)
            length[{std::get<0>(place), std::get<1>(place)}] = std::get<2>(place) + 1;
    std::vector<Place> out;
    for (int64_t task : {1, 2, 0}) {
        for (const auto& [where, steps] : length)
            if (where.first == task) out.push_back({task, where.second, steps / 2});
        if (!out.empty()) break;
    }
    return out;
}

// What differs when the run is stopped behind `place` and another learner goes on from the
// checkpoint.
std::string broken_off(const Subject& subject, const Cell& cell, const Trace& whole,
                       const Place& place) {
    try {
        Stop stop(place);
        asked_to_stop = 0;
        train(subject, cell, &stop);
        return "it did not stop";
    } catch (const Stopped&) {
        asked_to_stop = 0;
    }
    Trace rest, past = whole;
    train(subject, cell, rest); // finds the checkpoint
    if (rest.weights.count(place))
        return "the checkpoint was gone, and the run began anew; leave the host's files alone";
    past.weights.erase(past.weights.begin(), std::next(past.weights.find(place)));
    for (auto at = past.states.begin(); at != past.states.end();)
        at = at->first < place ? past.states.erase(at) : std::next(at);
    const auto what = difference(past, 0, rest, 0, true);
    return what.empty() ? what
                        : what + "; state() must visit everything that is kept between steps";
}

bool trained(const results::Block& block, std::size_t task) {
    return block.n_correct.at({0, 0, task, task}) >= 0;
}

// How a method is trained until it has learned: the first that works counts.
struct Try {
    double lr;
    int64_t epochs, seed;
};
constexpr Try tries[] = {
    {0.1, 12, 1}, {0.1, 8, 2}, {0.01, 12, 3}}; // a network this small can be dead from the start

// Verdict of one try; a skip where it says nothing of the method.
Verdict learns_with(const Subject& subject, bench::Spec spec, const Try& with) {
    spec.train.epochs = with.epochs;
    spec.train.lr = with.lr;
    results::Block block;
    try {
        block = train(subject, cell_of(subject, spec, {with.seed})).front();
    } catch (const base::ExitError& e) {
        if (e.code() != base::ExitCode::bad_input) throw;
        return {Verdict::skip, std::string("no [train] of this check fits it: ") + e.what()};
    }
    if (block.outcome.at({0, 0}) == static_cast<int32_t>(results::Outcome::diverged))
        return {Verdict::fail, text("its weights are not finite with lr ", with.lr, " (",
                                    block.outcome_message.at({0, 0}),
                                    "); train with finite weights at one of lr 0.1 and 0.01")};
    std::size_t task = 0;
    while (task < 2 && !trained(block, task)) ++task; // a method may train at the last task only
    if (!trained(block, task)) return {Verdict::skip, "it trains at no task"};
    const int32_t untrained =
        block.initial_correct.at({0, 0, task}); // -1: it may not be asked; chance stands for it
    const int32_t before = untrained >= 0 ? untrained : static_cast<int32_t>(rows_of_exam) / 3,
                  after = block.n_correct.at({0, 0, task, task});
    const auto seen = text(after, " of ", rows_of_exam, " right on task ", task + 1, ", ", before,
                           " ", untrained >= 0 ? "untrained" : "by chance");
    if (after >= before + margin) return {Verdict::pass, seen};
    return {Verdict::fail, text(seen, " (lr ", with.lr, ", ", with.epochs, " epochs); expected ",
                                margin, " more")};
}

Verdict learns_on(const Subject& subject, const bench::Spec& spec) {
    Verdict out{Verdict::skip, ""};
    for (const auto& with : tries) {
        const auto now = learns_with(subject, spec, with);
        if (now.kind == Verdict::pass) return now;
        if (out.note.empty() || out.kind == Verdict::skip)
            out = now; // a fault weighs more than a try that says nothing
    }
    return out;
}

} // namespace

Verdict check_same_bits(const Subject& subject) {
    const auto cell = cell_of(subject, small_stream(subject), {7});
    Trace first, second;
    train(subject, cell, first);
    train(subject, cell, second);
    if (const auto what = difference(first, 0, second, 0, true); !what.empty())
        return {
            Verdict::fail,
            "two runs of seed 7: " + what +
                "; take every draw from s.random(purpose) and keep nothing outside of the learner"};
    return {Verdict::pass, text(first.steps(), " steps, twice")};
}

Verdict check_replicas(const Subject& subject) {
    if (!subject.has(MNEME_BATCHED))
        return {Verdict::skip, "the method is flagged single: it trains one run at a time"};
    return for_each_variant(subject, "replicas", [&](const Variant& v) -> Verdict {
        Trace together;
        const std::vector<int64_t> seeds =
            v.text.empty() ? std::vector<int64_t>{1, 2, 3} : std::vector<int64_t>{1, 2};
        train(subject, cell_of(subject, v.spec, seeds, v.options), together);
        for (std::size_t r = 0; r < seeds.size(); ++r) {
            Trace alone;
            train(subject, cell_of(subject, v.spec, {seeds[r]}, v.options), alone);
            if (const auto what = difference(alone, 0, together, r, false); !what.empty())
                return {Verdict::fail,
                        text("seed ", seeds[r], " alone and as one of ", seeds.size(), ": ", what,
                             "; a replica's rows may depend on its own alone")};
        }
        return {Verdict::pass, text("3 seeds, ", together.steps(), " steps")};
    });
}

Verdict check_resume(const Subject& subject) {
    return for_each_variant(subject, "resume", [&](const Variant& v) -> Verdict {
        const auto cell = cell_of(subject, v.spec, {5}, v.options);
        Trace whole;
        train(subject, cell, whole);
        const auto places = middles(whole);
        for (const auto& place : places)
            if (const auto what = broken_off(subject, cell, whole, place); !what.empty())
                return {Verdict::fail, "stopped at " + text_of(place) + " and loaded: " + what};
        if (places.empty()) return {Verdict::skip, "it makes no step"};
        return {Verdict::pass,
                text("stopped within ", places.size(), " phase", places.size() == 1 ? "" : "s",
                     " of task ", std::get<0>(places[0]) + 1)};
    });
}

Verdict check_learns(const Subject& subject) {
    const auto spec = small_stream(subject);
    auto out = learns_on(subject, spec);
    if (out.kind != Verdict::pass || subject.has(MNEME_NEEDS_TASK_ID)) return out;
    announce(subject, "learns", "scenario class");
    const auto other = learns_on(subject, of_scenario_class(spec));
    if (other.kind == Verdict::pass) out.note += ", and in scenario class " + other.note;
    else out = {other.kind, "scenario class: " + other.note};
    return out;
}

} // namespace mneme::harness::examiner
