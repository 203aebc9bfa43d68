// SPDX-License-Identifier: Apache-2.0
// Pictures moved by a method: turned and shifted, and nothing else.
#include <mneme/augment.hpp>

#include "catch.hpp"
#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

Layout pictures() { // one channel of 8 by 8
    return {.features = 64, .seeds = {1, 2}, .network = "resnet18", .image = {1, 8, 8}};
}

Tensor numbered(int64_t rows) { // pixel k of every picture is k + 1
    std::vector<double> x;
    for (int64_t k = 0; k < 2 * rows * 64; ++k) x.push_back(static_cast<double>(k % 64 + 1));
    return tensor(x, {2, rows, 64}, DType::float32);
}

} // namespace

TEST_CASE("half of the pictures are turned, each as a whole") {
    SessionFixture fixture(pictures());
    auto& s = fixture.setup();
    const auto source = s.random("views");
    fixture.seek(0, 0, 0);
    const auto x = numbered(50);
    const auto values = augmented(source, x, {.horizontal_flip = true}).to_vector();
    int turned = 0;
    for (std::size_t picture = 0; picture < 100; ++picture) {
        const bool flip = values[picture * 64] == 8;
        turned += flip;
        for (std::size_t k = 0; k < 64; ++k)
            CHECK(values[picture * 64 + k] ==
                  static_cast<double>(flip ? k / 8 * 8 + 8 - k % 8 : k + 1));
    }
    CHECK(turned > 25);
    CHECK(turned < 75);
    const auto again = augmented(source, x, {.horizontal_flip = true}).to_vector();
    CHECK(again != values); // another view
    fixture.seek(0, 0, 0);
    CHECK(augmented(source, x, {.horizontal_flip = true}).to_vector() == values);
}

TEST_CASE("a shifted picture shows the same pixels elsewhere, and black") {
    SessionFixture fixture(pictures());
    const auto source = fixture.setup().random("views");
    const auto values = augmented(source, numbered(20), {.crop_padding = 2}).to_vector();
    for (std::size_t picture = 0; picture < 40; ++picture) {
        const double middle = values[picture * 64 + 27]; // row 3, column 3: never black at 2
        const auto shift = static_cast<int64_t>(middle) - 28;
        const int64_t rows = (shift + 64 + 4) / 8 - 8, columns = shift - 8 * rows;
        CHECK(std::abs(rows) <= 2);
        CHECK(std::abs(columns) <= 2);
        for (int64_t k = 0; k < 64; ++k) {
            const int64_t row = k / 8 + rows, column = k % 8 + columns;
            const bool inside = row >= 0 && row < 8 && column >= 0 && column < 8;
            CHECK(values[picture * 64 + static_cast<std::size_t>(k)] ==
                  static_cast<double>(inside ? row * 8 + column + 1 : 0));
        }
    }
}

TEST_CASE("what the benchmark does not move stays; numbers are not pictures") {
    SessionFixture fixture(pictures());
    const auto x = numbered(2);
    CHECK(augmented(fixture.setup().random("views"), x).to_vector() == x.to_vector());
    SessionFixture flat({});
    CHECK(refusal([&] {
              augmented(flat.setup().random("views"), zeros({1, 2, 3}), {.crop_padding = 1});
          }) == "augmented: the inputs are not pictures; do without");
}
