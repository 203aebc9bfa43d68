// SPDX-License-Identifier: Apache-2.0
// mneme geometry: lines between the weights that a results file keeps. Reads the file and the
// benchmarks' keys in it here; lets a worker evaluate.
#include <algorithm>
#include <thread>

#include <fmt/format.h>
#include <base/atomic_file.hpp>
#include <base/error.hpp>
#include <base/temporary_folder.hpp>
#include <base/text.hpp>
#include <plan/benchmark.hpp>
#include <plan/planned_data.hpp>
#include <report/geometry_text.hpp>
#include <results/results.hpp>

#include "cli/commands.hpp"
#include "cli/folders.hpp"
#include "protocol/requests.hpp"
#include "supervisor/query_worker.hpp"

namespace fs = std::filesystem;

namespace mneme::cli {
namespace {

using base::ExitCode;

constexpr double line_stall_s = 1800; // a line on one task's data says something in seconds

struct GeometryOptions {
    fs::path path, output, torch;
    std::int64_t points = 25, examples = 0, plane = 0, threads = 0, match_steps = 200;
    std::vector<std::string> match;
    bool between_seeds = false;
    std::string device = "cpu";
    DataOptions data;
};

void declare(Arguments& arguments, GeometryOptions& to) {
    arguments.value("path", to.path, {"PATH", "results file or folder, with weights", true});
    arguments.value("-o,--output", to.output,
                    {"FILE", "results file to write (default: the same file)"});
    arguments.value(
        "--points", to.points,
        {.type = "N", .help = "points of a line with both ends (default: 25)", .least = 3});
    arguments.values("--match", to.match,
                     {.type = "WAY",
                      .help = "match hidden units by weights (default), l2 or mid; repeatable",
                      .choices = {"weights", "l2", "mid"}});
    arguments.value("--match-steps", to.match_steps,
                    {.type = "N", .help = "steps of l2 and mid (default: 200)", .least = 1});
    arguments.flag("--between-seeds", to.between_seeds,
                   "lines from each task's minimum to that of the next seed, too");
    arguments.value(
        "--plane", to.plane,
        {.type = "N", .help = "planes through three minima, too, of N x N points", .least = 3});
    arguments.value("--examples", to.examples,
                    {"N", "only N test examples of each task, at equal distances"});
    arguments.value("--device", to.device,
                    {.type = "NAME", .help = "cpu or cuda", .choices = {"cpu", "cuda"}});
    arguments.value("--threads", to.threads, {"N", "threads of a CPU (default: all)"});
    declare_torch(arguments, to.torch);
    declare(arguments, to.data);
}

[[noreturn]] void refuse(const fs::path& file, const std::string& why) {
    throw base::ExitError(ExitCode::bad_input, fmt::format("{}: {}", file.string(), why));
}

bool has_weights(const results::Block& block) { return !block.weights.empty(); }

// The benchmark's keys are in the file; its data are looked for.
protocol::Data data_of(const results::Block& block, const fs::path& file,
                       const GeometryOptions& options, const fs::path& scratch) {
    const fs::path toml = scratch / (block.benchmark + ".toml");
    base::replace_file(toml, block.toml);
    protocol::Data data;
    auto& benchmark = data.benchmark;
    harness::PlannedData planned(data_folders(options.data));
    try {
        benchmark.spec = harness::load_benchmark(
            toml.string(), benchmark_folders(options.data), {},
            fmt::format("{}: benchmark {}", file.string(), block.benchmark),
            data_folders(options.data), harness::WeightsFile::known_by_digest);
        benchmark.payload = planned.payload_digest(benchmark.spec);
    } catch (const std::runtime_error& fault) {
        refuse(file, fmt::format("benchmark \"{}\": {}", block.benchmark, fault.what()));
    }
    benchmark.digest = harness::benchmark_digest(benchmark.spec, benchmark.payload);
    if (benchmark.digest != block.digest)
        refuse(file, fmt::format("benchmark \"{}\": its data or its keys have the digest {}, the "
                                 "file says {}; give the folder of the data that it was made from "
                                 "(--data)",
                                 block.benchmark, benchmark.digest.substr(0, 12),
                                 block.digest.substr(0, 12)));
    benchmark.toml = block.toml;
    benchmark.spec.name = block.benchmark;
    benchmark.spec.network.frozen.clear(); // nothing is trained, and every unit can be matched
    data.most_train = block.limit_train, data.most_test = block.limit_test;
    data.evaluate_on = block.evaluated_on;
    for (const auto& folder : data_folders(options.data)) data.folders.push_back(folder.string());
    return data;
}

void evaluate(const protocol::GeometryRequest& request, const GeometryOptions& options,
              const Console& console, const fs::path& scratch) {
    const fs::path path = scratch / "request.json";
    protocol::write_request(path, request);
    const auto say = [&](const protocol::Message& message) { // what the worker says
        if (const auto* log = std::get_if<protocol::Log>(&message)) console.warn(log->line);
        const auto* at = std::get_if<protocol::Progress>(&message);
        if (at && console.live())
            console.draw(fmt::format("{} {} of {}\n", at->phase, at->step, at->steps));
    };
    const supervisor::Answer answer = supervisor::query_worker(
        supervisor::worker_launch(worker_program(options.torch), {"geometry", path.string()}),
        scratch / "worker.log", {{0, line_stall_s, 0}, 10, 1 << 20}, say);
    supervisor::require_event<protocol::Done>(answer, "mneme geometry");
}

ExitCode geometry(const GeometryOptions& options, const Console& console, const std::string&) {
    const fs::path file =
        fs::is_directory(options.path) ? options.path / "results.h5" : options.path;
    const results::File before = results::read(file);
    if (std::none_of(before.blocks.begin(), before.blocks.end(), has_weights))
        refuse(file, "holds no weights; `mneme run SUITE.toml --weights` keeps them");
    if (!options.output.empty()) base::require_place_for_file(options.output);
    const base::TemporaryFolder scratch;
    protocol::GeometryRequest request;
    request.file = file.string();
    request.output = options.output.empty() ? file.string() : options.output.string();
    request.points = options.points, request.examples = options.examples;
    request.between_seeds = options.between_seeds;
    request.plane = options.plane, request.match_steps = options.match_steps;
    if (!options.match.empty()) request.match = options.match;
    request.execution.device = options.device;
    request.execution.threads = static_cast<int>(
        options.threads > 0 ? options.threads : std::thread::hardware_concurrency());
    for (const results::Block& block : before.blocks)
        if (has_weights(block))
            request.benchmarks.push_back(data_of(block, file, options, scratch.path()));
    evaluate(request, options, console, scratch.path());
    print_result(report::geometry_text(results::read(request.output)));
    console.say("written: " + request.output);
    return ExitCode::done;
}

} // namespace

Command geometry_command() {
    return command("geometry", "losses on straight lines between the minima of tasks", declare,
                   geometry);
}

} // namespace mneme::cli
