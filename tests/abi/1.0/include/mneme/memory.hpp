// SPDX-License-Identifier: Apache-2.0
// Replay memory: a fixed number of slots per replica, and one spare slot for rows that are not wanted, so that which rows are kept is
// arithmetic and never a branch. Rows keep their task: the head rule holds for a memory row as for any other.
//   class_balanced  `memory_per_class` random examples of each class, stored at the task's end
//   ring            the last `memory_per_class` examples of each class, written while training; drawn from when the task is over
//   reservoir       `memory` examples in all, each seen so far with equal probability (Vitter 1985, algorithm R); drawn from at once
#pragma once

#include <string>
#include <vector>

#include <mneme/learner.hpp>
#include <mneme/rows.hpp>

namespace mneme {

class ReplayMemory final {
  public:
    enum class Policy { class_balanced, ring, reservoir };

    // Declares the shared options policy (the first is the default), memory_per_class, memory, memory_batch.
    ReplayMemory(Setup& s, std::initializer_list<const char*> policies, int64_t batch, int64_t per_class = 1)
        : policy_(named(s.options.choice("policy", policies, "which examples are kept"))),
          per_class_(s.options.count("memory_per_class", per_class, {.min = 1}, "examples kept per class and task (class_balanced, ring)")),
          capacity_(has(policies, "reservoir") ? s.options.count("memory", 200, {.min = 1}, "examples kept in all (reservoir)") : 0),
          batch_(s.options.count("memory_batch", batch, {.min = 1}, "stored examples drawn a step")), write_(s.random("memory_write")),
          draw_(s.random("memory_draw")), replicas_(s.replicas) {
        if (!s.boundaries && policy_ != Policy::reservoir)
            throw Error(
                "policy: class_balanced and ring keep examples when a task ends, and this stream announces none; \"reservoir\", where the "
                "method has it, would be right",
                MNEME_OPTION);
    }

    // At the task's start. The ring makes room for the task's classes, the reservoir once for all: in a step nothing is made any more.
    void start(const Task& task) {
        const auto classes = static_cast<int64_t>(task.classes.size());
        classes_ = Tensor::of(task.classes, {classes});
        if (policy_ == Policy::ring) {
            seen_ = zeros({replicas_, classes}, DType::int64);
            first_ = range(classes) * per_class_;
            ring_ = room(one_row(task), classes * per_class_ + 1);
        }
        if (policy_ == Policy::reservoir && empty()) {
            seen_ = zeros({replicas_, 1}, DType::int64);
            store_ = room(one_row(task), capacity_ + 1);
        }
    }

    // After each step, with the current task's batch.
    void add(const Batch& batch) {
        if (policy_ == Policy::class_balanced) return;
        if (policy_ == Policy::reservoir) return add_reservoir(batch);
        add_ring(batch);
    }

    // At the task's end: from now on the task's examples are drawn.
    void finish(const Task& task) {
        if (policy_ == Policy::class_balanced) append(store_, task.train().per_class(per_class_));
        if (policy_ == Policy::ring && ring_.x.defined()) {
            append(store_, written(rows(ring_, 0, ring_.rows() - 1)));
            ring_ = {};
        }
    }

    bool empty() const { return !store_.x.defined(); }
    int64_t slots() const { return empty() ? 0 : store_.rows() - spare(); }

    // min(memory_batch, slots) rows, drawn without replacement for each replica; an empty slot comes with weight 0.
    Batch sample() const {
        const int64_t m = slots(), n = std::min(batch_, m);
        const auto filled = store_.weight.narrow(1, 0, m) > 0;
        const auto keys = where(filled, draw_.uniform({m}), store_.weight.new_full({1, 1}, -1));
        return pick(store_, keys.topk(n, 1)[1]);
    }

    void state(State& s) {
        s("store", store_);
        s("~ring", ring_);
        s("~seen", seen_);
        s("~classes", classes_);
        s("~first", first_);
    }

  private:
    static Policy named(const std::string& name) {
        return name == "ring" ? Policy::ring : name == "reservoir" ? Policy::reservoir : Policy::class_balanced;
    }
    static bool has(std::initializer_list<const char*> names, std::string_view name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    }
    int64_t spare() const { return policy_ == Policy::reservoir ? 1 : 0; }

