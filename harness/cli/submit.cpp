// SPDX-License-Identifier: Apache-2.0
// mneme submit: the cells of a suite for a scheduler.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>
#include <base/atomic_file.hpp>
#include <base/error.hpp>
#include <base/folders.hpp>
#include <base/shell_word.hpp>

#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "cli/planning.hpp"
#include "submit/submission.hpp"

namespace fs = std::filesystem;

namespace mneme::cli {
namespace {

using base::ExitCode;
using submit::Submission;
using submit::Target;

struct SubmitOptions {
    PlanningOptions planning;
    bool slurm = false, kubernetes = false, go = false;
    fs::path hosts;
    Submission to; // what of it options give
};

void declare(Arguments& arguments, SubmitOptions& to) {
    arguments.flag("--slurm", to.slurm, "for Slurm: an array of tasks, then collect and report");
    arguments.value("--parallel", to.hosts,
                    {"HOSTFILE", "for GNU parallel over ssh: a host a line; : is this machine"});
    arguments.flag("--kubernetes", to.kubernetes, "for Kubernetes: an indexed Job");
    arguments.value("--pack", to.to.pack, {"N", "cells that one task trains (default: 1)"});
    arguments.value("--jobs", to.to.jobs, {"N", "how many of them at once (default: 1)"});
    arguments.value("--throttle", to.to.throttle,
                    {"N", "tasks at once (--parallel: on each host); default: no bound"});
    arguments.value("--time", to.to.time, {"LIMIT", "Slurm: time limit of a task: 90, 4:00:00"});
    arguments.value("--partition", to.to.partition, {"NAME", "Slurm: partition"});
    arguments.value("--gres", to.to.gres, {"LIST", "Slurm: generic resources of a task: gpu:1"});
    arguments.value("--account", to.to.account, {"NAME", "Slurm: account"});
    arguments.value("--image", to.to.image, {"NAME", "Kubernetes: image that has mneme in it"});
    arguments.value("--claim", to.to.claim,
                    {"NAME", "Kubernetes: volume claim that holds the results folder"});
    arguments.flag("--go", to.go, "run DIR/submit.sh at once");
    cli::declare(arguments, to.planning);
}

void require_of(bool chosen, const char* target,
                const std::vector<std::pair<const char*, bool>>& options) {
    for (const auto& [name, is_given] : options)
        if (is_given && !chosen)
            throw base::ExitError(ExitCode::usage,
                                  fmt::format("{}: is an option of {}; leave it out, or give {}",
                                              name, target, target));
}

Target target_of(const SubmitOptions& options) {
    const bool parallel = !options.hosts.empty();
    if (int(options.slurm) + int(parallel) + int(options.kubernetes) != 1)
        throw base::ExitError(ExitCode::usage,
                              "submit: give one of --slurm, --parallel HOSTFILE and --kubernetes");
    const Submission& to = options.to;
    require_of(options.slurm, "--slurm",
               {{"--time", !to.time.empty()},
                {"--partition", !to.partition.empty()},
                {"--gres", !to.gres.empty()},
                {"--account", !to.account.empty()}});
    require_of(options.kubernetes, "--kubernetes",
               {{"--image", !to.image.empty()}, {"--claim", !to.claim.empty()}});
    return options.slurm ? Target::slurm : parallel ? Target::parallel : Target::kubernetes;
}

Submission submission_of(const SubmitOptions& options, const fs::path& folder, std::size_t cells) {
    Submission submission = options.to;
    submission.target = target_of(options);
    submission.mneme = base::program_folder() / "mneme";
    submission.folder = folder;
    submission.suite = options.planning.suite.stem().string();
    submission.cells = std::int64_t(cells);
    if (!options.hosts.empty()) submission.hosts = fs::absolute(options.hosts);
    if (const fs::path& torch = options.planning.worker.torch; !torch.empty())
        submission.options = {"--torch", fs::absolute(torch).string()};
    return submission;
}

// Ends this process unless it throws.
void become(const fs::path& script) {
    std::fflush(nullptr);
    execlp("bash", "bash", script.c_str(), static_cast<char*>(nullptr));
    throw base::ExitError(ExitCode::bad_input,
                          fmt::format("{}: bash cannot be started: {}; run it by hand",
                                      script.string(), std::strerror(errno)));
}

ExitCode submit(const SubmitOptions& options, const Console& console,
                const std::string& command_line) {
    target_of(options); // before anything is planned
    const harness::Suite suite = read_suite(options.planning);
    fs::path script;
    {
        // The lock ends with this block: the cells that --go starts would find it taken.
        const scheduler::ResultsFolder folder(results_path(options.planning),
                                              scheduler::ResultsFolder::Use::alone);
        const harness::Plan plan =
            make_plan(options.planning, suite, folder, console, command_line);
        const Submission submission = submission_of(options, folder.path(), plan.cells.size());
        for (const submit::File& file : submit::files_of(submission))
            base::replace_file(folder.path() / file.name, file.text);
        script = folder.path() / "submit.sh";
        console.say(fmt::format("{} cells, {} to a task: {} tasks", submission.cells,
                                submission.pack, submission.tasks()));
    }
    print_result(script.string() + "\n");
    if (options.go) become(script);
    console.say(fmt::format("look at it, then: bash {}", base::shell_word(script.string())));
    return ExitCode::done;
}

} // namespace

Command submit_command() {
    return command("submit", "write what trains a suite on a cluster, or submit it", declare,
                   submit);
}

} // namespace mneme::cli
