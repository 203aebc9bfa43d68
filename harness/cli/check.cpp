// SPDX-License-Identifier: Apache-2.0
// mneme check: the method examiner. Reads the file here; lets a worker train. A worker that a
// plugin takes down costs one check its verdict, and the next worker goes on with the rest.
#include <algorithm>
#include <sstream>

#include <fmt/format.h>
#include <loader/loader.hpp>

#include <base/error.hpp>
#include <base/regular_file.hpp>
#include <base/temporary_folder.hpp>
#include "cli/check_page.hpp"
#include "cli/check_record.hpp"
#include "cli/commands.hpp"
#include "cli/crash_stack.hpp"
#include "cli/folders.hpp"
#include "cli/memory_check.hpp"
#include "cli/methods.hpp"
#include "cli/options.hpp"
#include "protocol/checks.hpp"
#include "protocol/requests.hpp"
#include "supervisor/query_worker.hpp"

namespace fs = std::filesystem;

namespace mneme::cli {
namespace {

using base::ExitCode;

struct CheckOptions {
    fs::path plugin, locked, torch;
    std::vector<std::string> only; // names of checks; empty: all
    bool valgrind = false;         // the check `memory` too
    std::int64_t stall_limit = 60; // seconds
    bool verbose = false;          // what the plugin printed, and where it crashed
    bool json = false;
};

void declare(Arguments& arguments, CheckOptions& to) {
    arguments.value("plugin", to.plugin, {"PLUGIN.so", "plugin file", true});
    std::vector<std::string> names;
    for (const protocol::Check& one : protocol::method_checks) names.push_back(one.name);
    arguments.flag("--valgrind", to.valgrind,
                   "also the check memory: leaks and accesses outside what is allocated; half a "
                   "minute a method");
    arguments.flag(
        "--verbose", to.verbose,
        "also what the plugin printed in each check, and where it crashed: by gdb, where "
        "there is one");
    arguments.values("--only", to.only,
                     {.type = "CHECK",
                      .help = "only this check, beside those of the file (repeatable)",
                      .choices = names});
    arguments.value("--stall-limit", to.stall_limit,
                    {"SECONDS", "a check that says nothing for so long has failed (default: 60)"});
    declare_json(arguments, to.json);
    declare_locked(arguments, to.locked);
    declare_torch(arguments, to.torch);
}

constexpr std::uint64_t most_log = 1 << 20;   // bytes of what a worker prints
constexpr std::int64_t most_mebibytes = 4096; // of a worker; the small stream needs a tenth

bool of_the_runtime(const std::string& library) {
    for (const char* stem : {"libstdc++.so", "libgcc_s.so", "libm.so", "libc.so", "libdl.so",
                             "libpthread.so", "librt.so", "ld-linux"})
        if (library.rfind(stem, 0) == 0) return true;
    return false;
}

void read_file(const loader::Plugin& plugin, const loader::Links& links, CheckPage& page) {
    const auto& note = plugin.note;
    page.add("", "note", "pass",
             fmt::format("SDK {}.{}, for 1.{} or newer, {}, {} method{}", note.sdk_major,
                         note.sdk_minor, note.target_minor, note.tier, plugin.methods.size(),
                         plugin.methods.size() == 1 ? "" : "s"));
    std::vector<std::string> others;
    std::copy_if(links.exported.begin(), links.exported.end(), std::back_inserter(others),
                 [](const std::string& name) { return name != MNEME_PLUGIN_ENTRY; });
    if (others.empty()) page.add("", "symbol", "pass", "exports " MNEME_PLUGIN_ENTRY " alone");
    else
        page.add("", "symbol", "fail",
                 fmt::format("exports {} besides " MNEME_PLUGIN_ENTRY
                             "; link it with the version script, as mneme_add_plugin does",
                             fmt::join(others, ", ")));
    std::vector<std::string> foreign;
    std::copy_if(links.needed.begin(), links.needed.end(), std::back_inserter(foreign),
                 [](const std::string& name) { return !of_the_runtime(name); });
    if (foreign.empty())
        page.add("", "libraries", "pass", fmt::format("needs {}", fmt::join(links.needed, ", ")));
    else if (note.tier == "native")
        page.add("", "libraries", "skip",
                 fmt::format("tier native, needs {}", fmt::join(foreign, ", ")));
    else
        page.add(
            "", "libraries", "fail",
            fmt::format("needs {}; link the C and C++ runtime only", fmt::join(foreign, ", ")));
}

using Wanted = protocol::CheckWanted;

fs::path write_request(const loader::Plugin& plugin, const fs::path& folder,
                       const std::vector<Wanted>& wanted, bool stack = false) {
    const fs::path request = folder / "request.json";
    protocol::write_request(
        request, protocol::CheckRequest{fs::absolute(plugin.path).string(), plugin.sha256,
                                        (folder / "runs").string(), wanted, stack});
    return request;
}

// What a plugin printed: by mneme::log, and in the log of its worker.
std::vector<std::string> printed(const supervisor::Answer& answer, const fs::path& log) {
    std::vector<std::string> lines;
    for (const auto& message : answer.messages)
        if (const auto* said = std::get_if<protocol::Log>(&message)) lines.push_back(said->line);
    std::error_code ignored;
    if (!fs::exists(log, ignored)) return lines;
    std::istringstream in(base::read_file(log, most_log * 2));
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

// Asks one worker for the checks in `open`, and takes those off that got a verdict.
void query_checks(const CheckOptions& options, const loader::Plugin& plugin, const fs::path& folder,
                  std::vector<Wanted>& open, CheckPage& page) {
    // What is printed in a check can be told from the rest where a worker makes one.
    const std::vector<Wanted> now(open.begin(), options.verbose ? open.begin() + 1 : open.end());
    const fs::path gdb = options.verbose ? program_on_path("gdb") : fs::path();
    const fs::path request = write_request(plugin, folder, now, options.verbose && gdb.empty()),
                   log = options.verbose ? folder / "worker.log" : fs::path();
    const auto stall = double(options.stall_limit);
    const supervisor::Answer answer = supervisor::query_worker(
        supervisor::worker_launch(worker_program(options.torch), {"check", request.string()}), log,
        {{0, stall, most_mebibytes}, 1, most_log});
    const auto left = open.size() - now.size();
    for (const auto& message : answer.messages) {
        const auto* said = std::get_if<protocol::Checked>(&message);
        if (!said || open.size() == left) continue;
        page.add(open.front().method, open.front().check, said->verdict, said->note);
        open.erase(open.begin());
    }
    if (open.size() == left) {
        if (options.verbose) page.detail("output", printed(answer, log));
        return;
    }
    // Stopped by a signal, refused when it was loaded, or a fault of ours.
    supervisor::require_answer(answer, "mneme check");
    const auto* last = answer.find<protocol::Checking>();
    if (!last) supervisor::refuse_silence(answer, "mneme check");
    const bool loading = last->check == "load";
    const std::string detail = last->detail;
    const std::string why = answer.exit.cause == supervisor::ExitCause::time_limit
                                ? fmt::format("nothing came back for {} s", stall)
                            : answer.exit.cause == supervisor::ExitCause::resource_limit
                                ? fmt::format("it took more than {} MiB", most_mebibytes)
                                : answer.exit.reason();
    page.add(open.front().method, open.front().check, "fail",
             (loading          ? "while it was loaded" + std::string(": ")
              : detail.empty() ? ""
                               : detail + ": ") +
                 why);
    open.erase(open.begin());
    if (options.verbose) {
        page.detail("output", printed(answer, log));
        if (!gdb.empty() && answer.exit.cause == supervisor::ExitCause::signalled)
            page.detail("stack", crash_stack(gdb, options.torch, request));
    }
    if (!loading) return;
    for (const Wanted& one : open) page.add(one.method, one.check, "skip", "it cannot be loaded");
    open.clear();
}

ExitCode check(const CheckOptions& options, const Console& console, const std::string&) {
    if (options.valgrind) find_valgrind();
    const auto trust = trust_of(options.locked);
    const loader::Plugin plugin = loader::inspect(options.plugin, {}, trust);
    for (const std::string& warning : plugin.warnings) console.warn(warning);
    CheckPage page(plugin, options.json);
    read_file(plugin, loader::links(options.plugin, {}, trust), page);
    const base::TemporaryFolder scratch;
    std::vector<Wanted> open;
    for (const loader::Method& method : plugin.methods)
        for (const protocol::Check& one : protocol::method_checks)
            if (options.only.empty() ||
                std::find(options.only.begin(), options.only.end(), one.name) != options.only.end())
                open.push_back({method.id, one.name});
    while (!open.empty()) query_checks(options, plugin, scratch.path(), open, page);
    for (const loader::Method& method : plugin.methods) {
        if (!options.valgrind) break;
        const Finding found = check_memory(
            options.torch, write_request(plugin, scratch.path(), {{method.id, "learns"}}));
        page.add(method.id, "memory", found.passed ? "pass" : "fail", found.note);
    }
    const ExitCode code = page.close();
    if (options.only.empty()) // else some checks were left out
        if (const auto why = keep_check_record(plugin.sha256, page.content()); !why.empty())
            console.warn("the verdicts are not kept: " + why);
    return code;
}

} // namespace

Command check_command() {
    return command("check", "examine a plugin: does it keep the contract's promises", declare,
                   check);
}

} // namespace mneme::cli
