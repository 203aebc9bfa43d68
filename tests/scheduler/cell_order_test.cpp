// SPDX-License-Identifier: Apache-2.0
#include "scheduler/cell_order.hpp"

#include "../protocol/support.hpp"
#include "catch.hpp"

using namespace mneme;
using namespace mneme::scheduler;

namespace {

protocol::Cell cell_of(const std::string& method) {
    protocol::Cell cell = protocol_test::full_cell();
    cell.plugin.id = method;
    cell.runs.resize(1);
    cell.runs[0].label = method;
    return cell;
}

const std::vector<protocol::Cell> plan{cell_of("er"),     cell_of("er"),  cell_of("er"),
                                       cell_of("ewc"),    cell_of("ewc"), cell_of("rebasin"),
                                       cell_of("rebasin")};

std::vector<std::size_t> all_of(CellOrder order, const CostBook& costs) {
    std::vector<std::size_t> out;
    for (std::size_t k = 0; k < plan.size(); ++k) out.push_back(order.next(costs));
    return out;
}

} // namespace

TEST_CASE("while no cost is known each kind starts once, then the plan goes on in its order") {
    CHECK(all_of(CellOrder(plan), {}) == std::vector<std::size_t>{0, 3, 5, 1, 2, 4, 6});
}

TEST_CASE("where all costs are known the longest cells come first, equal ones as planned") {
    CostBook costs;
    costs.add(plan[0], 1);
    costs.add(plan[3], 2);
    costs.add(plan[5], 30);
    CHECK(all_of(CellOrder(plan), costs) == std::vector<std::size_t>{5, 6, 3, 4, 0, 1, 2});
    CostBook equal;
    for (std::size_t k : {0, 3, 5}) equal.add(plan[k], 7);
    CHECK(all_of(CellOrder(plan), equal) == std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 6});
}

TEST_CASE("a kind whose cost is not known goes before a long one, once") {
    CostBook costs;
    costs.add(plan[5], 30);
    CHECK(all_of(CellOrder(plan), costs) == std::vector<std::size_t>{0, 3, 1, 2, 4, 5, 6});
}

TEST_CASE("what becomes known on the way counts from then on") {
    CellOrder order(plan);
    CostBook costs;
    CHECK(order.next(costs) == 0);
    CHECK(order.next(costs) == 3);
    costs.add(plan[0], 1);
    CHECK(order.next(costs) == 5);
    costs.add(plan[3], 5);
    CHECK(order.next(costs) == 4);
    costs.add(plan[5], 30);
    CHECK(order.next(costs) == 6);
    CHECK(order.next(costs) == 1);
}
