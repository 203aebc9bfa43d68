// SPDX-License-Identifier: Apache-2.0
// Joint training: descent on all tasks so far, which no continual learner may see. The ceiling of
// every table.
//
//   incremental   w*_t continues from w*_{t-1} on the union of tasks 1..t (Mirzadeh et al. 2021,
//       arXiv:2010.04495, section 3)
//   all           once, at the last task, on the union of all tasks, from the initial weights;
//       earlier rows do not exist
#include <mneme/descent_learner.hpp>
#include <mneme/mneme.hpp>

namespace {

class Joint final : public mneme::DescentLearner {
  public:
    explicit Joint(mneme::Setup& s)
        : DescentLearner(s, {.lr = 0.1, .batch_size = 64, .momentum = 0.8}),
          mode_(s.options.choice<Mode>("mode", {"incremental", "all"},
                                       "train at every task, or once at the last")) {}

    std::vector<mneme::Phase> phases(const mneme::Task& task) const override {
        if (mode_ == Mode::all && !task.last()) return {};
        return {{.data = mneme::Data::seen_tasks}};
    }

    void observe(const mneme::Batch& batch) override { descend(batch); }

  private:
    enum class Mode { incremental, all };
    const Mode mode_;
};

} // namespace

MNEME_METHOD(Joint, "joint", "training on the union of all tasks so far: an upper bound", "",
             oracle)
