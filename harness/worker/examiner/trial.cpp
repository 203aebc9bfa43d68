// SPDX-License-Identifier: Apache-2.0
// A method trained on a small stream, and what is remembered of such a run.
#include "worker/examiner/examiner.hpp"

#include <base/sha256.hpp>

namespace mneme::harness::examiner {
namespace {

std::string digest_of(const at::Tensor& weights, int64_t replica) {
    if (!weights.defined() || weights.numel() == 0) return "";
    const auto row = weights[replica].contiguous().to(at::kCPU);
    base::Sha256 sha;
    sha.add(row.data_ptr(), row.nbytes());
    return sha.hex();
}

} // namespace

bench::Spec small_stream(const Subject& subject, int64_t epochs) {
    bench::Spec spec;
    spec.name = "examination";
    spec.stream.kind = "synthetic";
    spec.stream.tasks = 3;
    spec.stream.classes_per_task = 3;
    spec.stream.features = 12;
    spec.stream.separation = 8;
    spec.stream.train_examples = 93; // a last batch that is not full
    spec.stream.test_examples = rows_of_exam;
    spec.scenario.kind = subject.has(MNEME_NEEDS_TASK_ID) ? "task" : "domain";
    spec.network.hidden = {24, 16};
    spec.train.lr = 0.1;
    spec.train.epochs = epochs;
    spec.train.batch_size = 10;
    spec.train.momentum = 0.5;
    return spec;
}

bench::Spec tiny_stream(const Subject& subject) {
    auto spec = small_stream(subject, 1);
    spec.stream.tasks = 2;
    spec.stream.train_examples = 23;
    return spec;
}

bench::Spec of_scenario_class(bench::Spec spec) {
    spec.scenario.kind = "class";
    return spec;
}

Cell cell_of(const Subject& subject, const bench::Spec& spec, const std::vector<int64_t>& seeds,
             const Json& options) {
    Cell cell;
    cell.data.benchmark = {spec, "examination", "", ""};
    cell.plugin.id = subject.method.id;
    cell.output = subject.folder;
    Settings given;
    for (const auto& [key, value] : options.items()) given.push_back({key, {value, "check"}});
    for (int64_t seed : seeds) {
        const auto name = text(subject.method.id, "-", seed);
        cell.runs.push_back({name, name, seed, given, {}, {}, {}});
    }
    return cell;
}

std::string text_of(const Place& place) {
    const auto [task, phase, step] = place;
    if (step < 0) return text("the end of task ", task + 1);
    return text("task ", task + 1, ", phase ", phase + 1, ", step ", step);
}

void Trace::after_step(host::Learner& learner, Position at) {
    const auto w = learner.weights();
    auto& row = weights[{at.task, at.phase, at.step}];
    for (int64_t r = 0; r < w.theta.size(0); ++r)
        row.push_back(digest_of(w.theta, r) + digest_of(w.stats, r));
}

void forget(const Cell& cell) {
    std::error_code ignored;
    std::filesystem::remove_all(std::filesystem::path(cell.output) / "checkpoints", ignored);
}

void Trace::after_task(host::Learner& learner, int64_t task) {
    after_step(learner, {task, 99, -1}); // phase 99: behind every phase
    states[{task, 99, -1}] = learner.save().digest();
}

std::vector<results::Block> train(const Subject& subject, const Cell& cell, RunObserver* observer) {
    Runner runner(cell, subject.method, subject.reporter, 1e9, observer);
    auto blocks = runner.run();
    forget(cell); // a run that was stopped is resumed from them
    for (const auto& block : blocks)
        if (block.outcome.at({0, 0}) == static_cast<int32_t>(results::Outcome::failed))
            throw Broken{block.outcome_message.at({0, 0})};
    return blocks;
}

void train(const Subject& subject, const Cell& cell, Trace& trace) {
    trace.blocks = train(subject, cell, &trace);
}

std::string difference(const Trace& a, std::size_t r, const Trace& b, std::size_t q, bool whole) {
    for (const auto& [place, digests] : a.weights) {
        const auto other = b.weights.find(place);
        if (other == b.weights.end()) return "only one of them reaches " + text_of(place);
        if (digests[r] != other->second[q])
            return "the weights differ from " + text_of(place) + " on";
    }
    if (whole)
        for (const auto& [place, digest] : a.states)
            if (const auto other = b.states.find(place);
                other == b.states.end() || digest != other->second)
                return "the state differs at " + text_of(place);
    const auto &x = a.blocks[r], &y = b.blocks[q];
    if (x.n_correct.data != y.n_correct.data || x.initial_correct.data != y.initial_correct.data)
        return "the weights are equal, the predictions differ";
    return {};
}

void announce(const Subject& subject, const std::string& check, const std::string& detail) {
    subject.reporter.say(protocol::Checking{subject.method.id, check, detail});
}

} // namespace mneme::harness::examiner
