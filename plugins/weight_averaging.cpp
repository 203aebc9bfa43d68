// SPDX-License-Identifier: Apache-2.0
// Weight averaging: the network that answers is the mean of the networks at the tasks' ends.
//
//   task t:  theta_t by plain descent on task t, from where `start` says
//            merged <- merged + (theta_t - merged) / t  =  (theta_1 + ... + theta_t) / t
//
// start = "merged": from the mean so far; "last": from theta_{t-1}, the path of fine-tuning;
// "initial": from theta_0, each task alone. In one basin the mean is as good as its members and
// forgets less (Izmailov et al. 2018, arXiv:1803.05407; Wortsman et al. 2022, arXiv:2203.05482).
#include <mneme/descent_learner.hpp>
#include <mneme/mneme.hpp>

namespace {

class WeightAveraging final : public mneme::DescentLearner {
  public:
    explicit WeightAveraging(mneme::Setup& s)
        : DescentLearner(s, {.lr = 0.01, .batch_size = 10, .momentum = 0.8}),
          start_(s.options.choice<Start>("start", {"merged", "last", "initial"},
                                         "the weights that a task begins with")),
          merged_(weights().theta.clone()), last_(weights().theta.clone()) {}

    void begin_task(const mneme::Task& task) override {
        if (start_ == Start::last) weights().theta.copy_(last_);
        if (start_ == Start::initial) weights().theta.copy_(net().initial().theta);
        DescentLearner::begin_task(task);
        optimizer().reset();
    }
    void observe(const mneme::Batch& batch) override { descend(batch); }
    void end_task(const mneme::Task& task) override {
        last_.copy_(weights().theta);
        merged_ += (last_ - merged_) / static_cast<double>(task.index + 1);
        weights().theta.copy_(merged_);
    }

    void state(mneme::State& s) override {
        DescentLearner::state(s);
        s("merged", merged_);
        s("last", last_);
    }

  private:
    enum class Start { merged, last, initial };
    const Start start_;
    mneme::Tensor merged_, last_; // [S, P]
};

} // namespace

MNEME_METHOD(WeightAveraging, "weight_averaging", "the mean of the networks at the tasks' ends",
             "arXiv:2203.05482", needs_task_boundaries)
