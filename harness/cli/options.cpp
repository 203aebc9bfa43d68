// SPDX-License-Identifier: Apache-2.0
#include "cli/options.hpp"

#include "plan/suite_keys.hpp"

namespace mneme::cli {

void declare_locked(Arguments& arguments, std::filesystem::path& to) {
    arguments.value(
        "--locked", to,
        {"FILE", "take only plugins whose SHA-256 is in this file (as sha256sum prints it)"});
}

void declare(Arguments& arguments, PluginOptions& to) {
    arguments.values("--plugins", to.folders,
                     {"DIR", "folder of plugins, searched before the usual ones (repeatable)"});
    arguments.flag("--plugins-from-env", to.from_environment,
                   "search the folders of $MNEME_PLUGIN_PATH too, after those of --plugins");
    declare_locked(arguments, to.locked);
}

void declare(Arguments& arguments, DataOptions& to) {
    arguments.values("--data", to.folders,
                     {"DIR", "folder of data sets, searched before the usual ones (repeatable)"});
    arguments.values(
        "--benchmarks", to.benchmarks,
        {"DIR", "folder of benchmark files, searched before the shipped ones (repeatable)"});
}

void declare_torch(Arguments& arguments, std::filesystem::path& to) {
    arguments.value(
        "--torch", to,
        {"DIR", "folder of LibTorch (default: MNEME_TORCH, the recorded one, Python's)"});
}

void declare(Arguments& arguments, WorkerOptions& to) {
    declare(arguments, to.plugins);
    declare_torch(arguments, to.torch);
}

void declare_json(Arguments& arguments, bool& to) { arguments.flag("--json", to, "print JSON"); }

void declare(Arguments& arguments, OutputOptions& to, const std::string& help) {
    arguments.value("--format", to.format,
                    {.type = "NAME", .help = help, .choices = leaderboard::format_names()});
    declare_json(arguments, to.json);
}

namespace {

// What --set takes, as far as it can be completed: "seeds=", "method.".
std::vector<std::string> settable_keys() {
    std::vector<std::string> keys;
    for (const harness::SuiteKey& key : harness::suite_keys())
        if (key.settable && key.table == "suite") keys.push_back(key.name + "=");
    keys.push_back("method.");
    return keys;
}

} // namespace

void declare(Arguments& arguments, PlanningOptions& to) {
    arguments.value("suite", to.suite, {"SUITE.toml", "suite file", true});
    arguments.value("-o,--output", to.output,
                    {"DIR", "results folder (default: results/<name of the suite>)"});
    arguments.values("--set", to.set,
                     {.type = "KEY=VALUE",
                      .help = "set a key of the suite: seeds=3, method.ewc.lambda=5 (repeatable)",
                      .suggestions = settable_keys()});
    arguments.value("--seeds", to.seeds, {"N", "seeds: 5 means 1 to 5; 2,4 is a list"});
    arguments.value("--limit", to.limit_train,
                    {"N", "only the first N training examples of each task"});
    arguments.value("--limit-test", to.limit_test,
                    {"N", "only the first N test examples of each task"});
    arguments.value(
        "--replicas", to.replicas,
        {"N", "at most N runs in one worker (default: 1 on a CPU, all that fit on a GPU)"});
    arguments.value(
        "--device", to.device,
        {.type = "NAME", .help = "auto, cpu or cuda", .choices = {"auto", "cpu", "cuda"}});
    arguments.flag(
        "--weights", to.keep_weights,
        "keep the weights after each task in the results (the suite's weights = \"task_ends\")");
    declare(arguments, to.worker);
    declare(arguments, to.data);
}

scheduler::Repeat RepeatOptions::repeat() const {
    using scheduler::Stale;
    return {.stale = stale == "keep"    ? Stale::keep
                     : stale == "error" ? Stale::error
                                        : Stale::rerun,
            .force = force};
}

void declare(Arguments& arguments, RepeatOptions& to) {
    arguments.value("--stale", to.stale,
                    {.type = "WHAT",
                     .help = "finished runs of another plugin or harness: rerun, keep or error",
                     .choices = {"rerun", "keep", "error"}});
    arguments.flag("--force", to.force, "repeat finished runs too");
}

} // namespace mneme::cli
