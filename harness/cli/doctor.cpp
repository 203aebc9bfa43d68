// SPDX-License-Identifier: Apache-2.0
// mneme doctor: what works here, and what to do about the rest.
#include <sys/statvfs.h>
#include <unistd.h>

#include <hdf5.h>

#include <fmt/format.h>
#include <base/folders.hpp>
#include <base/text.hpp>
#include <benchmarks/dataset.hpp>
#include <plan/benchmark.hpp>

#include <base/error.hpp>
#include "cli/commands.hpp"
#include "cli/data.hpp"
#include "cli/folders.hpp"
#include "cli/methods.hpp"
#include "cli/options.hpp"
#include "scheduler/version.hpp"
#include "supervisor/query_worker.hpp"

namespace fs = std::filesystem;

namespace mneme::cli {
namespace {

using base::ExitCode;
using scheduler::version;

struct DoctorOptions {
    WorkerOptions worker;
    DataOptions data;
    bool json = false;
};

void declare(Arguments& arguments, DoctorOptions& to) {
    declare_json(arguments, to.json);
    cli::declare(arguments, to.worker);
    cli::declare(arguments, to.data);
}

enum class Health { ok, warning, fault };

struct Finding {
    Health health;
    std::string subject, text; // text: what is, and for anything but ok what to do
};
using Findings = std::vector<Finding>;

const char* name(Health health) {
    return health == Health::ok ? "ok" : health == Health::warning ? "warning" : "fault";
}

constexpr double slow_gflops =
    3; // a real BLAS gives tens on one core; LibTorch without one gives about one

std::string hdf5_version() {
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    return fmt::format("{}.{}.{}", major, minor, release);
}

void look_at_cuda(const protocol::WorkerFacts& facts, Findings& out) {
    if (facts.cuda_usable)
        return out.push_back({Health::ok, "CUDA",
                              fmt::format("{}, driver {}", facts.cuda_device, facts.cuda_driver)});
    std::error_code ignored;
    const bool has_gpu = fs::exists("/dev/nvidiactl", ignored);
    out.push_back({has_gpu ? Health::warning : Health::ok, "CUDA",
                   has_gpu ? facts.cuda_message : "no GPU here; the CPU is used"});
}

void look_at_worker(const fs::path& torch, Findings& out) {
    try {
        const supervisor::Answer answer =
            supervisor::query_worker(supervisor::worker_launch(worker_program(torch), {"doctor"}));
        const auto& facts =
            supervisor::require_event<protocol::WorkerFacts>(answer, "mneme-worker doctor");
        out.push_back({Health::ok, "worker", answer.program.string()});
        out.push_back({Health::ok, "LibTorch", facts.libtorch});
        const double speed = facts.product_gflops;
        out.push_back(
            {speed < slow_gflops ? Health::warning : Health::ok, "BLAS",
             fmt::format("{}, {:.1f} GFLOP/s on one thread{}", facts.blas, speed,
                         speed < slow_gflops
                             ? "; this is slow: the official LibTorch (./setup) has a faster one"
                             : "")});
        out.push_back(facts.linear_library.empty()
                          ? Finding{Health::warning, "linear layers",
                                    "by LibTorch: oneDNN is not here, which can be twice as fast "
                                    "on a CPU; apt install libdnnl-dev brings it"}
                          : Finding{Health::ok, "linear layers",
                                    fmt::format("{}, {:.1f} GFLOP/s on one thread",
                                                facts.linear_library, facts.linear_gflops)});
        if (!facts.missing_operators.empty())
            out.push_back({Health::fault, "operators",
                           fmt::format("this LibTorch lacks {}; LibTorch 2.11 has them",
                                       base::joined(facts.missing_operators))});
        look_at_cuda(facts, out);
    } catch (const std::runtime_error& error) {
        out.push_back({Health::fault, "worker", error.what()});
    }
}

void look_at_data(const DataOptions& options, Findings& out) {
    const Paths folders = data_folders(options);
    for (const bench::DatasetInfo& info : known_datasets(options)) {
        if (bench::locate(info, folders).empty()) {
            out.push_back(
                {Health::warning, "data set " + info.name, "not here; " + info.how_to_get});
            continue;
        }
        try {
            bench::verify(info, folders);
            out.push_back(
                {Health::ok, "data set " + info.name, bench::locate(info, folders).string()});
        } catch (const std::runtime_error& error) {
            out.push_back({Health::fault, "data set " + info.name, error.what()});
        }
    }
}

void look_at_plugins(const PluginOptions& options, Findings& out) {
    const Methods methods = find_methods(options);
    const std::string where = fmt::format("{}", fmt::join(methods.folders, ", "));
    if (methods.found.empty())
        out.push_back({Health::fault, "plugins",
                       fmt::format("no method in {}; name a folder with --plugins DIR", where)});
    else
        out.push_back(
            {Health::ok, "plugins", fmt::format("{} methods in {}", methods.found.size(), where)});
    for (const RefusedFile& file : methods.refused)
        out.push_back({Health::warning, "plugin", file.reason});
    for (const std::string& warning : methods.warnings)
        out.push_back({Health::warning, "plugin", warning});
}

void look_at_benchmarks(const DataOptions& options, Findings& out) {
    std::size_t good = 0;
    for (const auto& file :
         harness::find_benchmarks(benchmark_folders(options), data_folders(options))) {
        if (file.fault.empty()) ++good;
        else out.push_back({Health::warning, "benchmark " + file.name, file.fault});
    }
    const Paths folders = benchmark_folders(options);
    if (good == 0)
        out.push_back({Health::fault, "benchmarks",
                       fmt::format("none in {}; name a folder with --benchmarks DIR",
                                   folders.back().string())});
    else out.push_back({Health::ok, "benchmarks", fmt::format("{} files", good)});
}

fs::path nearest_existing(fs::path path) {
    std::error_code ignored;
    while (!fs::exists(path, ignored) && path.has_relative_path()) path = path.parent_path();
    return path;
}

void look_at_disk(Findings& out) {
    const fs::path here = fs::current_path(), cache = base::cache_folder();
    struct statvfs info {};
    const double free = statvfs(here.c_str(), &info) == 0
                            ? double(info.f_bavail) * double(info.f_frsize) / double(1 << 30)
                            : 0;
    out.push_back({free < 1 ? Health::warning : Health::ok, "disk",
                   fmt::format("{:.1f} GiB free in {}{}", free, here.string(),
                               free < 1 ? "; make room, or write results elsewhere with -o" : "")});
    const fs::path probe = nearest_existing(cache);
    const bool writable = access(probe.c_str(), W_OK | X_OK) == 0;
    struct statvfs mount {};
    if (writable && statvfs(probe.c_str(), &mount) == 0 && (mount.f_flag & ST_NOEXEC) != 0)
        return out.push_back({Health::fault, "cache",
                              fmt::format("{} is on a disk from which nothing may be executed "
                                          "(noexec), so that no plugin can be loaded; set "
                                          "XDG_CACHE_HOME to a folder on another disk",
                                          cache.string())});
    out.push_back(
        {writable ? Health::ok : Health::warning, "cache",
         writable ? cache.string()
                  : fmt::format("{} cannot be written; set XDG_CACHE_HOME to a folder that can",
                                probe.string())});
}

ExitCode doctor(const DoctorOptions& options, const Console&, const std::string&) {
    Findings findings{{Health::ok, "mneme", version}, {Health::ok, "HDF5", hdf5_version()}};
    look_at_worker(options.worker.torch, findings);
    look_at_plugins(options.worker.plugins, findings);
    look_at_benchmarks(options.data, findings);
    look_at_data(options.data, findings);
    look_at_disk(findings);

    bool healthy = true;
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    Table table{{{"state"}, {"what"}, {"finding"}}, {}};
    for (const Finding& finding : findings) {
        healthy = healthy && finding.health != Health::fault;
        table.rows.push_back({name(finding.health), finding.subject, finding.text});
        json.push_back({{"state", name(finding.health)},
                        {"what", finding.subject},
                        {"finding", finding.text}});
    }
    print_result(options.json
                     ? json_text(nlohmann::ordered_json{{"healthy", healthy}, {"findings", json}})
                     : render(table, Format::table));
    return healthy ? ExitCode::done : ExitCode::some_failed;
}

} // namespace

Command doctor_command() {
    return command("doctor", "what works on this machine, and what to do about the rest", declare,
                   doctor);
}

} // namespace mneme::cli
