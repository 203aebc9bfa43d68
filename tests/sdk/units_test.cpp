// SPDX-License-Identifier: Apache-2.0
// Which columns of theta belong to which hidden unit.
#include "catch.hpp"

#include <mneme/units.hpp>

#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

TEST_CASE("Units: columns of a multi-layer perceptron, by hand") {
    SessionFixture fixture({.features = 3, .hidden = {2}, .classes = 3});
    const Units units(fixture.net());
    REQUIRE(units.count() == 2);
    const auto values = tensor({5, 7}, {1, 2}, DType::float32);
    const auto read = units.read_from(values, -1).to_vector(),
               enters = units.enters(values, -1).to_vector();
    for (const auto& l : fixture.net().layers()) {
        const bool first = l.offset < fixture.net().head_layers()[0].offset;
        for (int64_t k = 0; k < l.numel; ++k) {
            const auto at = static_cast<std::size_t>(l.offset + k);
            const int64_t row = k / (l.numel / l.shape[0]), unit = k % 2;
            CHECK(enters[at] == (first ? (row == 0 ? 5 : 7) : -1));
            const bool reads = !first && l.kind == LayerKind::weight;
            CHECK(read[at] == (reads ? (unit == 0 ? 5 : 7) : -1));
        }
    }
}

TEST_CASE("Units: sums are over the columns that read from a unit, in any network") {
    for (const bool convolutional : {false, true}) {
        Layout layout{.features = 3, .hidden = {4, 5}, .seeds = {1, 2}, .classes = 3};
        if (convolutional)
            layout = {.features = 2 * 8 * 8,
                      .seeds = {1, 2},
                      .classes = 3,
                      .network = "resnet18",
                      .image = {2, 8, 8}};
        SessionFixture fixture(layout);
        const Units units(fixture.net());
        const int64_t P = fixture.net().columns();
        const auto v = tensor(numbers(2 * P, 3), {2, P}, DType::float32);
        const auto sums = units.sums(v).to_vector(), flat = v.to_vector();
        REQUIRE(sums.size() == static_cast<std::size_t>(2 * units.count()));
        std::vector<double> names;
        for (int64_t u = 0; u < units.count(); ++u) names.push_back(static_cast<double>(u));
        const auto unit =
            units.read_from(tensor(names, {1, units.count()}, DType::float32), -1).to_vector();
        std::vector<double> wanted(sums.size());
        for (std::size_t s = 0; s < 2; ++s)
            for (std::size_t k = 0; k < unit.size(); ++k)
                if (unit[k] >= 0)
                    wanted[s * static_cast<std::size_t>(units.count()) +
                           static_cast<std::size_t>(unit[k])] += flat[s * unit.size() + k];
        CHECK(distance(sums, wanted) < 1e-4);
    }
}
