// SPDX-License-Identifier: Apache-2.0
#include "worker/runner.hpp"

#include <chrono>
#include <cmath>

#include <sys/resource.h>

#include <benchmarks/random.hpp>
#include <mneme/error.hpp>

#include "host/handle.hpp"
#include "plan/train.hpp"
#include "worker/commands.hpp"
#include "worker/provenance.hpp"

namespace mneme::harness {

volatile std::sig_atomic_t asked_to_stop = 0;

namespace {

constexpr int64_t watch_every = 100; // steps between two looks at the weights

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

std::size_t idx(int64_t i) { return static_cast<std::size_t>(i); }

std::vector<int64_t> seeds_of(const Cell& cell) {
    std::vector<int64_t> seeds;
    for (const auto& run : cell.runs) seeds.push_back(run.seed);
    return seeds;
}

std::shared_ptr<const bench::Dataset> data_of(const Cell& cell) {
    if (cell.benchmark.spec.stream.dataset.empty()) return {};
    std::vector<std::filesystem::path> folders(cell.data_folders.begin(), cell.data_folders.end());
    return std::make_shared<bench::Dataset>(bench::load(bench::dataset(cell.benchmark.spec.stream.dataset), folders));
}

} // namespace

// A batch and the handles it is lent by.
struct Hand {
    at::Tensor x, y, task, weight;
    host::Lent x_handle, y_handle, task_handle, weight_handle;
    mneme_batch lend() {
        return {sizeof(mneme_batch), 0, x_handle(x), y_handle(y), task_handle(task), weight_handle(weight), y.size(1)};
    }
};

// A phase with its length resolved. Batches are numbered through: step k is batch k % per_epoch of epoch k / per_epoch.
struct Runner::Stretch {
    mneme_phase phase;
    int64_t task, index;
    const mneme_examples* examples = nullptr; // `own`, or the task's
    std::unique_ptr<mneme_examples> own; // union of tasks
    int64_t rows = 0, batch = 0, epochs = 0, per_epoch = 0, available = 0, steps = 0;
    at::Tensor subset; // [S, rows] where `samples` are fewer than there are
    at::Tensor order;  // [S, rows] of epoch `epoch`
    int64_t epoch = -1;
    Hand batch_in_hand, companion_in_hand;
    mneme_batch companion{};
};

Runner::Runner(const Cell& cell, const mneme_method& method, Reporter& reporter, double checkpoint_every_s)
    : cell_(cell), reporter_(reporter), checkpoint_every_s_(checkpoint_every_s), device_(cell.device == "cuda" ? at::kCUDA : at::kCPU), method_(method),
      diverged_(cell.runs.size(), false), accuracy_so_far_(std::nan("")), last_checkpoint_(now()) {
    reporter_.progress({"load", 0, 0, "", 0, 0, accuracy_so_far_});
    const auto& spec = cell.benchmark.spec;
    const bench::Limits limits{cell.limit_train, cell.limit_test, cell.evaluate_on == "validation"};
    stream_ = std::make_unique<bench::Stream>(spec, data_of(cell), seeds_of(cell), limits, device_);
    network_ = bench::make_network(spec.network, stream_->input_shape(), stream_->classes());
    host::Head head{spec.scenario.kind, spec.scenario.head == "shared", stream_->classes(), {}};
    for (int64_t t = 0; t < stream_->tasks(); ++t) head.classes.push_back(stream_->task(t).classes);
    const auto table = stream_->input(at::arange(256, at::device(device_).dtype(at::kByte)));
    session_ = std::make_unique<host::Session>(*network_, seeds_of(cell), head, table, device_);
    std::vector<Settings> options, train;
    for (const auto& run : cell.runs) options.push_back(run.options), train.push_back(run.train);
    options_ = std::make_unique<host::OptionBook>(method.id, options, train, to_json(spec.train));
    learner_ = std::make_unique<host::Learner>(method, *session_, *options_);
    options_->refuse_leftovers();
    train_ = options_->train(0);
    session_->set_dropout(train_.value("dropout", 0.0));
}

Runner::~Runner() = default;

Progress Runner::where(const char* stage, int64_t task) const { return {stage, task + 1, stream_->tasks(), "", 0, 0, accuracy_so_far_}; }

bool Runner::all_diverged() const {
    for (bool d : diverged_)
        if (!d) return false;
    return true;
}

void Runner::resume() {
    for (std::size_t r = 0; r < cell_.runs.size(); ++r) {
        blocks_.push_back(start_block(cell_, cell_.runs[r], *stream_));
        blocks_[r].provenance[cell_.runs[r].label] = provenance(cell_, r, *options_);
    }
    const auto kept = load(cell_);
    if (!kept) return;
    learner_->load(kept->learner);
    for (std::size_t r = 0; r < blocks_.size(); ++r) {
        adopt(blocks_[r], kept->blocks[r]);
        diverged_[r] = blocks_[r].outcome.at({0, 0}) == static_cast<int32_t>(results::Outcome::diverged);
    }
    session_->add_train_loss(kept->loss_sum, kept->loss_weight);
    resumed_ = kept->at;
}

std::vector<results::Block> Runner::run() {
    resume();
    try {
        train_and_evaluate();
    } catch (const Error& e) { // a plugin that fails is a result; a suite at fault, or a machine, is not
        if (e.code() == 65 || e.code() == 75) throw;
        conclude(results::Outcome::failed, "task " + std::to_string(here_.task + 1) + ", phase " + std::to_string(here_.phase + 1) + ", step " +
                                               std::to_string(here_.step) + ": " + e.what());
    } catch (const Stopped&) {
        throw;
    } catch (const std::system_error&) {
        throw;
    } catch (const c10::Error& e) {
        conclude(results::Outcome::failed, "task " + std::to_string(here_.task + 1) + ": " + e.what_without_backtrace());
    } catch (const std::exception& e) { // an exception that crossed the border, against the contract
        conclude(results::Outcome::failed, "task " + std::to_string(here_.task + 1) + ": " + e.what());
    } catch (...) {
        conclude(results::Outcome::failed, "task " + std::to_string(here_.task + 1) + ": an exception that is no std::exception");
    }
    conclude(results::Outcome::complete, "");
    return blocks_;
}

void Runner::conclude(results::Outcome outcome, const std::string& message) {
    for (auto& block : blocks_) {
        if (block.outcome.at({0, 0}) != static_cast<int32_t>(results::Outcome::missing)) continue;
        block.outcome.at({0, 0}) = static_cast<int32_t>(outcome);
        block.outcome_message.at({0, 0}) = message;
    }
}

void Runner::train_and_evaluate() {
    const bool fresh = resumed_.task == 0 && resumed_.phase < 0;
    for (int64_t t = 0; t < stream_->tasks(); ++t) {
        const auto order = session_->permutation_at("order", stream_->task(t).train_count, {0, 0, static_cast<uint32_t>(t) * 256}).to(at::kCPU);
        for (std::size_t r = 0; r < blocks_.size(); ++r)
            blocks_[r].data_digest.at({0, idx(t)}) = stream_->data_digest(static_cast<int64_t>(r), t, order.select(0, static_cast<int64_t>(r)));
    }
    if (fresh) evaluate(-1);
    for (int64_t t = resumed_.task; t < stream_->tasks(); ++t) {
        run_task(t);
        if (all_diverged()) break;
    }
}

void Runner::run_task(int64_t task) {
    here_ = {task, -1, 0};
    session_->begin_task(task);
    const bool looks_back = method_.flags & MNEME_ORACLE;
    const auto first = looks_back ? static_cast<int64_t>(seen_.size()) : task;
    for (int64_t t = first; t <= task; ++t) {
        auto examples = std::make_unique<mneme_examples>(mneme_examples{session_.get(), stream_->train(t), {}, stream_->task(t).classes});
        examples->task = at::full({examples->data.size()}, t, at::device(device_).dtype(at::kLong));
        if (looks_back) seen_.push_back(std::move(examples));
        else current_ = std::move(examples);
    }
    const mneme_examples& examples = looks_back ? *seen_.back() : *current_;
    const host::TaskView view(task, stream_->tasks(), examples);

    const bool resumed = task == resumed_.task && resumed_.phase >= 0;
    double started = now();
    if (!resumed) learner_->begin_task(view);
    const auto phases = learner_->phases(view);
    auto list = stretches(task, phases);
    steps_of_task_ = steps_done_ = 0;
    for (const auto& s : list) steps_of_task_ += s->steps;
    for (auto& owned : list) {
        auto& s = *owned;
        if (resumed && s.index < resumed_.phase) {
            steps_done_ += s.steps;
            continue;
        }
        run_phase(s, resumed && s.index == resumed_.phase ? resumed_.step : -1);
        if (all_diverged()) break;
    }
    for (auto& block : blocks_) {
        auto& seconds = block.train_seconds.at({0, 0, idx(task)});
        seconds = (std::isnan(seconds) ? 0 : seconds) + now() - started;
    }
    if (all_diverged()) return;

    started = now();
    reporter_.progress(where("end_task", task));
    learner_->end_task(view);
    watch(task, -1, 0);
    for (auto& block : blocks_) block.end_task_seconds.at({0, 0, idx(task)}) = now() - started;
    bill(task);
    if (!list.empty()) evaluate(task); // a task without a phase has trained nothing: its row does not exist
    if (task + 1 < stream_->tasks()) checkpoint({task + 1, -1, 0});
}

std::vector<std::unique_ptr<Runner::Stretch>> Runner::stretches(int64_t task, const std::vector<mneme_phase>& phases) {
    std::vector<std::unique_ptr<Stretch>> list;
    for (std::size_t p = 0; p < phases.size(); ++p) {
        auto owned = std::make_unique<Stretch>();
        auto& s = *owned;
        s.phase = phases[p];
        s.task = task;
        s.index = static_cast<int64_t>(p);
        s.batch = s.phase.batch_size > 0 ? s.phase.batch_size : train_["batch_size"].get<int64_t>();
        s.epochs = s.phase.epochs > 0 ? s.phase.epochs : train_["epochs"].get<int64_t>();
        if (s.phase.data == MNEME_SEEN_TASKS) {
            if (!(method_.flags & MNEME_ORACLE))
                throw Error(std::string(method_.id) + ", phases: asks for seen tasks; only a method flagged oracle may", MNEME_ARGUMENT);
            std::vector<at::Tensor> x, y, t;
            s.own = std::make_unique<mneme_examples>(mneme_examples{session_.get(), {}, {}, {}});
            for (const auto& e : seen_) {
                x.push_back(e->data.x), y.push_back(e->data.y), t.push_back(e->task);
                s.own->classes.insert(s.own->classes.end(), e->classes.begin(), e->classes.end());
            }
            s.own->data = {x.size() == 1 ? x[0] : at::cat(x, -2), at::cat(y)};
            s.own->task = at::cat(t);
            s.examples = s.own.get();
        } else {
            s.examples = current_ ? current_.get() : seen_.back().get();
        }
        const int64_t all = s.examples->data.size();
        s.rows = s.phase.samples > 0 && s.phase.samples < all ? s.phase.samples : all;
        s.per_epoch = train_.value("drop_last", false) ? s.rows / s.batch : (s.rows + s.batch - 1) / s.batch;
        s.available = s.epochs * s.per_epoch;
        s.steps = s.phase.steps > 0 ? s.phase.steps : s.available;
        if (s.steps == 0 || s.per_epoch == 0)
            throw Error("batch_size is " + std::to_string(s.batch) + " and the task has " + std::to_string(s.rows) +
                            " examples: no step would be made; a smaller batch_size or drop_last = false would be right",
                        65);
        s.phase.epochs = s.epochs, s.phase.batch_size = s.batch, s.phase.samples = s.rows, s.phase.steps = s.steps;
        list.push_back(std::move(owned));
    }
    return list;
}

void Runner::run_phase(Stretch& s, int64_t from_step) {
    const auto phase = static_cast<uint32_t>(s.index);
    if (from_step < 0) {
        session_->stand_at(s.task, phase, host::step_begin);
        learner_->begin_phase(s.phase);
        from_step = 0;
    }
    if (s.rows < s.examples->data.size())
        s.subset = session_->permutation_at("subset", s.examples->data.size(), {0, 0, static_cast<uint32_t>(s.task) * 256 + phase}).narrow(1, 0, s.rows);
    steps_done_ += from_step;
    auto announced = where("train", s.task);
    announced.phase = s.phase.name, announced.step = from_step, announced.steps = s.steps;
    reporter_.progress(announced);
    for (int64_t k = from_step; k < s.steps; ++k) {
        here_ = {s.task, s.index, k};
        session_->stand_at(s.task, phase, static_cast<uint32_t>(k));
        const auto batch = next_batch(s, k);
        learner_->observe(batch, s.phase.companion ? &s.companion : nullptr);
        const int64_t counted = k < s.available ? batch.current * (s.phase.companion ? 2 : 1) : 0;
        for (auto& block : blocks_) {
            auto &samples = block.train_samples.at({0, 0, idx(s.task)}), &steps = block.optimizer_steps.at({0, 0, idx(s.task)});
            samples = (std::isnan(samples) ? 0 : samples) + static_cast<double>(counted);
            steps = (std::isnan(steps) ? 0 : steps) + 1;
        }
        const int64_t before = steps_done_ * curve_points / steps_of_task_, after = ++steps_done_ * curve_points / steps_of_task_;
        if (after > before) curve_point(s.task, after - 1);
        if ((k + 1) % watch_every == 0) {
            watch(s.task, s.index, k + 1);
            if (all_diverged()) return;
        }
        if (reporter_.due()) {
            announced.step = k + 1;
            reporter_.progress(announced);
        }
        if (asked_to_stop || now() - last_checkpoint_ > checkpoint_every_s_) checkpoint({s.task, s.index, k + 1});
    }
    session_->stand_at(s.task, phase, host::step_end);
    learner_->end_phase(s.phase);
    watch(s.task, s.index, s.steps);
}

mneme_batch Runner::next_batch(Stretch& s, int64_t step) {
    const bool spent = step >= s.available; // `steps` goes on when the examples are used up: the batch then weighs nothing
    const int64_t k = spent ? 0 : step, epoch = k / s.per_epoch, start = k % s.per_epoch * s.batch;
    if (epoch != s.epoch) {
        s.order = session_->permutation_at("order", s.rows, {0, static_cast<uint32_t>(epoch), static_cast<uint32_t>(s.task) * 256 + static_cast<uint32_t>(s.index)});
        if (s.subset.defined()) s.order = s.subset.gather(1, s.order);
        s.epoch = epoch;
    }
    const int64_t rows = std::min(s.batch, s.rows - start);
    auto& b = s.batch_in_hand;
    session_->gather(*s.examples, s.order.narrow(1, start, rows), b.x, b.y, b.task, b.weight);
    if (spent) b.weight = at::zeros_like(b.weight);
    if (s.phase.companion) {
        auto& c = s.companion_in_hand;
        session_->gather(*s.examples, session_->few("second_batch", s.examples->data.size(), s.batch), c.x, c.y, c.task, c.weight);
        s.companion = c.lend();
    }
    return b.lend();
}

void Runner::watch(int64_t task, int64_t phase, int64_t step) {
    const auto finite = at::isfinite(learner_->weights().theta).all(1).to(at::kCPU);
    for (std::size_t r = 0; r < blocks_.size(); ++r) {
        if (diverged_[r] || finite.data_ptr<bool>()[r]) continue;
        diverged_[r] = true;
        blocks_[r].outcome.at({0, 0}) = static_cast<int32_t>(results::Outcome::diverged);
        blocks_[r].outcome_message.at({0, 0}) = "task " + std::to_string(task + 1) +
                                                (phase < 0 ? ", end of the task" : ", phase " + std::to_string(phase + 1) + ", step " + std::to_string(step)) +
                                                ": a weight is not finite; a smaller rate or penalty may help";
    }
}

void Runner::curve_point(int64_t task, int64_t point) {
    const auto [sum, weight] = session_->take_train_loss();
    for (std::size_t r = 0; r < blocks_.size(); ++r) {
        const double w = weight.data_ptr<double>()[r];
        if (w > 0 && !diverged_[r]) blocks_[r].train_loss.at({0, 0, idx(task * curve_points + point)}) = sum.data_ptr<double>()[r] / w;
    }
}

void Runner::bill(int64_t task) {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const double kept = learner_->save().kept_bytes("weights.") / static_cast<double>(blocks_.size());
    for (auto& block : blocks_) {
        block.kept_bytes.at({0, 0, idx(task)}) = kept;
        block.peak_rss_bytes.at({0, 0, idx(task)}) = static_cast<double>(usage.ru_maxrss) * 1024;
        block.peak_device_bytes.at({0, 0, idx(task)}) = session_->peak_device_bytes();
    }
}

void Runner::checkpoint(Position at) {
    Checkpoint c{at, learner_->save(), blocks_, {}, {}};
    session_->peek_train_loss(c.loss_sum, c.loss_weight);
    save(cell_, c);
    last_checkpoint_ = now();
    if (asked_to_stop) throw Stopped{};
}

} // namespace mneme::harness
