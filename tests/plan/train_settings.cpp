// SPDX-License-Identifier: Apache-2.0
// Order of power and bounds of the [train] keys.
#include <cmath>

#include "catch.hpp"
#include "support.hpp"

using namespace plan_test;
using namespace mneme::harness;
using mneme::bench::TrainSpec;

TEST_CASE("order of power: plugin, benchmark, method") {
    TrainSpec plugin, benchmark, method;
    plugin.lr = 0.1;
    plugin.momentum = 0.8;
    plugin.batch_size = 10;
    benchmark.momentum = 0.5;
    benchmark.batch_size = 32;
    benchmark.drop_last = true;
    method.batch_size = 64;
    method.drop_last = false;
    const TrainSpec merged = merge(plugin, benchmark, method);
    CHECK(merged.lr == 0.1);
    CHECK(merged.momentum == 0.5);
    CHECK(merged.batch_size == 64);
    CHECK(merged.drop_last == false);
    CHECK_FALSE(merged.epochs.has_value());
    CHECK(to_json(merge(train_defaults(), {}, {})) == Json({{"optimizer", "sgd"},
                                                            {"lr_decay", 1.0},
                                                            {"lr_min", 0.0},
                                                            {"weight_decay", 0.0},
                                                            {"dropout", 0.0},
                                                            {"epochs", 1},
                                                            {"drop_last", false},
                                                            {"reset_optimizer", true}}));
}

TEST_CASE("train settings survive JSON, unset keys stay unset") {
    TrainSpec spec;
    spec.lr = 1.0 / 3;
    spec.optimizer = "adam";
    spec.epochs = 3;
    const TrainSpec again = train_from_json(Json::parse(to_json(spec).dump()));
    CHECK(to_json(again) == to_json(spec));
    CHECK(again.lr == spec.lr);
    CHECK(to_json(spec).size() == 3);
    CHECK(fault_of([] {
              train_from_json({{"lrr", 1}});
          }) == "65 train settings: unknown key \"lrr\"; the nearest known one is \"lr\"");
}

TEST_CASE("bounds of the train keys, both sides of each") {
    const auto fault_with = [](const char* key, const Json& value) {
        std::string at;
        const std::string sentence = fault(train_from_json({{key, value}}), at);
        CHECK((sentence.empty() || at == key));
        return sentence;
    };
    const std::string above = "; expected a number above 0",
                      unit = "; expected a number of at least 0 and below 1";
    const std::string positive = "; expected a number of at least 0",
                      whole = "; expected an integer from 1 to 2147483647";
    CHECK(fault_with("lr", 0.0) == "lr is 0" + above);
    CHECK(fault_with("lr", 1e-300).empty());
    CHECK(fault_with("lr", INFINITY) == "lr is not finite" + above);
    CHECK(fault_with("lr", NAN) == "lr is not finite" + above);
    CHECK(fault_with("lr_decay", 0.0) == "lr_decay is 0; expected a number above 0 and at most 1");
    CHECK(fault_with("lr_decay", 1.0).empty());
    CHECK(fault_with("lr_decay", 1.5) ==
          "lr_decay is 1.5; expected a number above 0 and at most 1");
    CHECK(fault_with("lr_min", -0.5) == "lr_min is -0.5" + positive);
    CHECK(fault_with("lr_min", 0.0).empty());
    CHECK(fault_with("momentum", 0.0).empty());
    CHECK(fault_with("momentum", 1.0) == "momentum is 1" + unit);
    CHECK(fault_with("weight_decay", -1.0) == "weight_decay is -1" + positive);
    CHECK(fault_with("dropout", 1.0) == "dropout is 1" + unit);
    CHECK(fault_with("batch_size", 0) == "batch_size is 0" + whole);
    CHECK(fault_with("batch_size", 1).empty());
    CHECK(fault_with("epochs", int64_t{1} << 31) == "epochs is 2147483648" + whole);
    CHECK(fault_with("optimizer", "rmsprop") ==
          "unknown optimizer \"rmsprop\"; known are sgd, adam, adamw");
    std::string key;
    CHECK(fault(train_from_json({{"lr", 0.1}, {"lr_min", 0.1}}), key).empty());
    CHECK(fault(train_from_json({{"lr", 0.1}, {"lr_min", 0.2}}), key) ==
          "lr_min is 0.2 and lr is 0.1; expected a floor of at most lr");
    CHECK(key == "lr_min");
}
