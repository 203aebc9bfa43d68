// SPDX-License-Identifier: Apache-2.0
#include "leaderboard/looks.hpp"

#include "catch.hpp"

using mneme::leaderboard::Looks;
using mneme::leaderboard::looks_at;
using mneme::leaderboard::plan_text;
using mneme::leaderboard::planned_looks;
using Seeds = std::vector<std::int64_t>;

TEST_CASE("looks double from five seeds on and end at the most") {
    CHECK(planned_looks(20) == Seeds{5, 10, 20});
    CHECK(planned_looks(12) == Seeds{5, 10, 12});
    CHECK(planned_looks(10) == Seeds{5, 10});
    CHECK(planned_looks(5) == Seeds{5});
    CHECK(planned_looks(3) == Seeds{3});
    CHECK(planned_looks(50) == Seeds{5, 10, 20, 40, 50});
}

TEST_CASE("each look has an equal share of alpha, and all of them together have alpha") {
    const Looks looks{{5, 10, 20}, 2, false};
    CHECK(looks.level(0.06) == 0.02);
    CHECK(looks.spent(0.06) == 0.04);
    CHECK(Looks{{5, 10, 20}, 3, false}.spent(0.06) == 0.06);
    CHECK(Looks{{5}, 1, false}.level(0.05) == 0.05);
    CHECK(Looks{}.level(0.05) == 0.05); // a fixed number of seeds
    CHECK(Looks{}.spent(0.05) == 0);
}

TEST_CASE("a look is taken when every ranked method has its seeds") {
    const auto at = [](std::size_t complete, std::size_t begun) {
        const Looks looks = looks_at({5, 10, 20}, complete, begun);
        return std::pair{looks.taken, looks.under_way};
    };
    CHECK(at(0, 3) == std::pair{std::size_t{0}, true});
    CHECK(at(4, 5) == std::pair{std::size_t{0}, true});
    CHECK(at(5, 5) == std::pair{std::size_t{1}, false});
    CHECK(at(5, 10) == std::pair{std::size_t{1}, true});
    CHECK(at(9, 10) == std::pair{std::size_t{1}, true});
    CHECK(at(10, 10) == std::pair{std::size_t{2}, false});
    CHECK(at(20, 20) == std::pair{std::size_t{3}, false});
    CHECK(at(30, 30) == std::pair{std::size_t{3}, false}); // more than was planned
    CHECK(looks_at({}, 7, 7).taken == 0);
    CHECK_FALSE(looks_at({}, 7, 9).under_way);
}

TEST_CASE("the plan in words") {
    CHECK(plan_text({5, 10, 20}, 0.05) ==
          "looks at 5, 10 and 20 seeds, each tested at level 0.0167");
    CHECK(plan_text({3}, 0.05) == "one look at 3 seeds, tested at level 0.05");
}
