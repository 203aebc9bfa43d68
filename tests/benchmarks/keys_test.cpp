// SPDX-License-Identifier: Apache-2.0
// The table of a benchmark's keys: what it says of values, kinds and defaults, and the JSON that is
// made from it.
#include "catch.hpp"
#include "support.hpp"

#include <algorithm>
#include <set>

#include <benchmarks/keys.hpp>
#include <benchmarks/network_kinds.hpp>
#include <benchmarks/spec_json.hpp>

using namespace bench_test;

TEST_CASE(
    "keys: each once, with a meaning, and with a default that its own words and bounds allow") {
    std::set<std::string> seen;
    Spec spec;
    spec.stream.kind = "split"; // has no default
    for (const Key& key : keys()) {
        CHECK(seen.insert(key.table + "." + key.name).second);
        CHECK(!key.help.empty());
        CHECK(std::count(key_tables().begin(), key_tables().end(), key.table) == 1);
        CHECK(fault_of(key, spec) == "");
        for (const auto& owner : key.owners) {
            const Words known = key.table == "network" ? NetworkName::all() : StreamKind::all();
            CHECK(std::count(known.begin(), known.end(), owner) == 1);
        }
    }
    CHECK(seen.size() == 58);
}

TEST_CASE("keys: no two keys of a benchmark share a field") {
    Spec spec;
    std::set<const void*> places;
    for (const Key& key : keys())
        CHECK(places
                  .insert(std::visit([](auto* value) { return static_cast<const void*>(value); },
                                     key.field(spec)))
                  .second);
}

TEST_CASE("keys: which belong to a kind, in the order of a file") {
    CHECK(key_names("network", "mlp") == std::vector<std::string>{"kind", "hidden", "bias", "init",
                                                                  "weights", "weights_sha256",
                                                                  "names", "unused", "frozen"});
    CHECK(key_names("network", "zenke-cnn") ==
          std::vector<std::string>{"kind", "bias", "init", "padding", "dropout", "weights",
                                   "weights_sha256", "names", "unused", "frozen"});
    const auto sequence = key_names("stream", "sequence");
    CHECK(std::count(sequence.begin(), sequence.end(), "datasets") == 1);
    CHECK(std::count(sequence.begin(), sequence.end(), "dataset") == 0);
    CHECK(std::count(sequence.begin(), sequence.end(), "class_order") == 0);
    std::vector<std::string> kinds;
    for (const auto& kind : network_kinds()) kinds.push_back(kind.kind);
    CHECK(kinds == NetworkName::all());
}

TEST_CASE("keys: values in words, for people") {
    CHECK(allowed_values(key("stream", "validation")) == "a number, 0 to 0.9");
    CHECK(allowed_values(key("stream", "first_task")) == "one of plain, permuted");
    CHECK(allowed_values(key("stream", "linspace")) == "a list of numbers, -360 to 360");
    CHECK(allowed_values(key("stream", "class_order")) == "natural, seeded or a list of integers");
    CHECK(allowed_values(key("train", "lr")) == "a number above 0");
    CHECK(allowed_values(key("train", "momentum")) == "a number of at least 0 and below 1");
    CHECK(allowed_values(key("train", "drop_last")) == "true or false");
    CHECK(default_value(key("stream", "imbalance")) == "1");
    CHECK(default_value(key("network", "kind")) == "\"mlp\"");
    CHECK(default_value(key("train", "lr")) == "the method's");
}

TEST_CASE("keys: a word that is not known, a number out of bounds, in a list, not finite") {
    Spec spec;
    spec.stream.normalise = "both";
    CHECK(fault_of(key("stream", "normalise"), spec) ==
          "normalise is \"both\"; expected one of none, dataset");
    spec.network.hidden = {10, 0};
    CHECK(fault_of(key("network", "hidden"), spec) == "hidden is 0; expected 1 to 65536");
    spec.stream.blur = std::numeric_limits<double>::quiet_NaN();
    CHECK(fault_of(key("stream", "blur"), spec) == "blur is not finite; expected 0 to 1");
    spec.train.lr = 0;
    CHECK(fault_of(key("train", "lr"), spec) == "lr is 0; expected a number above 0");
    spec.train.lr_decay = 1;
    CHECK(fault_of(key("train", "lr_decay"), spec) == "");
    CHECK(fault_of(key("train", "momentum"), spec) == ""); // not set
}

TEST_CASE("keys: a benchmark comes back from its JSON as it was, every key of it") {
    Spec spec = fashion("split", 3);
    spec.version = "2";
    spec.stream.class_order.seeded = true;
    spec.stream.classes_per_task = std::vector<int64_t>{3, 4, 3};
    spec.stream.linspace = {0, 90.5};
    spec.augment.crop_padding = 4;
    spec.scenario.head = "shared";
    spec.network.bias = false;
    spec.train.lr = 0.1;
    spec.train.drop_last = true;
    spec.train.optimizer = "adam";
    spec.datasets = {built_in_dataset("fashion-mnist"), built_in_dataset("cifar-100")};
    const auto json = json_of(spec);
    const Spec back = spec_from_json(json);
    CHECK(json_of(back) == json);
    CHECK(back.stream.class_order.seeded);
    CHECK(back.stream.classes_per_task.list == std::vector<int64_t>{3, 4, 3});
    CHECK(back.train.lr == 0.1);
    CHECK(!back.train.momentum);
    CHECK(back.datasets.at(1).files.size() == 2);
    for (const Key& key : keys()) CHECK(value_of(key, back) == value_of(key, spec));
    auto strange = json;
    strange["train"]["rate"] = 1;
    CHECK(fault_of([&] {
              spec_from_json(strange);
          }).rfind("[train] of a benchmark: unknown key \"rate\"; known are optimizer, lr", 0) ==
          0);
}
