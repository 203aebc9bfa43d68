// SPDX-License-Identifier: Apache-2.0
#include "cli/run_lines.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>
#include <results/results.hpp>

#include "scheduler/run_state.hpp"

namespace fs = std::filesystem;

namespace mneme::cli {
namespace {

void read_into(RunLine& line, const fs::path& file, const protocol::Cell* cell,
               const protocol::Run* run, results::Reader& reader) {
    try {
        const results::Block block = scheduler::read_run(file, reader);
        line.message = cell ? scheduler::answers_another(block, *cell, *run) : "";
        if (!line.message.empty()) {
            line.outcome = "misplaced";
            return;
        }
        if (line.method.empty()) {
            line.benchmark = block.benchmark;
            line.method = block.methods[0];
            line.seed = block.seeds[0];
        }
        line.outcome = results::name(scheduler::outcome_of(block));
        line.message = block.outcome_message.at({0, 0});
        line.accuracy = scheduler::average_accuracy(block);
    } catch (const std::runtime_error& error) {
        line.outcome = "unreadable";
        line.message = error.what();
    }
}

} // namespace

RunLine RunLines::line_of(RunLine line, results::Reader& reader, const protocol::Cell* cell,
                          const protocol::Run* run) {
    const fs::path file = folder_.run(line.digest);
    std::error_code error;
    const auto written = fs::last_write_time(file, error);
    if (error) {
        line.outcome = results::name(results::Outcome::missing);
        return line;
    }
    const auto known = seen_.find(line.digest);
    if (known != seen_.end() && known->second.written == written) return known->second.line;
    read_into(line, file, cell, run, reader);
    seen_[line.digest] = {written, line};
    return line;
}

std::vector<RunLine> RunLines::planned() {
    std::vector<RunLine> lines;
    results::Reader reader;
    for (const protocol::Cell& cell : plan_->cells) {
        const fs::path log = folder_.log(cell.runs.front().digest);
        std::error_code ignored;
        const bool logged = fs::exists(log, ignored);
        for (const protocol::Run& run : cell.runs) {
            RunLine line{run.digest, cell.spec().name, run.label, run.seed};
            lines.push_back(line_of(std::move(line), reader, &cell, &run));
            lines.back().log = logged ? log.string() : "";
        }
    }
    return lines;
}

std::vector<RunLine> RunLines::found() {
    std::vector<RunLine> lines;
    results::Reader reader;
    std::error_code error;
    for (fs::directory_iterator at(folder_.runs(), error), end; !error && at != end;
         at.increment(error))
        if (at->path().extension() == ".h5")
            lines.push_back(
                line_of({at->path().stem().string(), "", ""}, reader, nullptr, nullptr));
    std::sort(lines.begin(), lines.end(), [](const RunLine& a, const RunLine& b) {
        return std::tie(a.benchmark, a.method, a.seed) < std::tie(b.benchmark, b.method, b.seed);
    });
    return lines;
}

std::vector<RunLine> RunLines::read() {
    std::error_code error;
    const auto written = fs::last_write_time(folder_.plan(), error);
    if (error) return found();
    if (!plan_ || written != plan_written_) {
        plan_ = harness::read_plan(folder_.plan());
        plan_written_ = written;
        seen_.clear(); // a run may have another name now
    }
    return planned();
}

std::string summary(const std::vector<RunLine>& lines) {
    std::map<std::string, std::size_t> counts;
    for (const RunLine& line : lines) ++counts[line.outcome];
    std::vector<std::string> parts;
    for (const auto& [outcome, count] : counts)
        parts.push_back(fmt::format("{} {}", count, outcome));
    return fmt::format(
        "{} {}: {}", lines.size(), lines.size() == 1 ? "run" : "runs",
        parts.empty() ? std::string("nothing here") : fmt::format("{}", fmt::join(parts, ", ")));
}

} // namespace mneme::cli
