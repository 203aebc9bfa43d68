// SPDX-License-Identifier: Apache-2.0
// The command `geometry`: a results file with weights to one with lines between them.
#include <algorithm>

#include <ATen/Parallel.h>

#include <base/error.hpp>
#include <results/results.hpp>

#include "protocol/requests.hpp"
#include "worker/commands.hpp"
#include "worker/geometry/lines.hpp"
#include "worker/geometry/planes.hpp"
#include "worker/kept_weights.hpp"

namespace mneme::harness {
namespace {

protocol::Cell cell_of(const protocol::GeometryRequest& request, const protocol::Data& data,
                       std::int32_t seed) {
    protocol::Cell cell;
    cell.data = data;
    cell.execution = request.execution;
    cell.runs.push_back({});
    cell.runs[0].seed = seed;
    return cell;
}

[[noreturn]] void refuse(const protocol::GeometryRequest& request, const results::Block& block,
                         const std::string& why) {
    throw base::ExitError(ExitCode::bad_input,
                          request.file + ": benchmark \"" + block.benchmark + "\": " + why);
}

void require_same_network(const protocol::GeometryRequest& request, const results::Block& block,
                          const bench::Network& network) {
    if (network_layers(network) != block.network_layers)
        refuse(request, block,
               "its weights are not those of the network that its keys describe; run it again with "
               "this version of mneme");
    if (network.stats_columns() > 0 && block.weight_statistics.empty())
        refuse(request, block,
               "the running statistics of its networks' normalisation are not there; run it again "
               "with this version of mneme");
}

void require_same_data(const protocol::GeometryRequest& request, const results::Block& block,
                       std::size_t n, const Minima& minima) {
    const auto digests = minima.data_digests();
    for (std::size_t t = 0; t < digests.size(); ++t)
        if (const auto& said = block.data_digest.at({n, t}); !said.empty() && said != digests[t])
            refuse(request, block,
                   "the data of task \"" + block.tasks[t] + "\", seed " +
                       std::to_string(block.seeds[n]) + ", have the digest " +
                       digests[t].substr(0, 12) + ", the file says " + said.substr(0, 12) +
                       "; give the folder of the data that it was made from (--data)");
}

std::vector<Match> matches_of(const protocol::GeometryRequest& request) {
    std::vector<Match> ways;
    for (const auto& [name, way] : {std::pair("weights", Match::weights),
                                    std::pair("l2", Match::l2), std::pair("mid", Match::mid)})
        if (std::find(request.match.begin(), request.match.end(), name) != request.match.end())
            ways.push_back(way);
    return ways;
}

// A loss on a line between two seeds is that of both only where they have the same data.
bool has_lines_between_seeds(const protocol::GeometryRequest& request, const protocol::Data& data,
                             const results::Block& block, Reporter& reporter) {
    std::string why;
    if (block.seeds.size() < 2) {
        why = "the file has one seed";
    } else {
        Minima first(cell_of(request, data, block.seeds[0]), request.examples),
            second(cell_of(request, data, block.seeds[1]), request.examples);
        if (const auto task = first.other_data(second))
            why = "task \"" + block.tasks[static_cast<std::size_t>(*task)] +
                  "\" has other data with each seed";
    }
    if (!why.empty())
        reporter.say(protocol::Log{block.benchmark + ": has no lines between seeds: " + why});
    return why.empty();
}

// Returns how many runs have lines now.
int64_t fill(const protocol::GeometryRequest& request, const protocol::Data& data,
             results::Block& block, Reporter& reporter) {
    int64_t runs = 0;
    std::string at;
    const auto progress = [&](const char* of_what) {
        return [&, of_what](int64_t done, int64_t all) {
            if (reporter.due() || done == all)
                reporter.progress({"geometry", 0, 0, at + of_what, done, all, std::nullopt});
        };
    };
    const bool between =
        request.between_seeds && has_lines_between_seeds(request, data, block, reporter);
    Lines lines(block, {request.points, matches_of(request), request.match_steps, between,
                        progress(": line")});
    Planes planes(block, {request.plane, progress(": row of a plane")});
    const StoredNetworks stored(block);
    if (request.plane > 0 && planes.count() == 0)
        reporter.say(protocol::Log{block.benchmark + ": has two minima, and a plane goes through "
                                                     "three; put a method `joint` into the suite"});
    for (std::size_t n = 0; n < block.seeds.size(); ++n) {
        Minima minima(cell_of(request, data, block.seeds[n]), request.examples);
        if (n == 0) require_same_network(request, block, minima.network());
        require_same_data(request, block, n, minima);
        for (std::size_t m = 0; m < block.methods.size(); ++m) {
            if (!stored.any(m, n)) continue;
            at = block.methods[m] + ", seed " + std::to_string(block.seeds[n]);
            const auto why = lines.evaluate(m, n, minima);
            if (why.empty()) planes.evaluate(m, n, minima), ++runs;
            else reporter.say(protocol::Log{block.benchmark + ", " + at + ": left out: " + why});
        }
        if (n == 0 && minima.network().groups().empty())
            reporter.say(protocol::Log{block.benchmark + ": its network has no hidden units whose "
                                                         "order could be matched; the lines are "
                                                         "those before matching alone"});
    }
    return runs;
}

} // namespace

ExitCode geometry(const std::string& path, Reporter& reporter) {
    const auto request = protocol::read_request<protocol::GeometryRequest>(path);
    at::set_num_threads(request.execution.threads);
    if (request.execution.device == "cuda") host::open_cuda();
    auto file = results::read(request.file);
    int64_t runs = 0;
    for (const auto& data : request.benchmarks)
        for (auto& block : file.blocks)
            if (block.benchmark == data.benchmark.spec.name)
                runs += fill(request, data, block, reporter);
    if (runs == 0)
        throw base::ExitError(ExitCode::bad_input,
                              request.file +
                                  ": no run answers with the weights that it keeps; the "
                                  "lines above say why");
    results::write(request.output, file);
    reporter.say(protocol::Done{});
    return ExitCode::done;
}

} // namespace mneme::harness
