// SPDX-License-Identifier: Apache-2.0
#include "scheduler/cost_book.hpp"

#include <algorithm>
#include <functional>
#include <queue>
#include <sstream>
#include <stdexcept>

#include <base/regular_file.hpp>

#include "protocol/json.hpp"

namespace mneme::scheduler {
namespace {

constexpr std::uint64_t longest_log = std::uint64_t(256) << 20;

} // namespace

std::vector<std::string> kind_of(const protocol::Cell& cell) {
    return {cell.spec().name, cell.plugin.id, cell.runs.front().label};
}

void CostBook::add(const protocol::Cell& cell, double seconds) {
    for (std::vector<std::string> kind = kind_of(cell);; kind.pop_back()) {
        Mean& mean = means_[kind];
        mean.sum += seconds;
        ++mean.count;
        if (kind.empty()) return;
    }
}

std::optional<double> CostBook::seconds(const protocol::Cell& cell) const {
    for (std::vector<std::string> kind = kind_of(cell);; kind.pop_back()) {
        const auto found = means_.find(kind);
        if (found != means_.end()) return found->second.sum / double(found->second.count);
        if (kind.empty()) return std::nullopt;
    }
}

bool CostBook::knows(const protocol::Cell& cell) const { return means_.count(kind_of(cell)) > 0; }

CostBook earlier_costs(const protocol::RunFolder& folder,
                       const std::vector<protocol::Cell>& cells) {
    CostBook book;
    std::string text;
    try {
        text = base::read_file(folder.events(), longest_log);
    } catch (const std::runtime_error&) { // nothing has run here
        return book;
    }
    std::map<std::string, double> seconds; // by run; the last attempt counts
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const protocol::Json event = protocol::Json::parse(line, nullptr, false);
        if (!event.is_object() || event.value("event", "") != "run_ended") continue;
        const std::string outcome = event.value("outcome", "");
        if ((outcome == "complete" || outcome == "diverged") && event.contains("seconds"))
            seconds[event.value("run", "")] = event.value("seconds", 0.0);
    }
    for (const protocol::Cell& cell : cells)
        if (const auto found = seconds.find(cell.runs.front().digest); found != seconds.end())
            book.add(cell, found->second);
    return book;
}

double seconds_until_end(const std::vector<double>& running, std::vector<double> waiting,
                         std::size_t workers) {
    std::sort(waiting.begin(), waiting.end(), std::greater<>());
    std::priority_queue<double, std::vector<double>, std::greater<>> free_at;
    for (const double seconds : running) free_at.push(seconds);
    while (free_at.size() < std::max<std::size_t>(workers, 1)) free_at.push(0);
    double end = 0;
    for (const double seconds : running) end = std::max(end, seconds);
    for (const double seconds : waiting) {
        const double done = free_at.top() + seconds;
        free_at.pop();
        free_at.push(done);
        end = std::max(end, done);
    }
    return end;
}

} // namespace mneme::scheduler
