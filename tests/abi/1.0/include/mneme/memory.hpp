// SPDX-License-Identifier: Apache-2.0
// Replay memory: a fixed number of slots per replica. A row that is not wanted gets the slot -1, so
// that which rows are kept is arithmetic and never a branch. Rows keep their task: the head rule
// holds for a memory row as for any other.
//   class_balanced  `memory_per_class` random examples of each class, stored at the task's end
//   ring            the last `memory_per_class` examples of each class, written while training;
//                   drawn from when the task is over
//   reservoir       `memory` examples in all, each seen so far with equal probability (Vitter 1985,
//                   algorithm R); drawn from at once
//   balanced        `memory` examples in all, as many of each class as of the others (Prabhu, Torr,
//                   Dokania 2020, "GDumb", algorithm 1); drawn from at once
// Beside each row a method may keep values of its own: `keep` in the constructor, then `add` with
// them.
#pragma once

#include <string>
#include <vector>

#include <mneme/augment.hpp>
#include <mneme/learner.hpp>
#include <mneme/memory_slots.hpp>
#include <mneme/rows.hpp>

namespace mneme {

class ReplayMemory final {
  public:
    using Policy = MemoryOptions::Policy;

    // Declares what MemoryOptions declares.
    ReplayMemory(Setup& s, std::initializer_list<const char*> policies, int64_t batch,
                 int64_t per_class = 1)
        : has_(s, policies, batch, per_class), write_(s.random("memory_write")),
          draw_(s.random("memory_draw")), view_(s.random("memory_view")),
          slots_(s.replicas, s.net.classes(), has_.per_class) {}

    // In the constructor: beside each row `length` float32 numbers. Gives their index.
    std::size_t keep(int64_t length) {
        lengths_.push_back(length);
        return lengths_.size() - 1;
    }

    // At the task's start. The ring makes room for the task's classes, reservoir and balanced once
    // for all: in a step nothing is made any more.
    void start(const Task& task) {
        if (has_.policy == Policy::ring) {
            const int64_t slots = slots_.begin_ring(task.classes);
            ring_ = StoredRows::room(one_row(task), slots, lengths_);
        }
        if (has_.at_once() && empty()) {
            slots_.begin();
            store_ = StoredRows::room(one_row(task), has_.capacity, lengths_);
        }
    }

    // After each step, with the current task's batch and the values [S, B, length] of each `keep`.
    // Gives the slot of each row, [S, B] int64, -1: not kept, and undefined with class_balanced. A
    // ring's slots are those of the task under way.
    Tensor add(const Batch& batch, const std::vector<Tensor>& values = {}) {
        if (has_.policy == Policy::class_balanced) return {};
        if (has_.policy == Policy::balanced) return add_balanced(batch, values);
        const bool ring = has_.policy == Policy::ring;
        const auto slot =
            ring ? slots_.of_ring(batch) : slots_.of_reservoir(batch, has_.capacity, write_);
        (ring ? ring_ : store_).put(slot, batch, values);
        return slot;
    }

    // At the task's end: from now on the task's examples are drawn. class_balanced stores them now.
    void finish(const Task& task) {
        if (has_.policy == Policy::class_balanced) store(task.train().per_class(has_.per_class));
        if (has_.policy == Policy::ring && ring_.slots() > 0) {
            store_.append(written(ring_));
            ring_ = {};
        }
    }
    // Outside a step: rows behind those that are there, in new slots.
    void store(const Batch& batch, const std::vector<Tensor>& values = {}) {
        auto more = StoredRows{batch, values};
        if (values.empty()) more.own = StoredRows::room(batch, batch.rows(), lengths_).own; // zeros
        store_.append(more);
    }
    // Outside a step: the first `most` rows of each class stay.
    void trim(int64_t most) { store_ = trimmed(store_, slots_.classes(), most); }

    bool empty() const { return store_.slots() == 0; }
    int64_t slots() const { return store_.slots(); }
    int64_t batch() const { return has_.batch; }      // rows that draw() gives
    const Batch& rows() const { return store_.rows; } // all slots; an empty one weighs 0
    const Tensor& own(std::size_t index = 0) const {
        return store_.own.at(index);
    } // [S, M, length]

    // Positions [S, n] of rows to replay, as `drawn` has it; n = 0: memory_batch.
    Tensor draw(int64_t n = 0) const { return drawn(draw_, rows(), n > 0 ? n : has_.batch); }
    // The rows at such positions; an empty slot comes with weight 0. Their own values.
    Batch at(const Tensor& positions) const { return pick(store_.rows, positions); }
    Tensor own_at(const Tensor& positions, std::size_t index = 0) const {
        return own(index).gather(1, index_of_rows(positions, own(index)));
    }
    // Other values for rows at positions of which none is there twice.
    void set_own(const Tensor& positions, const Tensor& values, std::size_t index = 0) {
        store_.own.at(index).scatter_(1, index_of_rows(positions, values), values);
    }
    Batch sample() const { return at(draw()); }
    // The rows at positions, their pictures moved anew as the benchmark says: for a memory that
    // takes batches as_stored().
    Batch augmented_at(const Tensor& positions) const {
        auto batch = at(positions);
        batch.x = augmented(view_, batch.x);
        return batch;
    }

    void state(State& s) {
        store_.own.resize(lengths_.size()), ring_.own.resize(lengths_.size());
        s("store", store_);
        s("~ring", ring_);
        s("~slots", slots_);
    }

  private:
    static Batch one_row(const Task& task) {
        const auto parts = task.train().batches(0, 1);
        return (*parts.begin()).batch;
    }
    // Row by row: whether one is kept depends on the rows before it.
    Tensor add_balanced(const Batch& batch, const std::vector<Tensor>& values) {
        const auto keys = write_.uniform({batch.rows(), has_.capacity});
        std::vector<Tensor> all;
        for (int64_t k = 0; k < batch.rows(); ++k) {
            const auto row = slice(batch, k, 1);
            std::vector<Tensor> own;
            for (const auto& v : values) own.push_back(v.narrow(1, k, 1));
            all.push_back(slots_.of_balanced(row, store_.rows, has_.capacity, keys.select(1, k)));
            store_.put(all.back(), row, own);
        }
        return cat(all, 1);
    }

    const MemoryOptions has_;
    Random write_, draw_, view_;
    MemorySlots slots_;
    std::vector<int64_t> lengths_;
    StoredRows store_, ring_;
};

} // namespace mneme
