// SPDX-License-Identifier: Apache-2.0
// A task and its training data. Lent for the call: keep neither. Test data does not exist here.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <mneme/net.hpp>

namespace mneme {

using TaskId = std::optional<int64_t>; // empty when the benchmark does not reveal the task

// The examples of a phase. seen_tasks (the union of tasks 1..t) only for methods flagged `oracle`;
// none: `observe` gets an empty batch, `steps` times in each epoch.
enum class Data {
    this_task = MNEME_THIS_TASK,
    seen_tasks = MNEME_SEEN_TASKS,
    none = MNEME_NO_DATA
};

// What the harness runs in one stretch. Zero means "as [train] says". The harness hands the
// resolved phase to begin_phase, so that a schedule knows its length.
struct Phase {
    std::string name = "train";
    int64_t epochs = 0, batch_size = 0;
    int64_t samples = 0;    // examples of the task, drawn once a phase and passed in a new order in
                            // each epoch; 0: all
    int64_t steps = 0;      // of one epoch, where its length is the learner's business; past the
                            // examples a batch weighs 0
    bool companion = false; // an independent second batch of the same task with every step
    Data data = Data::this_task;

    int64_t length() const { return epochs * steps; } // in steps, once the harness has resolved it
};

// The training data of a task, on the device.
class Examples final {
  public:
    explicit Examples(const mneme_examples* examples) : examples_(examples) {}

    int64_t size() const { return border::tables.data->count(examples_); }

    struct Part {
        Batch batch;
        double share; // rows of this part / rows in all
    };
    // A range of parts of at most `chunk` rows: `examples` of them drawn without replacement, 0 for
    // all in file order. Parts are gathered one at a time.
    class Parts final {
      public:
        class iterator {
          public:
            iterator(const Parts* parts, int64_t at) : parts_(parts), at_(at) {}
            Part operator*() const { return parts_->part(at_); }
            iterator& operator++() {
                at_ += parts_->chunk_;
                return *this;
            }
            bool operator!=(const iterator& other) const { return at_ < other.parts_->total(); }

          private:
            const Parts* parts_;
            int64_t at_;
        };
        Parts(const mneme_examples* examples, Tensor positions, int64_t chunk)
            : examples_(examples), positions_(std::move(positions)), chunk_(chunk) {}
        iterator begin() const { return {this, 0}; }
        iterator end() const { return {this, total()}; }

      private:
        int64_t total() const { return positions_.size(1); }
        Part part(int64_t at) const {
            const int64_t rows = std::min(chunk_, total() - at);
            return {gather(examples_, positions_.narrow(1, at, rows)),
                    static_cast<double>(rows) / static_cast<double>(total())};
        }
        const mneme_examples* examples_;
        Tensor positions_; // [S, n] int64
        int64_t chunk_;
    };
    Parts batches(int64_t examples = 0, int64_t chunk = 250) const {
        return {examples_,
                examples > 0 && examples < size() ? draw(MNEME_DRAW_SAMPLE, examples) : every(),
                chunk};
    }
    Batch sample(int64_t n) const {
        return gather(examples_, draw(MNEME_DRAW_SAMPLE, std::min(n, size())));
    }
    Batch per_class(int64_t k) const { // fewer where a class has fewer
        return gather(examples_, draw(MNEME_DRAW_PER_CLASS, k));
    }
    // The examples at positions [S, n], such as Batch::id has them; [1, n] for all replicas.
    Batch at(const Tensor& positions) const { return gather(examples_, positions); }

  private:
    Tensor draw(int32_t how, int64_t n) const {
        mneme_tensor* out = nullptr;
        border::call(border::tables.data->draw, examples_, how, n, &out);
        return Tensor(out);
    }
    Tensor every() const { return range(size()).unsqueeze(0); } // [1, N] stands for all replicas
    static Batch gather(const mneme_examples* examples, const Tensor& positions) {
        mneme_batch out{};
        out.size = sizeof out;
        border::call(border::tables.data->gather, examples, positions.handle(), &out);
        return border::own(out);
    }
    const mneme_examples* examples_;
};

class Task final {
  public:
    explicit Task(const mneme_task& t)
        : index(t.index), count(t.count), classes(t.classes, t.classes + t.n_classes),
          train_(t.train) {}

    const int64_t index, count; // from 0; tasks in the stream
    const std::vector<int64_t> classes;
    bool first() const { return index == 0; }
    bool last() const { return index + 1 == count; } // for methods flagged `oracle`
    const Examples& train() const { return train_; }

  private:
    Examples train_;
};

} // namespace mneme
