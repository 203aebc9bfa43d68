// SPDX-License-Identifier: Apache-2.0
#include "worker/step_replay.hpp"

#include <algorithm>

#include <mneme/error.hpp>

#include "worker/cell_halves.hpp"

namespace mneme::harness {
namespace {

constexpr int64_t worth_it = 50; // steps still to come, or recording costs more than it saves
constexpr double tolerance =
    1e-4; // of a tensor's largest entry: kernels that add in no fixed order differ in the last bits
constexpr int64_t watched_step = 2; // the first may still make what a method makes once
constexpr int64_t recorded_step = 3;

bool close(const at::Tensor& a, const at::Tensor& b) {
    if (a.defined() != b.defined()) return false;
    if (!a.defined() || a.numel() == 0) return true;
    if (a.sizes() != b.sizes()) return false;
    if (!a.is_floating_point()) return at::equal(a, b);
    const auto finite = at::where(at::isfinite(a), a, at::zeros_like(a)).abs();
    return at::allclose(a, b, 0, tolerance * finite.max().item<double>(), true);
}

// The names of two states where `equal` does not hold, in their order.
template <class F>
std::vector<std::string> names_not(const host::Snapshot& a, const host::Snapshot& b, F&& equal) {
    std::vector<std::string> names;
    for (std::size_t k = 0; k < a.values.size() && k < b.values.size(); ++k)
        if (!equal(a.values[k].second, b.values[k].second)) names.push_back(a.values[k].first);
    if (a.values.size() != b.values.size()) names.emplace_back("the number of its values");
    return names;
}

// A number of the host: a step that is played again would not move it on.
bool same_number(const host::Snapshot::Value& a, const host::Snapshot::Value& b) {
    if (a.index() != b.index()) return false;
    if (const auto* whole = std::get_if<int64_t>(&a)) return *whole == std::get<int64_t>(b);
    if (const auto* real = std::get_if<double>(&a)) return *real == std::get<double>(b);
    return true;
}

bool same_value(const host::Snapshot::Value& a, const host::Snapshot::Value& b) {
    if (!same_number(a, b)) return false;
    const auto* tensor = std::get_if<at::Tensor>(&a);
    return !tensor || close(*tensor, std::get<at::Tensor>(b));
}

} // namespace

StepReplay::StepReplay(host::Session& session, host::Learner& learner, GraphMaker make_graph,
                       int64_t steps)
    : session_(session), learner_(learner), make_graph_(std::move(make_graph)), left_(steps) {}

void StepReplay::make(const host::Place& place, const at::Tensor& positions, bool is_padding,
                      const Body& body) {
    const int64_t left = left_--;
    auto& size = sizes_[{positions.size(1), is_padding}];
    if (size.graph) {
        session_.draws().seek(place, positions, size.positions);
        return size.graph->play();
    }
    session_.draws().seek(place);
    if (!make_graph_ || size.refused || left < worth_it) return body(positions);
    if (++size.made < watched_step) return body(positions);
    size.positions = positions.clone();
    if (size.made < recorded_step) return find_changes_on_host(size, body);
    record(size, body);
}

void StepReplay::refuse(Size& size, const std::string& why) {
    size.refused = true;
    if (reason_.empty()) reason_ = why;
}

void StepReplay::find_changes_on_host(Size& size, const Body& body) {
    const auto before = learner_.state();
    body(size.positions);
    const auto after = learner_.state();
    if (!after.moved(before).empty()) return refuse(size, "its state lies elsewhere after a step");
    if (const auto names = names_not(before, after, same_number); !names.empty())
        refuse(size, "a step changes the number " + names[0] + ", which is not kept in a tensor");
}

void StepReplay::undo(const host::Snapshot& before, const TrainLoss& loss) {
    learner_.put_back(before);
    session_.model().take_train_loss();
    session_.model().add_train_loss(loss.sum, loss.weight);
    session_.draws().seek_again();
}

void StepReplay::record(Size& size, const Body& body) {
    const auto before = learner_.state().copy();
    TrainLoss loss;
    session_.model().peek_train_loss(loss.sum, loss.weight);
    auto graph = make_graph_();
    session_.set_recording(true);
    try {
        graph->record([body, positions = size.positions] { body(positions); });
        session_.set_recording(false);
    } catch (const std::exception& e) {
        session_.set_recording(false);
        if (session_.replicas() > 1 && wants_memory(e))
            throw; // fewer replicas at once have room, and are replayed
        const auto* torch = dynamic_cast<const c10::Error*>(&e);
        const std::string text = torch ? torch->what_without_backtrace() : e.what();
        refuse(size, "it cannot be recorded: " + text.substr(0, text.find('\n')));
        undo(before, loss);
        return body(size.positions);
    }
    compare(size, body, std::move(graph), before, loss);
}

void StepReplay::compare(Size& size, const Body& body, std::unique_ptr<host::Graph> graph,
                         const host::Snapshot& before, const TrainLoss& loss) {
    graph->play();
    const auto played = learner_.state().copy();
    TrainLoss played_loss, called_loss;
    session_.model().peek_train_loss(played_loss.sum, played_loss.weight);
    undo(before, loss);
    body(size.positions);
    const auto called = learner_.state().copy();
    session_.model().peek_train_loss(called_loss.sum, called_loss.weight);
    auto names = names_not(called, played, same_value);
    if (!names.empty()) {
        // What differs between two called steps, such as rows of a scatter that nobody reads, does
        // not speak against the recording.
        undo(before, loss);
        body(size.positions);
        const auto unsteady = names_not(called, learner_.state(), same_value);
        std::erase_if(names, [&](const auto& name) {
            return std::find(unsteady.begin(), unsteady.end(), name) != unsteady.end();
        });
    }
    const auto tensor = [](const std::vector<double>& values) {
        return at::from_blob(const_cast<double*>(values.data()),
                             {static_cast<int64_t>(values.size())}, at::kDouble);
    };
    if (!(close(tensor(called_loss.sum), tensor(played_loss.sum)) &&
          called_loss.weight == played_loss.weight))
        names.emplace_back("the loss");
    if (!names.empty())
        return refuse(size, "a recorded step, played, differs from a step called in " + names[0]);
    size.graph = std::move(graph);
    captured_ = true;
}

} // namespace mneme::harness
