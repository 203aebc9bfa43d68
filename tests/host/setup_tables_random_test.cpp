// SPDX-License-Identifier: Apache-2.0
// The random table against the plain functions of benchmarks/random.hpp: by seed, purpose, place
// and call, whatever S is.
#include "catch.hpp"

#include <benchmarks/random.hpp>

#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

struct Drawn {
    std::vector<double> uniform, integers, normal, permutation;
    bool operator==(const Drawn&) const = default;
};

constexpr int64_t n = 21; // no multiple of the four numbers of a block

Drawn plain(int64_t seed, const std::string& purpose,
            bench::PhiloxPlace at) { // four calls in a row
    const bench::PhiloxKey key{static_cast<uint32_t>(seed), bench::purpose("plugin/" + purpose)};
    std::vector<float> real(n);
    std::vector<int64_t> whole(n);
    Drawn d;
    bench::uniform(n, key, at, real.data());
    d.uniform.assign(real.begin(), real.end());
    ++at.call;
    bench::integers(n, 1000, key, at, whole.data());
    d.integers.assign(whole.begin(), whole.end());
    ++at.call;
    bench::normal(n, key, at, real.data());
    d.normal.assign(real.begin(), real.end());
    ++at.call;
    whole = bench::permutation(n, key, at);
    d.permutation.assign(whole.begin(), whole.end());
    return d;
}

std::vector<Drawn> table(const Random& source, int64_t replicas) {
    const auto uniform = source.uniform({3, 7}), integers = source.randint(1000, {n}),
               normal = source.normal({n, 1}), permutation = source.permutation(n);
    CHECK(uniform.shape() == std::vector<int64_t>{replicas, 3, 7});
    CHECK(uniform.dtype() == DType::float32);
    CHECK(integers.dtype() == DType::int64);
    CHECK(permutation.shape() == std::vector<int64_t>{replicas, n});
    std::vector<Drawn> out;
    for (int64_t s = 0; s < replicas; ++s) {
        const auto row = [&](const Tensor& t) { return t.select(0, s).to_vector(); };
        out.push_back({row(uniform), row(integers), row(normal), row(permutation)});
    }
    return out;
}

} // namespace

TEST_CASE("a draw is fixed by seed, purpose, task, phase, step and call") {
    SessionFixture fixture({.seeds = {5, 1, 4294967295, 7}});
    const auto first = fixture.setup().random("first"), second = fixture.setup().random("second");
    for (const auto& [task, phase, step] :
         {std::tuple{0u, 0u, 0u}, {0u, 0u, 1u}, {0u, 1u, 0u}, {2u, 253u, 4294967295u}}) {
        fixture.seek(task, phase, step);
        const bench::PhiloxPlace at{0, step, task * 256 + phase};
        const auto a = table(first, 4), b = table(second, 4), again = table(first, 4);
        for (std::size_t s = 0; s < 4; ++s) {
            const int64_t seed = fixture.layout().seeds[s];
            CHECK(a[s] == plain(seed, "first", at));
            CHECK(b[s] == plain(seed, "second", at)); // the other source's calls do not count
            CHECK(again[s] == plain(seed, "first", {4, at.step, at.task_phase}));
        }
        CHECK_FALSE(a[0] == a[1]);
        fixture.seek(task, phase, step); // standing here anew, the count of calls begins anew
        CHECK(table(first, 4) == a);
    }
}

TEST_CASE("a replica's draws do not depend on its neighbours") {
    std::vector<Drawn> alone;
    for (int64_t seed : {3, 8}) {
        SessionFixture fixture({.seeds = {seed}});
        fixture.seek(1, 0, 9);
        alone.push_back(table(fixture.setup().random("x"), 1)[0]);
    }
    SessionFixture fixture({.seeds = {2, 8, 3}});
    fixture.seek(1, 0, 9);
    const auto together = table(fixture.setup().random("x"), 3);
    CHECK(together[2] == alone[0]);
    CHECK(together[1] == alone[1]);
}

TEST_CASE("a harness's source and a plugin's of one name differ") {
    SessionFixture fixture({});
    fixture.seek(0, 0, 0);
    const auto plugin = fixture.setup().random("order").uniform({8}),
               harness = fixture.own("order").uniform({8});
    CHECK(plugin.to_vector() != harness.to_vector());
    std::vector<float> wanted(8);
    bench::uniform(8, {1, bench::purpose("mneme/order")}, {0, 0, 0}, wanted.data());
    CHECK(harness.to_vector() == std::vector<double>(wanted.begin(), wanted.end()));
    const auto order = bench::permutation(8, {1, bench::purpose("mneme/order")},
                                          {1, 0, 0}); // nor does a plugin's source move the order
    CHECK(fixture.own("order").permutation(8).to_vector() ==
          std::vector<double>(order.begin(), order.end()));
}

TEST_CASE("a second source for one purpose is refused") {
    SessionFixture fixture({});
    auto& setup = fixture.setup();
    setup.random("memory_draw");
    CHECK(
        refusal([&] { setup.random("memory_draw"); }) ==
        "random(\"memory_draw\"): opened twice; give each source of a method a purpose of its own");
    CHECK(refusal([&] { setup.random("memory_write"); }) == "");
}

TEST_CASE("bounds of whole numbers") {
    SessionFixture fixture({});
    const auto source = fixture.setup().random("x");
    CHECK(refusal([&] { source.randint(0, {2}); }) ==
          "randint: high is 0; it must be 1 to 4294967295");
    CHECK(refusal([&] { source.randint(int64_t{1} << 32, {2}); }) ==
          "randint: high is 4294967296; it must be 1 to 4294967295");
    CHECK(source.randint(1, {5}).to_vector() == std::vector<double>(5, 0));
    for (double v : source.randint(4294967295, {1000}).to_vector())
        CHECK((v >= 0 && v < 4294967295.0));
}

TEST_CASE("dropout masks of current rows do not depend on the memory") {
    // Memory rows weigh nothing here, so the gradient tells the masks of the current rows alone.
    SessionFixture fixture({.hidden = {6, 5}, .seeds = {1, 2}, .dropout = 0.5});
    const auto weights = fixture.net().initial();
    const auto now = batch(2, numbers(2 * 4 * 3, 1), {0, 1, 2, 0, 0, 1, 2, 0});
    const auto gradient = [&](const Batch& b, uint32_t step) {
        fixture.seek(0, 0, step);
        return fixture.net().gradient(weights, b).to_vector();
    };
    const auto alone = gradient(now, 5);
    for (int64_t rows : {1, 3, 8}) {
        std::vector<int64_t> labels(static_cast<std::size_t>(2 * rows), 1);
        auto memory =
            batch(2, numbers(2 * rows * 3, 2), labels, {}, std::vector<double>(labels.size(), 0));
        memory.current = 0;
        const auto joined = concat(now, memory);
        CHECK(joined.current == 4);
        CHECK(distance(gradient(joined, 5), alone) < 1e-6);
        CHECK(distance(gradient(joined, 6), alone) > 0.1); // other masks
    }
    // All rows are memory: the reference batch of A-GEM draws from a purpose of its own, and leaves
    // the current one's count alone.
    auto reference = now;
    reference.current = 0;
    CHECK(distance(gradient(reference, 5), alone) > 0.1);
    fixture.seek(0, 0, 5);
    fixture.net().gradient(weights, reference);
    CHECK(fixture.net().gradient(weights, now).to_vector() == alone);
}
