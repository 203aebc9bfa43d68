// SPDX-License-Identifier: Apache-2.0
#include "cli/options.hpp"

#include <iostream>
#include <map>
#include <memory>
#include <set>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <plan/examination.hpp>

#include "cli/completion.hpp"
#include "cli/exit_code.hpp"
#include "cli/version.hpp"

namespace mneme::cli {
namespace {

const char* const footer =
    "Exit codes: 0 done, 1 some runs failed (check, doctor: a fault), 64 usage, 65 bad config, "
    "data or file, 69 plugin refused,\n"
    "70 a fault of mneme or a worker that died, 75 temporary: try again, 130 interrupted.";

void add_locked(CLI::App* to, Options& o) {
    to->add_option("--locked", o.locked,
                   "take only plugins whose SHA-256 is in this file (as sha256sum prints it)")
        ->type_name("FILE");
}

void add_plugins(CLI::App* to, Options& o) {
    to->add_option("--plugins", o.plugin_folders,
                   "folder of plugins, searched before the usual ones (repeatable)")
        ->type_name("DIR")
        ->allow_extra_args(false);
    to->add_flag("--plugins-from-env", o.plugins_from_environment,
                 "search the folders of $MNEME_PLUGIN_PATH too, after those of --plugins");
    add_locked(to, o);
}

void add_data(CLI::App* to, Options& o) {
    to->add_option("--data", o.data_folders,
                   "folder of data sets, searched before the usual ones (repeatable)")
        ->type_name("DIR")
        ->allow_extra_args(false);
}

void add_benchmarks(CLI::App* to, Options& o) {
    to->add_option("--benchmarks", o.benchmark_folders,
                   "folder of benchmark files, searched before the shipped ones (repeatable)")
        ->type_name("DIR")
        ->allow_extra_args(false);
}

void add_torch(CLI::App* to, Options& o) {
    to->add_option("--torch", o.torch,
                   "folder of LibTorch (default: MNEME_TORCH, the recorded one, Python's)")
        ->type_name("DIR");
}

void add_json(CLI::App* to, Options& o) { to->add_flag("--json", o.json, "print JSON"); }

// What decides which runs there are, for `run` and `plan`.
void add_planning(CLI::App* to, Options& o) {
    to->add_option("suite", o.suite, "suite file")->required()->type_name("SUITE.toml");
    to->add_option("-o,--output", o.output, "results folder (default: results/<name of the suite>)")
        ->type_name("DIR");
    to->add_option("--set", o.set,
                   "set a key of the suite: seeds=3, method.ewc.lambda=5 (repeatable)")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
    to->add_option("--seeds", o.seeds, "seeds: 5 means 1 to 5; 2,4 is a list")->type_name("N");
    to->add_option("--limit", o.limit_train, "only the first N training examples of each task")
        ->check(CLI::PositiveNumber)
        ->type_name("N");
    to->add_option("--limit-test", o.limit_test, "only the first N test examples of each task")
        ->check(CLI::PositiveNumber)
        ->type_name("N");
    to->add_option("--replicas", o.replicas,
                   "at most N runs in one worker (default: 1 on a CPU, all that fit on a GPU)")
        ->check(CLI::PositiveNumber)
        ->type_name("N");
    to->add_option("--device", o.device, "auto, cpu or cuda")
        ->check(CLI::IsMember({"auto", "cpu", "cuda"}))
        ->type_name("NAME");
    to->add_flag("--weights", o.keep_weights, "keep the weights after each task in the results");
    add_plugins(to, o);
    add_data(to, o);
    add_benchmarks(to, o);
    add_torch(to, o);
}

void add_run(CLI::App& app, Options& o) {
    CLI::App* run = app.add_subcommand("run", "train what a suite asks for; run again to resume");
    add_planning(run, o);
    run->add_option("--jobs", o.jobs, "workers at once (default: one per core, or per GPU)")
        ->check(CLI::PositiveNumber)
        ->type_name("N");
    run->add_option("--stale", o.stale,
                    "finished runs of another plugin or harness: rerun, keep or error")
        ->check(CLI::IsMember({"rerun", "keep", "error"}))
        ->type_name("WHAT");
    run->add_flag("--force", o.force, "repeat finished runs too");

    CLI::App* plan =
        app.add_subcommand("plan", "check a suite and write DIR/plan.json; train nothing");
    add_planning(plan, o);
    add_json(plan, o);

    CLI::App* cell = app.add_subcommand("cell", "train one cell of a plan; for clusters");
    cell->add_option("--plan", o.plan_file, "the plan.json of `mneme plan`")
        ->required()
        ->type_name("FILE");
    cell->add_option("--index", o.index, "which cell, from 0")->required()->type_name("N");
    cell->add_option("--stale", o.stale,
                     "a finished run of another plugin or harness: rerun, keep or error")
        ->check(CLI::IsMember({"rerun", "keep", "error"}))
        ->type_name("WHAT");
    cell->add_flag("--force", o.force, "repeat a finished cell too");
    add_torch(cell, o);
}

void add_folders(CLI::App& app, Options& o) {
    CLI::App* status = app.add_subcommand("status", "what is done in a results folder");
    status->add_option("dir", o.output, "results folder")->required()->type_name("DIR");
    add_json(status, o);

    CLI::App* collect = app.add_subcommand("collect", "merge every run found into DIR/results.h5");
    collect
        ->add_option("dirs", o.paths,
                     "results folders or files; the first is written to, unless -o is given")
        ->required()
        ->type_name("DIR...");
    collect->add_option("-o,--output", o.output, "the file to write")->type_name("FILE.h5");
}

void add_queries(CLI::App& app, Options& o) {
    CLI::App* list = app.add_subcommand("list", "what is there");
    list->add_option("what", o.what, "methods, benchmarks, datasets or networks")
        ->required()
        ->check(CLI::IsMember({"methods", "benchmarks", "datasets", "networks"}))
        ->type_name("WHAT");
    static const std::map<std::string, Format> formats{{"table", Format::table},
                                                       {"markdown", Format::markdown},
                                                       {"latex", Format::latex},
                                                       {"csv", Format::csv},
                                                       {"json", Format::json}};
    list->add_option("--format", o.format, "benchmarks: table, markdown, latex or csv")
        ->transform(CLI::Transformer(formats).description(""))
        ->type_name("NAME");
    list->add_flag("--long", o.lengthy,
                   "benchmarks: also the network's parameters, which a worker counts, and [train]");
    CLI::App* describe =
        app.add_subcommand("describe", "a method's options, or what a benchmark holds fixed");
    describe->add_option("name", o.what, "a method, benchmark or data set")
        ->required()
        ->type_name("NAME");
    for (CLI::App* query : {list, describe}) {
        add_json(query, o);
        add_plugins(query, o);
        add_data(query, o);
        add_benchmarks(query, o);
    }
    for (CLI::App* query : {list, describe}) add_torch(query, o);

    CLI::App* leaderboard =
        app.add_subcommand("leaderboard", "rank methods, with intervals over seeds");
    leaderboard->add_option("paths", o.paths, "results folders or files")
        ->required()
        ->type_name("PATH...");
    leaderboard->add_option("--metric", o.metric, "what to rank by (default: average_accuracy)")
        ->type_name("M");
    leaderboard->add_option("--format", o.format, "table, markdown, latex, csv or json")
        ->transform(CLI::Transformer(formats).description(""))
        ->type_name("NAME");
    add_json(leaderboard, o);

    CLI::App* validate = app.add_subcommand("validate", "is a results file what the schema says");
    validate->add_option("files", o.paths, "results files")->required()->type_name("FILE...");
    add_json(validate, o);

    CLI::App* data = app.add_subcommand(
        "data", "data sets: where they are, whether they are as published, and bringing them here");
    data->add_option("what", o.what, "list, check or fetch")
        ->required()
        ->check(CLI::IsMember({"list", "check", "fetch"}))
        ->type_name("WHAT");
    data->add_option("name", o.name, "one data set (check: or all that are here)")
        ->type_name("NAME");
    data->add_option("--from", o.from, "fetch: from a folder that has the published files")
        ->type_name("DIR");
    data->add_option("--mirror", o.mirrors,
                     "fetch: from URL/FILE instead of the official source (repeatable)")
        ->type_name("URL")
        ->allow_extra_args(false);
    data->add_option("--patience", o.patience,
                     "fetch: seconds without a byte before it tries again (default: 30)")
        ->check(CLI::PositiveNumber)
        ->type_name("SECONDS");
    add_json(data, o);
    add_data(data, o);
    add_benchmarks(data, o);

    CLI::App* plugin =
        app.add_subcommand("new-plugin", "make a folder with a method that compiles and runs");
    plugin->add_option("name", o.what, "of the method: lower-case letters, digits, _")
        ->required()
        ->type_name("NAME");
    plugin->add_option("-o,--output", o.output, "where the folder is made (default: here)")
        ->type_name("DIR");

    CLI::App* check =
        app.add_subcommand("check", "examine a plugin: does it keep the contract's promises");
    check->add_option("plugin", o.what, "plugin file")->required()->type_name("PLUGIN.so");
    std::set<std::string> names;
    for (const harness::Check& one : harness::method_checks) names.insert(one.name);
    check->add_flag("--valgrind", o.valgrind,
                    "also the check memory: leaks and accesses outside what is allocated; half a "
                    "minute a method");
    check->add_option("--only", o.only, "only this check, beside those of the file (repeatable)")
        ->check(CLI::IsMember(names))
        ->type_name("CHECK")
        ->allow_extra_args(false);
    check
        ->add_option("--stall-limit", o.stall_limit,
                     "a check that says nothing for so long has failed (default: 60)")
        ->check(CLI::PositiveNumber)
        ->type_name("SECONDS");
    add_json(check, o);
    add_locked(check, o);
    add_torch(check, o);

    CLI::App* doctor =
        app.add_subcommand("doctor", "what works on this machine, and what to do about the rest");
    add_json(doctor, o);
    add_plugins(doctor, o);
    add_data(doctor, o);
    add_benchmarks(doctor, o);
    add_torch(doctor, o);
}

std::vector<CompletedCommand> commands_of(CLI::App& app) {
    std::vector<CompletedCommand> out;
    for (const CLI::App* command : app.get_subcommands({})) {
        CompletedCommand one{command->get_name(), {}};
        for (const CLI::Option* option : command->get_options())
            for (const std::string& name : option->get_lnames()) one.options.push_back("--" + name);
        out.push_back(one);
    }
    return out;
}

} // namespace

Parsed parse(int argc, char** argv) {
    Parsed parsed;
    Options& o = parsed.options;
    CLI::App app("Mneme: a benchmark harness for continual learning", "mneme");
    app.require_subcommand(1);
    app.fallthrough();
    app.footer(footer);
    app.set_version_flag("--version", std::string("mneme ") + version);
    app.add_flag("-q,--quiet", o.quiet, "print results and faults only");
    add_run(app, o);
    add_folders(app, o);
    add_queries(app, o);
    std::string shell;
    app.add_subcommand("completion", "print a completion script: source <(mneme completion bash)")
        ->add_option("shell", shell, "bash")
        ->required()
        ->check(CLI::IsMember({"bash"}))
        ->type_name("SHELL");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == int(CLI::ExitCodes::Success))
            parsed.exit = app.exit(error, std::cout, std::cerr); // help and version
        else {
            std::cerr << "mneme: " << error.what()
                      << "; see `mneme --help`, or `mneme COMMAND --help`\n";
            parsed.exit = usage;
        }
        return parsed;
    }
    o.command = app.get_subcommands().front()->get_name();
    if (o.command == "completion") {
        std::cout << bash_completion(commands_of(app));
        parsed.exit = std::cout.flush() ? done : temporary;
    }
    if (o.json) o.format = Format::json;
    return parsed;
}

} // namespace mneme::cli
