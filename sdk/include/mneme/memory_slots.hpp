// SPDX-License-Identifier: Apache-2.0
// The options of a replay memory, and which slot each incoming row gets by its policy: arithmetic
// on [S, B], -1 where a row is not kept. A row of weight 0 gets none.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <mneme/learner.hpp>
#include <mneme/rows.hpp>

namespace mneme {

// What a memory keeps, as options.
struct MemoryOptions {
    enum class Policy { class_balanced, ring, reservoir, balanced };

    // Declares policy (the first is the default); memory_per_class and memory where one of the
    // policies counts by them; memory_batch, unless `rows` is 0: the method draws in its own way.
    MemoryOptions(Setup& s, std::initializer_list<const char*> policies, int64_t rows,
                  int64_t of_class)
        : policy(named(s.options.choice("policy", policies, "which examples are kept"))),
          per_class(of_class), capacity(0), batch(rows) {
        const bool balanced = has(policies, "balanced");
        if (has(policies, "class_balanced") || has(policies, "ring"))
            per_class = s.options.count("memory_per_class", of_class, {.min = 1},
                                        "examples kept per class and task (class_balanced, ring)");
        if (balanced || has(policies, "reservoir"))
            capacity = s.options.count("memory", 200, {.min = 1},
                                       balanced ? "examples kept in all (reservoir, balanced)"
                                                : "examples kept in all (reservoir)");
        if (rows > 0)
            batch =
                s.options.count("memory_batch", rows, {.min = 1}, "stored examples drawn a step");
        if (!s.boundaries && !at_once())
            throw Error(
                "policy: class_balanced and ring keep examples when a task ends, and this stream "
                "announces none; use \"reservoir\" where the method has it",
                MNEME_OPTION);
    }
    bool at_once() const { return policy == Policy::reservoir || policy == Policy::balanced; }

    Policy policy;
    int64_t per_class, capacity, batch;

  private:
    static Policy named(const std::string& name) {
        return name == "ring"        ? Policy::ring
               : name == "reservoir" ? Policy::reservoir
               : name == "balanced"  ? Policy::balanced
                                     : Policy::class_balanced;
    }
    static bool has(std::initializer_list<const char*> names, std::string_view name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    }
};

class MemorySlots final {
  public:
    MemorySlots(int64_t replicas, int64_t classes, int64_t per_class)
        : replicas_(replicas), classes_(classes), per_class_(per_class), class_(range(classes)) {}

    int64_t classes() const { return classes_; }

    // For a task's classes; gives the number of slots of its ring.
    int64_t begin_ring(const std::vector<int64_t>& classes) {
        const auto count = static_cast<int64_t>(classes.size());
        of_task_ = Tensor::of(classes, {count});
        seen_ = zeros({replicas_, count}, DType::int64);
        first_ = range(count) * per_class_ + 1;
        return count * per_class_;
    }
    // Slot = position of the class * m + (seen of the class + rank in the batch) mod m.
    Tensor of_ring(const Batch& batch) {
        const auto one =
            (batch.y.unsqueeze(-1) == of_task_) && (batch.weight.unsqueeze(-1) > 0); // [S, B, K]
        const auto number = seen_.unsqueeze(1) + one.cumsum(1); // of its class, from 1
        const auto slot = (first_ + (number - 1).remainder(per_class_)) * one; // from 1, 0: none
        seen_.copy_(number.select(1, batch.rows() - 1));
        return slot.amax(-1) - 1;
    }

    void begin() {
        seen_ = zeros({replicas_, 1}, DType::int64);
        kept_ = zeros({replicas_, classes_}, DType::int64);
        known_ = kept_ > 0;
    }
    // Row number N, from 0, takes slot N while there is room, else slot j drawn from {0..N}, if j
    // is one.
    Tensor of_reservoir(const Batch& batch, int64_t capacity, const Random& source) {
        const auto one = batch.weight > 0;
        const auto seen = seen_ + one.cumsum(1); // [S, B], this row too
        const auto drawn = (source.randint(int64_t{1} << 31, {batch.rows()}) * seen) >> 31;
        const auto number = seen * one - 1; // -1: no row
        seen_.copy_(seen.narrow(1, batch.rows() - 1, 1));
        return where(number < capacity, number, drawn);
    }
    // One row a replica. A class may fill capacity / (classes seen); in a full memory a row of the
    // largest class makes room, the one with the largest of `keys` [S, M].
    Tensor of_balanced(const Batch& row, const Batch& store, int64_t capacity, const Tensor& keys) {
        const auto counts = row.weight > 0; // [S, 1]
        const auto mine = (class_ == row.y) && counts;
        known_.copy_(known_ || mine);
        const auto wanted = counts && (kept_.gather(1, row.y) * known_.sum(1, keepdim) < capacity);
        const auto filled = kept_.sum(1, keepdim);
        const auto full = filled >= capacity;
        const auto largest = kept_.argmax(1, keepdim);
        const auto victim =
            keys.masked_fill((store.y != largest) || (store.weight <= 0), -1).argmax(1, keepdim);
        kept_.add_((mine && wanted).to(DType::int64) -
                   ((class_ == largest) && wanted && full).to(DType::int64));
        return where(wanted, where(full, victim, filled), zeros_like(filled) - 1);
    }

    void state(State& s) {
        s("seen", seen_);
        s("of_task", of_task_);
        s("first", first_);
        s("kept", kept_);
        s("known", known_);
    }

  private:
    const int64_t replicas_, classes_, per_class_;
    Tensor seen_; // ring: [S, K] examples seen of each class in this task; reservoir: [S, 1] in all
    Tensor of_task_;     // ring: [K] the task's classes
    Tensor first_;       // ring: [K] int64, the first slot of each class, counted from 1
    Tensor kept_;        // balanced: [S, C] rows kept of each class
    Tensor known_;       // balanced: [S, C] bool, classes seen
    const Tensor class_; // [C] 0, 1, ...
};

} // namespace mneme
