// SPDX-License-Identifier: Apache-2.0
// Whose value of a [train] key counts, and the bounds of the keys.
#include <cmath>

#include "catch.hpp"
#include "protocol/train_settings.hpp"
#include "support.hpp"

using namespace protocol_test;
using namespace mneme::protocol;
using mneme::bench::TrainSpec;

TEST_CASE("of plugin, benchmark and method the later one counts") {
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
                      whole = "; expected 1 to 2147483647";
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

TEST_CASE("a setting of the wrong type names its place") {
    const auto fault = [](const char* key, const Json& value) {
        return fault_of([&] { train_from({{key, {value, "s.toml:3:1"}}}); });
    };
    CHECK(fault("lr", "fast") == "65 s.toml:3:1: lr is a string; expected a number");
    CHECK(fault("lr", true) == "65 s.toml:3:1: lr is true or false; expected a number");
    CHECK(fault("lr", NAN) == "65 s.toml:3:1: lr is not a finite number; expected a number");
    CHECK(fault("lr", 1).empty());
    CHECK(fault("epochs", 1.5) == "65 s.toml:3:1: epochs is a real number; expected an integer");
    CHECK(fault("optimizer", 1) == "65 s.toml:3:1: optimizer is an integer; expected a string");
    CHECK(fault("drop_last", 1) ==
          "65 s.toml:3:1: drop_last is an integer; expected true or false");
    CHECK(fault("lr", -1) == "65 s.toml:3:1: lr is -1; expected a number above 0");
    CHECK(fault("lrr", 1) ==
          "65 s.toml:3:1: unknown key \"lrr\" in train; the nearest known one is \"lr\"");
}
