// SPDX-License-Identifier: Apache-2.0
// How the steps of a phase are made: each by calling the learner or, on a GPU, by replaying a
// recorded one, which costs one launch however many kernels a step has (docs/decisions/0007).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "host/kernels.hpp"
#include "host/learner.hpp"
#include "worker/execution_mode.hpp"

namespace mneme::harness {

class StepReplay final {
  public:
    // A step: gathers the batch at `positions` [S or 1, B] and has the learner observe it. Its
    // batch size and whether it is padding (all of weight 0) determine the kernels that it
    // launches, unless the learner branches by itself.
    using Body = std::function<void(const at::Tensor& positions)>;

    StepReplay(host::Session&, host::Learner&, GraphMaker, int64_t steps);

    // A step at `place`. The first steps of a size are called. Then one is recorded, replayed,
    // undone and called; where the two agree, later steps are replayed. The steps of a learner that
    // cannot be recorded are called to the end.
    void make(const host::Place& place, const at::Tensor& positions, bool is_padding, const Body&);

    bool captured() const { return captured_; }           // steps of one size at least
    const std::string& reason() const { return reason_; } // why a size was not; empty: all were

  private:
    struct TrainLoss {
        std::vector<double> sum, weight; // of each replica
    };
    struct Size {
        int64_t made = 0;
        bool refused = false;
        at::Tensor positions; // where a recorded step reads its positions
        std::unique_ptr<host::Graph> graph;
    };
    void refuse(Size&, const std::string& why);
    void find_changes_on_host(Size&, const Body&);
    void record(Size&, const Body&);
    void compare(Size&, const Body&, std::unique_ptr<host::Graph>, const host::Snapshot& before,
                 const TrainLoss& loss);
    void undo(const host::Snapshot& before, const TrainLoss& loss);

    host::Session& session_;
    host::Learner& learner_;
    const GraphMaker make_graph_;
    int64_t left_; // steps of the phase still to come
    std::map<std::pair<int64_t, bool>, Size> sizes_;
    bool captured_ = false;
    std::string reason_;
};

} // namespace mneme::harness
