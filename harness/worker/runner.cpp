// SPDX-License-Identifier: Apache-2.0
#include "worker/runner.hpp"

#include <cmath>
#include <thread>

#include <sys/resource.h>

#include <base/clock.hpp>
#include <base/error.hpp>
#include <mneme/error.hpp>

#include "worker/cell_halves.hpp"
#include "worker/commands.hpp"
#include "worker/conv_impl.hpp"
#include "worker/device_lost.hpp"
#include "worker/kept_weights.hpp"

namespace mneme::harness {
namespace {

RunSetup set_up(const Cell& cell, const mneme_method& method, Reporter& reporter) {
    reporter.progress({"load", 0, 0, "", 0, 0, std::nan("")});
    return {cell, method};
}

// Enters what a method reports of itself under the task that is under way.
class DiagnosticRecorder final : public host::DiagnosticSink {
  public:
    DiagnosticRecorder(Ledger& ledger, const Position& at) : ledger_(ledger), at_(at) {}
    void reported(const mneme_diagnostic& d, const std::vector<double>& values) override {
        ledger_.record_diagnostic({at_.task, d.name, d.unit, d.help, values});
    }

  private:
    Ledger& ledger_;
    const Position& at_;
};

} // namespace

Runner::Runner(const Cell& cell, const mneme_method& method, Reporter& reporter,
               double checkpoint_every_s, RunObserver* observer)
    : Runner(cell, method, reporter, checkpoint_every_s, observer,
             ExecutionMode::of(cell, method)) {}

Runner::Runner(const Cell& cell, const mneme_method& method, Reporter& reporter,
               double checkpoint_every_s, RunObserver* observer, ExecutionMode mode)
    : cell_(cell), reporter_(reporter), checkpoint_every_s_(checkpoint_every_s),
      observer_(observer), mode_(std::move(mode)), setup_(set_up(cell, method, reporter)),
      weights_(*setup_.session, *setup_.learner), accuracy_(std::nan("")),
      last_checkpoint_(base::Clock::now()) {}

std::vector<results::Block> Runner::run() {
    resume();
    try {
        train_and_evaluate();
        ledger_->set_outcome(results::Outcome::complete, "");
    } catch (const Stopped&) {
        throw;
    } catch (const std::system_error&) {
        throw;
    } catch (const std::exception& e) { // a plugin that fails is a result
        rethrow_unless_plugin_failed(e);
        const auto* torch = dynamic_cast<const c10::Error*>(&e);
        fail(torch ? torch->what_without_backtrace() : e.what());
    } catch (...) {
        fail("an exception that is not a std::exception");
    }
    ledger_->set_provenance("graphs", graphs());
    return ledger_->blocks();
}

void Runner::resume() {
    const auto kept = load(cell_);
    const auto& s = setup_;
    conv_impl_ = settle_conv_impl(
        *s.network, s.session->replicas(), s.train["batch_size"].get<int64_t>(),
        c10::multiply_integers(s.stream->input_shape()), s.device, kept ? kept->conv_impl : "");
    std::vector<results::Block> blocks;
    protocol::Begun begun; // for the record that others make, should this process die
    for (std::size_t r = 0; r < cell_.runs.size(); ++r) {
        blocks.push_back(start_block(cell_, r, *s.stream, *s.network, *s.options, conv_impl_));
        if (kept) adopt(blocks[r], kept->blocks[r]);
        begun.runs.push_back({cell_.runs[r].digest, blocks[r].restart_count.at({0, 0})});
    }
    reporter_.say(begun);
    ledger_ = std::make_unique<Ledger>(std::move(blocks));
    evaluator_ = std::make_unique<Evaluator>(cell_, *s.stream, *s.session, *s.learner, *ledger_);
    if (cell_.evaluation.within_tasks())
        continual_ = std::make_unique<ContinualEvaluation>(cell_.evaluation, *s.stream, *evaluator_,
                                                           *ledger_);
    diagnostics_ = std::make_unique<DiagnosticRecorder>(*ledger_, position_);
    s.session->diagnostics().send_to(diagnostics_.get());
    if (!kept) return;
    s.learner->load(kept->learner);
    s.session->model().add_train_loss(kept->loss_sum, kept->loss_weight);
    resumed_ = kept->at;
}

void Runner::train_and_evaluate() {
    const auto& stream = *setup_.stream;
    // A worker on the CPU has one core; one on a GPU has the machine's.
    const std::size_t threads = setup_.device.is_cuda() ? std::thread::hardware_concurrency() : 1;
    ledger_->set_data_digests(stream.data_digests(
        [&](int64_t r, int64_t t) { return first_order(cell_, stream, r, t); }, threads));
    if (resumed_.task == 0 && resumed_.phase < 0 && cell_.evaluation.tasks == "all") evaluate(-1);
    source_ = task_source({cell_, stream, *setup_.session, setup_.learner->method(), setup_.train});
    for (int64_t t = resumed_.task; t < stream.tasks() && !ledger_->all_diverged(); ++t)
        run_task(t);
}

void Runner::run_task(int64_t task) {
    auto& learner = *setup_.learner;
    const bool resumed = task == resumed_.task && resumed_.phase >= 0;
    position_ = {task, -1, 0};
    const auto view = source_->open(task, resumed);
    const auto started = base::Clock::now();
    if (source_->begins(task) && !resumed) learner.begin_task(view);
    const auto plans = source_->plan(task, learner.phases(view));
    run_phases(plans, resumed);
    const double evaluating = continual_ ? continual_->take_seconds() : 0;
    ledger_->add_seconds(Clock::train, task, base::seconds_since(started) - evaluating);
    if (continual_) ledger_->add_seconds(Clock::evaluate, task, evaluating);
    if (ledger_->all_diverged()) return;

    if (source_->ends(task)) end_task(task, view);
    record_costs(task);
    if (!plans.empty()) { // else nothing was trained: the row does not exist
        const bool last = task + 1 == setup_.stream->tasks();
        if (last || cell_.evaluation.tasks != "last") evaluate(task);
        if (cell_.evaluation.weights == "task_ends" || (last && cell_.evaluation.weights == "last"))
            keep_weights(task);
    }
    if (task + 1 < setup_.stream->tasks()) write_checkpoint({task + 1, -1, 0});
}

void Runner::run_phases(const std::vector<std::unique_ptr<PhasePlan>>& plans, bool resumed) {
    int64_t steps = 0;
    for (const auto& plan : plans) steps += plan->schedule.steps();
    const auto points = static_cast<int64_t>(ledger_->blocks()[0].task_of_point.data.size());
    CurveProgress curve(points / setup_.stream->tasks(), steps);
    if (continual_) continual_->begin_task(position_.task, steps);
    for (const auto& plan : plans) {
        if (resumed && plan->index < resumed_.phase) curve.skip(plan->schedule.steps());
        else run_phase(*plan, curve, resumed && plan->index == resumed_.phase ? resumed_.step : -1);
        if (ledger_->all_diverged()) return;
    }
}

void Runner::run_phase(const PhasePlan& plan, CurveProgress& curve, int64_t from) {
    Progress progress{"train",
                      plan.task + 1,
                      setup_.stream->tasks(),
                      plan.phase.name,
                      std::max<int64_t>(from, 0),
                      plan.schedule.steps(),
                      accuracy_,
                      curve.share()};
    reporter_.set_position({plan.task, plan.index, progress.step});
    reporter_.progress(progress);
    const RunParts parts{*setup_.session, *setup_.learner, *ledger_,  weights_,        mode_,
                         observer_,       reporter_,       position_, continual_.get()};
    PhaseRun phase(parts, plan, curve);
    phase.run(from, [&](PhaseRun& running, int64_t steps) {
        if (reporter_.due()) {
            progress.step = steps;
            progress.share = curve.share();
            reporter_.progress(progress);
        }
        if (!asked_to_stop && base::seconds_since(last_checkpoint_) <= checkpoint_every_s_) return;
        running.flush_measurements(steps);
        write_checkpoint({plan.task, plan.index, steps});
    });
    captured_ |= phase.captured();
    if (!phase.called_because().empty()) called_because_[plan.phase.name] = phase.called_because();
}

void Runner::end_task(int64_t task, const host::TaskView& view) {
    const auto started = base::Clock::now();
    position_ = {task, -1, 0};
    report("end_task", task);
    setup_.learner->end_task(view);
    weights_.mark_nonfinite(0);
    ledger_->record_divergence(task, weights_.read());
    if (observer_) observer_->after_task(*setup_.learner, task);
    ledger_->add_seconds(Clock::end_task, task, base::seconds_since(started));
}

void Runner::record_costs(int64_t task) {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const double kept = setup_.learner->state().kept_bytes("weights.");
    ledger_->record_costs(task, {kept / static_cast<double>(cell_.runs.size()),
                                 static_cast<double>(usage.ru_maxrss) * 1024,
                                 setup_.session->placement().peak_device_bytes()});
}

void Runner::evaluate(int64_t row) {
    const auto started = base::Clock::now();
    Progress progress{"evaluate", row + 1, setup_.stream->tasks(), "", 0, 0, accuracy_};
    evaluator_->evaluate(row, [&](int64_t tested, int64_t tests) {
        progress.step = tested;
        progress.steps = tests;
        progress.share = double(tested) / double(tests);
        if (reporter_.due()) reporter_.progress(progress);
    });
    if (row >= 0) {
        ledger_->add_seconds(Clock::evaluate, row, base::seconds_since(started));
        progress.accuracy = accuracy_ = ledger_->mean_accuracy(row);
    }
    progress.step = progress.steps;
    progress.share = 1;
    reporter_.progress(progress);
}

void Runner::keep_weights(int64_t task) {
    const auto now = setup_.network->to_whole(setup_.learner->weights());
    const auto& network = setup_.network->whole();
    const auto weights = without_padding(network.layers(), now.theta);
    const auto statistics = network.stats_columns() > 0
                                ? without_padding(network.stats_layers(), now.stats)
                                : at::empty({0}, at::kFloat);
    const auto all = [](const at::Tensor& t) {
        return std::span(t.data_ptr<float>(), static_cast<std::size_t>(t.numel()));
    };
    ledger_->record_weights(task, all(weights), all(statistics));
}

void Runner::write_checkpoint(Position at) {
    Checkpoint c{at, setup_.learner->save(), ledger_->blocks(), {}, {}, conv_impl_};
    setup_.session->model().peek_train_loss(c.loss_sum, c.loss_weight);
    save(cell_, c);
    last_checkpoint_ = base::Clock::now();
    if (asked_to_stop) throw Stopped{};
}

// What a suite or a machine did is not a result of a method: a GPU that was lost, or memory that
// does not suffice for so many replicas.
void Runner::rethrow_unless_plugin_failed(const std::exception& e) const {
    if (dynamic_cast<const base::ExitError*>(&e)) throw;
    if (!dynamic_cast<const Error*>(&e) && !dynamic_cast<const c10::Error*>(&e)) return;
    if (setup_.device.is_cuda()) throw_if_device_lost();
    if (cell_.runs.size() > 1 && wants_memory(e)) throw OutOfMemory{};
}

void Runner::fail(const std::string& message) {
    ledger_->set_outcome(results::Outcome::failed, place() + ": " + message);
}

std::string Runner::place() const {
    const std::string task = "task " + std::to_string(position_.task + 1);
    if (position_.phase < 0) return task;
    return task + ", phase " + std::to_string(position_.phase + 1) + ", step " +
           std::to_string(position_.step);
}

void Runner::report(const char* stage, int64_t task) {
    reporter_.progress({stage, task + 1, setup_.stream->tasks(), "", 0, 0, accuracy_});
}

std::string Runner::graphs() const {
    if (!mode_.not_captured_because.empty()) return "not captured: " + mode_.not_captured_because;
    std::string except;
    for (const auto& [phase, why] : called_because_)
        except += (except.empty() ? "" : "; ") + ("phase " + phase + ": " + why);
    if (!captured_)
        return "not captured: " + (except.empty() ? "no phase has enough steps" : except);
    return "captured" + (except.empty() ? "" : ", but for some steps (" + except + ")");
}

} // namespace mneme::harness
