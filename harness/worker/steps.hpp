// SPDX-License-Identifier: Apache-2.0
// How the steps of a phase are made: each by calling the learner or, on a GPU, by playing a
// recorded one again, which costs one launch however many kernels a step has (docs/decisions/0007).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "host/kernels.hpp"
#include "host/learner.hpp"

namespace mneme::harness {

using GraphMaker = std::function<std::unique_ptr<host::Graph>()>; // empty: nothing is recorded

class Steps final {
  public:
    // A step: gathers the batch at `positions` [S or 1, B] and has the learner observe it. Its
    // batch size and whether it is `spent` (all of weight 0) fix what it launches, but for what the
    // learner decides by itself.
    using Body = std::function<void(const at::Tensor& positions)>;

    Steps(host::Session&, host::Learner&, GraphMaker, int64_t steps);

    // A step at `place`. The first steps of a size are called; then one is recorded, played, taken
    // back and called, and where the two agree the later ones are played. A learner that cannot be
    // recorded is called on.
    void make(const host::Session::Place& place, const at::Tensor& positions, bool spent,
              const Body&);

    bool recorded() const { return recorded_; } // one size of step at least
    const std::string& reason() const {
        return why_;
    } // why a size was not; empty: none was refused

  private:
    struct Size {
        int64_t made = 0;
        bool refused = false;
        at::Tensor positions; // the place that a recorded step reads
        std::unique_ptr<host::Graph> graph;
    };
    void refuse(Size&, const std::string& why);
    void watch(Size&, const Body&);
    void rehearse(Size&, const Body&);

    host::Session& session_;
    host::Learner& learner_;
    const GraphMaker make_graph_;
    int64_t left_; // steps of the phase still to come
    std::map<std::pair<int64_t, bool>, Size> sizes_;
    bool recorded_ = false;
    std::string why_;
};

} // namespace mneme::harness
