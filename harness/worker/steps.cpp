// SPDX-License-Identifier: Apache-2.0
#include "worker/steps.hpp"

#include <algorithm>

#include <mneme/error.hpp>

#include "worker/parts.hpp"

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

Steps::Steps(host::Session& session, host::Learner& learner, GraphMaker make_graph, int64_t steps)
    : session_(session), learner_(learner), make_graph_(std::move(make_graph)), left_(steps) {}

void Steps::make(const host::Session::Place& place, const at::Tensor& positions, bool spent,
                 const Body& body) {
    const int64_t left = left_--;
    auto& size = sizes_[{positions.size(1), spent}];
    if (size.graph) {
        session_.stand_at(place, positions, size.positions);
        return size.graph->play();
    }
    session_.stand_at(place);
    if (!make_graph_ || size.refused || left < worth_it) return body(positions);
    if (++size.made < watched_step) return body(positions);
    size.positions = positions.clone();
    if (size.made < recorded_step) return watch(size, body);
    rehearse(size, body);
}

void Steps::refuse(Size& size, const std::string& why) {
    size.refused = true;
    if (why_.empty()) why_ = why;
}

void Steps::watch(Size& size, const Body& body) {
    const auto before = learner_.state();
    body(size.positions);
    const auto after = learner_.state();
    if (!after.moved(before).empty()) return refuse(size, "its state lies elsewhere after a step");
    if (const auto names = names_not(before, after, same_number); !names.empty())
        refuse(size, "a step changes the number " + names[0] + ", which is not kept in a tensor");
}

void Steps::rehearse(Size& size, const Body& body) {
    const auto before = learner_.state().copy();
    std::vector<double> sum, weight;
    session_.peek_train_loss(sum, weight);
    const auto take_back = [&] {
        learner_.put_back(before);
        session_.take_train_loss();
        session_.add_train_loss(sum, weight);
        session_.stand_again();
    };
    auto graph = make_graph_();
    session_.set_recording(true);
    try {
        graph->record([body, positions = size.positions] { body(positions); });
        session_.set_recording(false);
    } catch (const std::exception& e) {
        session_.set_recording(false);
        if (session_.replicas() > 1 && wants_memory(e))
            throw; // fewer at once have room, and are played
        const auto* torch = dynamic_cast<const c10::Error*>(&e);
        const std::string text = torch ? torch->what_without_backtrace() : e.what();
        refuse(size, "it cannot be recorded: " + text.substr(0, text.find('\n')));
        take_back();
        return body(size.positions);
    }
    graph->play();
    const auto played = learner_.state().copy();
    std::vector<double> played_sum, played_weight;
    session_.peek_train_loss(played_sum, played_weight);
    take_back();
    body(size.positions);
    const auto called = learner_.state().copy();
    std::vector<double> called_sum, called_weight;
    session_.peek_train_loss(called_sum, called_weight);
    auto names = names_not(called, played, same_value);
    if (!names.empty()) { // what a called step does not repeat says nothing of the recording: rows
                          // of a scatter that nobody reads, say
        take_back();
        body(size.positions);
        const auto unsteady = names_not(called, learner_.state(), same_value);
        std::erase_if(names, [&](const auto& name) {
            return std::find(unsteady.begin(), unsteady.end(), name) != unsteady.end();
        });
    }
    const auto all = [](const std::vector<double>& values) {
        return at::from_blob(const_cast<double*>(values.data()),
                             {static_cast<int64_t>(values.size())}, at::kDouble);
    };
    if (!(close(all(called_sum), all(played_sum)) && called_weight == played_weight))
        names.emplace_back("the loss");
    if (!names.empty())
        return refuse(size, "a recorded step, played, differs from a step called in " + names[0]);
    size.graph = std::move(graph);
    recorded_ = true;
}

} // namespace mneme::harness
