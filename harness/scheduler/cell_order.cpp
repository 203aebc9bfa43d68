// SPDX-License-Identifier: Apache-2.0
#include "scheduler/cell_order.hpp"

#include <map>
#include <string>

namespace mneme::scheduler {

CellOrder::CellOrder(const std::vector<protocol::Cell>& cells) {
    std::map<std::vector<std::string>, std::size_t> places;
    for (std::size_t index = 0; index < cells.size(); ++index) {
        const auto [place, is_new] = places.try_emplace(kind_of(cells[index]), kinds_.size());
        if (is_new) kinds_.push_back({&cells[index], {}});
        kinds_[place->second].waiting.push_back(index);
    }
}

std::size_t CellOrder::next(const CostBook& costs) {
    Kind* chosen = nullptr;
    double longest = -1;
    for (Kind& kind : kinds_) {
        if (kind.waiting.empty()) continue;
        if (!kind.started && !costs.knows(*kind.one)) {
            chosen = &kind;
            break;
        }
        const double seconds = costs.seconds(*kind.one).value_or(0);
        if (seconds <= longest) continue;
        longest = seconds;
        chosen = &kind;
    }
    const std::size_t index = chosen->waiting.front();
    chosen->waiting.pop_front();
    chosen->started = true;
    return index;
}

} // namespace mneme::scheduler