    static Batch rows(const Batch& b, int64_t start, int64_t n) {
        return {b.x.narrow(1, start, n), b.y.narrow(1, start, n), b.task.narrow(1, start, n), b.weight.narrow(1, start, n), 0};
    }
    // Without the slots that no replica has filled: a class had fewer examples than there was room for.
    static Batch written(const Batch& b) {
        const auto any = b.weight.amax(0).to_vector();
        std::vector<int64_t> at;
        for (std::size_t k = 0; k < any.size(); ++k)
            if (any[k] > 0) at.push_back(static_cast<int64_t>(k));
        const auto index = Tensor::of(at, {static_cast<int64_t>(at.size())});
        return {b.x.index_select(1, index), b.y.index_select(1, index), b.task.index_select(1, index), b.weight.index_select(1, index), 0};
    }

    static Batch one_row(const Task& task) {
        const auto parts = task.train().batches(0, 1);
        return (*parts.begin()).batch;
    }
    Batch room(const Batch& like_batch, int64_t slots) const { // empty slots: weight 0
        auto shape = like_batch.x.shape();
        if (like_batch.x.size(0) == replicas_ && like_batch.x.dim() > 2) shape.erase(shape.begin());
        shape[0] = slots;
        shape.insert(shape.begin(), replicas_);
        return {like_batch.x.new_zeros(shape), zeros({replicas_, slots}, DType::int64), zeros({replicas_, slots}, DType::int64),
                zeros({replicas_, slots}), 0};
    }
    void write(Batch& to, const Batch& from, const Tensor& slot) const {
        auto x = from.x;
        if (x.dim() < to.x.dim()) { // one x for all replicas
            auto shape = x.shape();
            shape.insert(shape.begin(), replicas_);
            x = x.unsqueeze(0).expand(shape);
        }
        to.x.scatter_(1, index_of_rows(slot, x), x);
        to.y.scatter_(1, slot, from.y);
        to.task.scatter_(1, slot, from.task);
        to.weight.scatter_(1, slot, from.weight);
    }

    // Slot = position of the class * m + (seen of the class + rank in the batch) mod m. Rows that a later row of the batch overwrites, and
    // rows of weight 0, go to the spare slot, because a scatter with two rows for one slot promises no order.
    void add_ring(const Batch& batch) {
        const int64_t m = per_class_, classes = classes_.size(0);
        const auto one = ((batch.y.unsqueeze(-1) == classes_) && (batch.weight.unsqueeze(-1) > 0)).to(DType::int64); // [S, B, K]
        const auto rank = one.cumsum(1) - 1, total = one.sum(1, keepdim);                                            // [S, B, K], [S, 1, K]
        const auto slot = first_ + (seen_.unsqueeze(1) + rank).remainder(m);
        const auto kept = (one > 0) && ((total - rank) <= m);
        const auto wanted = kept.any(-1);
        write(ring_, batch, where(wanted, (slot * kept.to(DType::int64)).sum(-1), zeros_like(batch.y) + classes * m));
        seen_ += total.squeeze(1);
    }

    // Row i of the batch is example number N = seen + i. It takes slot N while there is room, else slot j drawn from {0..N}, if j is one.
    void add_reservoir(const Batch& batch) {
        const auto one = (batch.weight > 0).to(DType::int64);
        const auto number = seen_ + one.cumsum(1) - 1; // [S, B]
        const auto drawn = (write_.integers(int64_t{1} << 31, {batch.rows()}) * (number + 1)) >> 31;
        auto slot = where(number < capacity_, number, drawn);
        slot = where((slot < capacity_) && (one > 0), slot, zeros_like(slot) + capacity_);
        const auto same = (slot.unsqueeze(2) == slot.unsqueeze(1)).triu(1).any(2); // a later row takes the slot
        write(store_, batch, where(same, zeros_like(slot) + capacity_, slot));
        seen_ += one.sum(1, keepdim);
    }

    const Policy policy_;
    const int64_t per_class_, capacity_, batch_;
    Random write_, draw_;
    const int64_t replicas_;
    Batch store_, ring_; // [S, slots]; an empty slot has weight 0
    Tensor seen_;        // ring: [S, K] examples seen of each class in this task; reservoir: [S, 1] in all
    Tensor classes_;     // [K] the task's classes
    Tensor first_;       // ring: [K] int64, the first slot of each class
};

} // namespace mneme
