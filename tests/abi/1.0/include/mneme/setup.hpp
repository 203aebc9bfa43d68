// SPDX-License-Identifier: Apache-2.0
// What a learner is built from: the network, its options, [train], facts of the run, sources of
// random numbers, quantities that it will report.
#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <mneme/optimizer.hpp>
#include <mneme/options.hpp>
#include <mneme/random.hpp>
#include <mneme/report.hpp>

namespace mneme {

enum class Scenario {
    domain = MNEME_SCENARIO_DOMAIN,
    task = MNEME_SCENARIO_TASK,
    class_ = MNEME_SCENARIO_CLASS
};

// What is known of the run beforehand.
struct Run {
    Scenario scenario = Scenario::domain;
    std::optional<int64_t> tasks{};     // in the stream; empty where no task is announced
    std::vector<int64_t> input_shape{}; // numbers; channels, rows, columns; or length, numbers
    int64_t features = 0;               // F: the width of Net::features
};

namespace border {
inline Run facts(mneme_setup_context* context) {
    if (!tables.run) return {};
    mneme_run raw{};
    raw.size = sizeof raw;
    call(tables.run->facts, context, &raw);
    return {Scenario(raw.scenario),
            raw.tasks > 0 ? std::optional(raw.tasks) : std::nullopt,
            {raw.input_shape, raw.input_shape + raw.input_dims},
            raw.features};
}
} // namespace border

// A method's own defaults for [train]; a benchmark's keys stand above them, a suite's above those.
struct TrainDefaults {
    double lr = 0.01;
    int64_t batch_size = 10;
    double momentum = 0.8;
    Rule rule = Rule::sgd;
    int64_t epochs = 1;
    double lr_decay = 1, lr_min = 0, weight_decay = 0, dropout = 0;
    bool drop_last = false, reset_optimizer = true;
};

// Lent for the learner's construction.
class Setup final {
  public:
    Setup(const mneme_setup& raw, const Net& lent)
        : net(lent), options(raw.context), replicas(raw.replicas),
          boundaries((raw.flags & MNEME_HIDDEN_BOUNDARIES) == 0), run(border::facts(raw.context)),
          context_(raw.context) {}

    const Net& net;
    Options options;
    const int64_t replicas;
    const bool boundaries; // false: no task is announced; the whole stream comes as one task, whose
                           // train() has a single example
    const Run run;

    // What [train] says, over the method's own defaults. Call it once.
    Recipe recipe(const TrainDefaults& own = {}) {
        constexpr double none = std::numeric_limits<double>::infinity();
        auto train = options.train();
        Recipe r;
        r.rule = train.choice("optimizer", {"sgd", "adam", "adamw"}, "update rule", own.rule);
        r.lr = train.number("lr", own.lr, {.above = 0}, "learning rate of the first task");
        r.lr_decay = train.real("lr_decay", own.lr_decay, {.max = 1, .above = 0},
                                "factor on the rate from task to task");
        r.lr_min = train.real("lr_min", own.lr_min, {.min = 0}, "floor of the decayed rate");
        r.momentum = train.real("momentum", own.momentum, {.min = 0, .below = 1}, "momentum (sgd)");
        r.weight_decay = train.real("weight_decay", own.weight_decay, {.min = 0}, "weight decay");
        r.reset =
            train.flag("reset_optimizer", own.reset_optimizer, "new optimiser state at each task");
        r.dropout = train.real("dropout", own.dropout, {.min = 0, .max = none, .below = 1},
                               "share of hidden units dropped");
        r.batch_size = train.count("batch_size", own.batch_size, {.min = 1}, "examples a step");
        r.epochs = train.count("epochs", own.epochs, {.min = 1}, "passes over a task");
        train.flag("drop_last", own.drop_last, "leave out a last batch that is not full");
        return r;
    }
    // An optimiser of theta built from it.
    Optimizer optimizer(const TrainDefaults& own = {}) {
        return {recipe(own), net.initial().theta};
    }

    Random random(std::string_view purpose) {
        mneme_source* source = nullptr;
        border::call(border::tables.random->open, context_, std::string(purpose).c_str(), &source);
        return Random(source);
    }
    // A quantity that the method reports in each task, `length` numbers a replica. unit: "1" for a
    // bare number.
    Diagnostic diagnostic(const char* name, const char* unit, const char* help,
                          int64_t length = 1) {
        mneme_diagnostic* out = nullptr;
        border::call(
            border::required(border::tables.report, "diagnostic", "mneme.report/1").declare,
            context_, name, unit, help, length, &out);
        return Diagnostic(out);
    }

  private:
    mneme_setup_context* context_;
};

} // namespace mneme
