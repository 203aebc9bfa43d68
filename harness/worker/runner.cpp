// SPDX-License-Identifier: Apache-2.0
#include "worker/runner.hpp"

#include <cmath>
#include <thread>

#include <sys/resource.h>

#include <base/error.hpp>
#include <benchmarks/random.hpp>
#include <mneme/error.hpp>

#include "protocol/train_settings.hpp"
#include "worker/commands.hpp"
#include "worker/conv_impl.hpp"
#include "worker/parts.hpp"
#include "worker/stretch.hpp"

namespace mneme::harness {


namespace {

std::vector<int64_t> seeds_of(const Cell& cell) {
    std::vector<int64_t> seeds;
    for (const auto& run : cell.runs) seeds.push_back(run.seed);
    return seeds;
}

std::shared_ptr<const bench::Dataset> data_of(const Cell& cell) {
    std::vector<std::filesystem::path> folders(cell.data.folders.begin(), cell.data.folders.end());
    return bench::load_data(cell.spec(), folders);
}

} // namespace

void lost_device_is_temporary() {
    if (const auto why = host::cuda_lost_because(); !why.empty())
        throw base::ExitError(base::ExitCode::temporary, "--device cuda: the device was lost (" +
                                                             why + "); run the same command again");
}

Driving Driving::of(const Cell& cell, const mneme_method& method) {
    if (cell.execution.device != "cuda") return {{}, false, "cpu"};
    if (!(method.flags & MNEME_CAPTURES))
        return {{}, true, "the method says that its steps cannot be"};
    return {host::cuda_graph, true, {}};
}

Runner::Runner(const Cell& cell, const mneme_method& method, Reporter& reporter,
               double checkpoint_every_s, Onlooker* onlooker)
    : Runner(cell, method, reporter, checkpoint_every_s, onlooker, Driving::of(cell, method)) {}

Runner::Runner(const Cell& cell, const mneme_method& method, Reporter& reporter,
               double checkpoint_every_s, Onlooker* onlooker, Driving driving)
    : cell_(cell), reporter_(reporter), checkpoint_every_s_(checkpoint_every_s),
      onlooker_(onlooker), device_(cell.execution.device == "cuda" ? at::kCUDA : at::kCPU),
      method_(method), diverged_(cell.runs.size(), false), accuracy_so_far_(std::nan("")),
      last_checkpoint_(now()), driving_(std::move(driving)) {
    reporter_.progress({"load", 0, 0, "", 0, 0, accuracy_so_far_});
    const auto& spec = cell.spec();
    const bench::Limits limits{cell.data.most_train, cell.data.most_test,
                               cell.data.evaluate_on == "validation"};
    stream_ = std::make_unique<bench::Stream>(spec, data_of(cell), seeds_of(cell), limits, device_);
    network_ = bench::make_network(spec.network, stream_->input_shape(), stream_->classes());
    if (const auto* linear =
            device_.is_cuda() ? &host::cuda_linear_kernels() : host::cpu_linear_kernels())
        network_->use(*linear);
    host::Head head{spec.scenario.kind, spec.scenario.head == "shared", stream_->classes(), {}};
    for (int64_t t = 0; t < stream_->tasks(); ++t) head.classes.push_back(stream_->task(t).classes);
    session_ =
        std::make_unique<host::Session>(*network_, seeds_of(cell), head, stream_->table(), device_);
    if (spec.stream.hidden()) session_->hide_boundaries();
    std::vector<Settings> options, train;
    for (const auto& run : cell.runs) options.push_back(run.options), train.push_back(run.train);
    options_ = std::make_unique<host::OptionBook>(method.id, options, train,
                                                  protocol::to_json(spec.train));
    learner_ = std::make_unique<host::Learner>(method, *session_, *options_);
    options_->refuse_leftovers();
    train_ = options_->train(0);
    session_->set_dropout(train_.value("dropout", 0.0));
    if (spec.augment.any()) session_->set_augment(spec.augment, stream_->picture_shape());
    died_ = at::full({session_->replicas()}, -1, at::device(device_).dtype(at::kLong));
}

Runner::~Runner() = default;

Progress Runner::where(const char* stage, int64_t task) const {
    return {stage, task + 1, stream_->tasks(), "", 0, 0, accuracy_so_far_};
}

bool Runner::all_diverged() const {
    for (bool d : diverged_)
        if (!d) return false;
    return true;
}

void Runner::resume() {
    const auto kept = load(cell_);
    conv_impl_ = settle_conv_impl(
        *network_, session_->replicas(), train_["batch_size"].get<int64_t>(),
        c10::multiply_integers(stream_->input_shape()), device_, kept ? kept->conv_impl : "");
    for (std::size_t r = 0; r < cell_.runs.size(); ++r)
        blocks_.push_back(start_block(cell_, r, *stream_, *options_, conv_impl_));
    if (!kept) return;
    learner_->load(kept->learner);
    for (std::size_t r = 0; r < blocks_.size(); ++r) {
        adopt(blocks_[r], kept->blocks[r]);
        diverged_[r] =
            blocks_[r].outcome.at({0, 0}) == static_cast<int32_t>(results::Outcome::diverged);
    }
    session_->add_train_loss(kept->loss_sum, kept->loss_weight);
    resumed_ = kept->at;
}

std::vector<results::Block> Runner::run() {
    resume();
    try {
        train_and_evaluate();
    } catch (const base::ExitError&) { // the suite, or this machine, is at fault
        throw;
    } catch (const Error& e) { // a plugin that fails is a result, whatever number it returned
        not_the_plugins_doing(e);
        conclude(results::Outcome::failed, "task " + std::to_string(here_.task + 1) + ", phase " +
                                               std::to_string(here_.phase + 1) + ", step " +
                                               std::to_string(here_.step) + ": " + e.what());
    } catch (const Stopped&) {
        throw;
    } catch (const std::system_error&) {
        throw;
    } catch (const c10::Error& e) {
        not_the_plugins_doing(e);
        conclude(results::Outcome::failed,
                 "task " + std::to_string(here_.task + 1) + ": " + e.what_without_backtrace());
    } catch (
        const std::exception& e) { // an exception that crossed the border, against the contract
        conclude(results::Outcome::failed,
                 "task " + std::to_string(here_.task + 1) + ": " + e.what());
    } catch (...) {
        conclude(results::Outcome::failed, "task " + std::to_string(here_.task + 1) +
                                               ": an exception that is no std::exception");
    }
    conclude(results::Outcome::complete, "");
    for (std::size_t r = 0; r < blocks_.size(); ++r)
        blocks_[r].provenance[cell_.runs[r].label]["graphs"] = how_driven();
    return blocks_;
}

// What a machine did is no result of a method: a GPU that was lost, or memory that does not suffice
// for so many replicas.
void Runner::not_the_plugins_doing(const std::exception& e) const {
    if (device_.is_cuda()) lost_device_is_temporary();
    if (cell_.runs.size() > 1 && wants_memory(e)) throw NoRoom{};
}

std::string Runner::how_driven() const {
    if (!driving_.why_not.empty()) return "not captured: " + driving_.why_not;
    std::string but;
    for (const auto& [phase, why] : called_)
        but += (but.empty() ? "" : "; ") + ("phase " + phase + ": " + why);
    if (recorded_) return "captured" + (but.empty() ? "" : ", but for some steps (" + but + ")");
    return "not captured: " + (but.empty() ? "no phase has enough steps" : but);
}

void Runner::conclude(results::Outcome outcome, const std::string& message) {
    for (auto& block : blocks_) {
        if (block.outcome.at({0, 0}) != static_cast<int32_t>(results::Outcome::missing)) continue;
        block.outcome.at({0, 0}) = static_cast<int32_t>(outcome);
        block.outcome_message.at({0, 0}) = message;
    }
}

// As Session::permutation_at("order", ...) has it, of one replica and on any thread.
std::vector<int64_t> Runner::first_order(int64_t replica, int64_t task) const {
    const auto seed = static_cast<uint32_t>(cell_.runs[static_cast<std::size_t>(replica)].seed);
    return bench::permutation(stream_->task(task).train_count,
                              {seed, bench::purpose("mneme/order")},
                              {0, 0, static_cast<uint32_t>(task) * 256});
}

void Runner::train_and_evaluate() {
    const bool fresh = resumed_.task == 0 && resumed_.phase < 0;
    // A worker on the CPU has one core; one on a GPU has the machine's, and would wait for them
    // here.
    const std::size_t threads = device_.is_cuda() ? std::thread::hardware_concurrency() : 1;
    const auto digests =
        stream_->data_digests([this](int64_t r, int64_t t) { return first_order(r, t); }, threads);
    for (std::size_t t = 0; t < digests.size(); ++t)
        for (std::size_t r = 0; r < blocks_.size(); ++r)
            blocks_[r].data_digest.at({0, t}) = digests[t][r];
    if (fresh) evaluate(-1);
    if (cell_.spec().stream.hidden()) return run_flow();
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
        auto examples = std::make_unique<mneme_examples>(
            mneme_examples{session_.get(), stream_->train(t), {}, stream_->task(t).classes});
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
    for (std::size_t r = 0; r < blocks_.size(); ++r)
        if (!diverged_[r]) raise(blocks_[r].train_seconds.at({0, 0, idx(task)}), now() - started);
    if (all_diverged()) return;

    started = now();
    reporter_.progress(where("end_task", task));
    learner_->end_task(view);
    look(0);
    bury(task, -1);
    if (onlooker_) onlooker_->after_task(*learner_, task);
    for (std::size_t r = 0; r < blocks_.size(); ++r)
        if (!diverged_[r]) blocks_[r].end_task_seconds.at({0, 0, idx(task)}) = now() - started;
    bill(task);
    if (!list.empty())
        evaluate(task); // a task without a phase has trained nothing: its row does not exist
    if (task + 1 < stream_->tasks()) checkpoint({task + 1, -1, 0});
}

void Runner::look(int64_t step) {
    const auto finite = at::isfinite(learner_->weights().theta).all(1);
    died_ =
        at::where((died_ < 0).logical_and(finite.logical_not()), at::full_like(died_, step), died_);
}

void Runner::bury(int64_t task, int64_t phase) {
    const auto died = died_.to(at::kCPU);
    for (std::size_t r = 0; r < blocks_.size(); ++r) {
        const int64_t step = died.data_ptr<int64_t>()[r];
        if (diverged_[r] || step < 0) continue;
        diverged_[r] = true;
        blocks_[r].outcome.at({0, 0}) = static_cast<int32_t>(results::Outcome::diverged);
        blocks_[r].outcome_message.at({0, 0}) =
            "task " + std::to_string(task + 1) +
            (phase < 0
                 ? ", end of the task"
                 : ", phase " + std::to_string(phase + 1) + ", step " + std::to_string(step)) +
            ": a weight is not finite; a smaller rate or penalty may help";
    }
}

void Runner::curve_point(int64_t task, int64_t point, int64_t step) {
    auto [sum, weight] = session_->take_train_loss();
    points_.push_back({task, point, step, std::move(sum), std::move(weight)});
}

// A replica that diverged is billed, and has points of the curve, up to the step where it was
// found: alone it would have ended there, so nothing of it depends on its neighbours.
void Runner::settle(const Stretch& s, int64_t step) {
    const auto died = died_.to(at::kCPU);
    const auto last = [&](std::size_t r) { // of the phase's steps that counts
        const int64_t at = died.data_ptr<int64_t>()[r];
        return diverged_[r] ? -1 : at < 0 ? step : at;
    };
    std::vector<at::Tensor> noted; // read in one piece: each would be waited for
    for (const auto& p : points_) noted.push_back(p.sum), noted.push_back(p.weight);
    const auto values = noted.empty() ? at::Tensor() : at::stack(noted).to(at::kCPU);
    for (std::size_t k = 0; k < points_.size(); ++k) {
        const auto& p = points_[k];
        const double *sum = values.data_ptr<double>() + 2 * k * blocks_.size(),
                     *weight = sum + blocks_.size();
        for (std::size_t r = 0; r < blocks_.size(); ++r)
            if (weight[r] > 0 && p.step <= last(r))
                blocks_[r].train_loss.at({0, 0, idx(p.task * curve_points + p.point)}) =
                    sum[r] / weight[r];
    }
    points_.clear();
    for (std::size_t r = 0; r < blocks_.size(); ++r) {
        if (last(r) <= billed_) continue;
        double samples = 0;
        for (int64_t k = billed_; k < last(r); ++k) samples += static_cast<double>(s.samples_of(k));
        raise(blocks_[r].train_samples.at({0, 0, idx(s.task)}), samples);
        raise(blocks_[r].optimizer_steps.at({0, 0, idx(s.task)}),
              static_cast<double>(last(r) - billed_));
    }
    billed_ = step;
    bury(s.task, s.index);
}

void Runner::settle_what_can_be(const Stretch& s, int64_t step) {
    try {
        settle(s, step);
    } catch (const c10::Error&) { // the device does not answer: the failure on its way says so
    }
}

void Runner::bill(int64_t task) {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const double kept =
        learner_->state().kept_bytes("weights.") / static_cast<double>(blocks_.size());
    for (std::size_t r = 0; r < blocks_.size(); ++r) {
        if (diverged_[r]) continue;
        auto& block = blocks_[r];
        block.kept_bytes.at({0, 0, idx(task)}) = kept;
        block.peak_rss_bytes.at({0, 0, idx(task)}) = static_cast<double>(usage.ru_maxrss) * 1024;
        block.peak_device_bytes.at({0, 0, idx(task)}) = session_->peak_device_bytes();
    }
}

void Runner::checkpoint(Position at) {
    Checkpoint c{at, learner_->save(), blocks_, {}, {}};
    c.conv_impl = conv_impl_;
    session_->peek_train_loss(c.loss_sum, c.loss_weight);
    save(cell_, c);
    last_checkpoint_ = now();
    if (asked_to_stop) throw Stopped{};
}

} // namespace mneme::harness
