// SPDX-License-Identifier: Apache-2.0
// Supermasks in whole runs: what a task was answered with once is what it is answered with at the
// end.
#include "catch.hpp"

#include <cmath>

#include "support.hpp"

using namespace mneme::test;
using mneme::protocol::Json;
namespace results = mneme::results;

namespace {

const Json brief = {{"mask_epochs", 4},
                    {"weight_epochs", 4},
                    {"density", 0.5},
                    {"mask_lr", 0.02},
                    {"weight_lr", 0.01}};
Json with(Json options, const Json& more) {
    options.update(more);
    return options;
}
mneme::bench::Spec stream(bool shared) {
    auto spec = small_stream("task");
    spec.network.bias = false;
    if (shared) spec.scenario.head = "shared";
    return spec;
}

bool forgets(const results::Block& b) { // in the bits of a loss or a count
    bool any = false;
    for (std::size_t t = 0; t < 3; ++t)
        for (std::size_t i = 0; i < t; ++i)
            any |= b.n_correct.at({0, 0, t, i}) != b.n_correct.at({0, 0, i, i}) ||
                   b.loss.at({0, 0, t, i}) != b.loss.at({0, 0, i, i});
    return any;
}

} // namespace

TEST_CASE("supsup and exssnet forget exactly nothing, and learn; ssnet forgets", "[run]") {
    for (bool shared : {false, true})
        for (const Json& more : {Json::object(), Json{{"weight_epochs", 0}}, Json{{"kkt", "best"}},
                                 Json{{"fan_by_density", true}}}) {
            INFO((shared ? "shared head " : "full head ") << more.dump());
            for (const auto& b : run(cell("exssnet", stream(shared), {1, 2}, with(brief, more)))) {
                CHECK(b.outcome.at({0, 0}) == static_cast<int32_t>(results::Outcome::complete));
                CHECK_FALSE(forgets(b));
                int64_t right = 0; // of 120; chance is 40
                for (std::size_t t = 0; t < 3; ++t) right += b.n_correct.at({0, 0, t, t});
                CHECK(right > 60);
                CHECK(b.n_correct.at({0, 0, 0, 2}) == -1); // it is not asked about what is to come
                CHECK(std::isnan(b.loss.at({0, 0, 0, 2})));
            }
        }
    CHECK(forgets(run(cell("exssnet", stream(true), {1}, with(brief, {{"exclusive", false}})))[0]));
    for (const char* transfer : {"none", "mean", "kkt"})
        for (const auto& b : run(cell("supsup", stream(true), {1, 2},
                                      {{"mask_epochs", 8},
                                       {"density", 0.5},
                                       {"mask_lr", 0.02},
                                       {"transfer", transfer}})))
            CHECK_FALSE(forgets(b));
}

TEST_CASE("exssnet without weight epochs runs as supsup does", "[run]") {
    const auto ex = run(cell("exssnet", stream(true), {3}, with(brief, {{"weight_epochs", 0}})))[0];
    const auto sup = run(cell("supsup", stream(true), {3},
                              {{"mask_epochs", 4}, {"density", 0.5}, {"mask_lr", 0.02}}))[0];
    std::string difference;
    CHECK(same_facts(ex, sup, difference));
    CHECK(difference == "");
}

TEST_CASE("supermasks bring their own epochs and rates", "[run]") {
    const auto count = [](const Json& options, const Json& train) {
        return run(cell("exssnet", stream(true), {3}, options, train))[0];
    };
    const auto b = count(
        brief,
        {{"batch_size", 31}, {"epochs", 7}, {"lr", 9}, {"optimizer", "sgd"}, {"momentum", 0.5}});
    for (std::size_t t = 0; t < 3; ++t) {
        CHECK(b.optimizer_steps.at({0, 0, t}) == (4 + 4) * 3);
        CHECK(b.train_samples.at({0, 0, t}) == (4 + 4) * 93);
    }
    std::string difference;
    CHECK(same_facts(b, count(brief, {{"batch_size", 31}}), difference)); // the others are not read
    CHECK(difference == "");
    CHECK_FALSE(same_facts(b, count(brief, {{"batch_size", 31}, {"dropout", 0.3}}), difference));
}
