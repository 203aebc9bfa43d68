// SPDX-License-Identifier: Apache-2.0
// A learner of a plugin, seen from the host: every call goes through the table, a failure comes
// back as an Error, gradients are off.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/session.hpp"
#include "host/snapshot.hpp"

namespace mneme::host {

struct TaskView { // lends a task to a plugin
    TaskView(int64_t index, int64_t count, const mneme_examples& examples);
    mneme_task raw;
};

class Learner final {
  public:
    Learner(const mneme_method&, Session&, OptionBook&);
    ~Learner();
    Learner(const Learner&) = delete;
    Learner& operator=(const Learner&) = delete;

    void begin_task(const TaskView&);
    std::vector<mneme_phase> phases(const TaskView&);
    void begin_phase(const mneme_phase&);
    void begin_epoch(const mneme_phase&, int64_t epoch); // nothing where the method has none
    void end_epoch(const mneme_phase&, int64_t epoch);
    void observe(const mneme_batch&, const mneme_batch* companion);
    void end_phase(const mneme_phase&);
    void end_task(const TaskView&);
    at::Tensor predict(const at::Tensor& x,
                       int64_t task); // task -1: not revealed; logits [S, N, C], checked
    bench::Weights weights();
    Snapshot state(); // itself, not a copy: its tensors are the learner's
    Snapshot save() { return state().on_cpu(); }
    void load(const Snapshot&);
    void put_back(
        const Snapshot&); // the same, into the tensors that are there: each must have its size

    const mneme_method& method() const { return method_; }

  private:
    template <class F> void enter(const char* what, F&& body);
    void load(const Snapshot&, bool in_place);

    const mneme_method& method_;
    Session& session_;
    void* self_ = nullptr;
};

} // namespace mneme::host
