// SPDX-License-Identifier: Apache-2.0
// Lists of numbers in a learner's state, and weights of one's own.
#include <mneme/state.hpp>

#include <map>

#include "catch.hpp"
#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

struct Numbers { // a checkpoint of numbers
    std::map<std::string, double> values;
    template <class T> static int32_t take(void* self, const char* name, T* value, bool loading) {
        auto& me = *static_cast<Numbers*>(self);
        if (loading) *value = static_cast<T>(me.values.at(name));
        else me.values[name] = static_cast<double>(*value);
        return MNEME_OK;
    }
    mneme_state state(bool loading) {
        mneme_state raw{sizeof(mneme_state), loading, this, nullptr, nullptr, nullptr};
        raw.integer = loading ? [](void* s, const char* n, int64_t* v,
                                   mneme_status*) { return take(s, n, v, true); }
                              : [](void* s, const char* n, int64_t* v, mneme_status*) {
                                    return take(s, n, v, false);
                                };
        raw.real = loading ? [](void* s, const char* n, double* v,
                                mneme_status*) { return take(s, n, v, true); }
                           : [](void* s, const char* n, double* v, mneme_status*) {
                                 return take(s, n, v, false);
                             };
        return raw;
    }
};

} // namespace

TEST_CASE("lists of whole numbers and of reals are kept with their length") {
    std::vector<int64_t> classes{4, 0, 7};
    std::vector<double> shares{0.5, -2};
    Numbers kept;
    const auto saving = kept.state(false);
    State save(&saving);
    save("classes", classes);
    save("shares", shares);
    CHECK(kept.values == std::map<std::string, double>{{"classes.size", 3},
                                                       {"classes.0", 4},
                                                       {"classes.1", 0},
                                                       {"classes.2", 7},
                                                       {"shares.size", 2},
                                                       {"shares.0", 0.5},
                                                       {"shares.1", -2}});
    std::vector<int64_t> loaded{1};
    const auto loading = kept.state(true);
    State load(&loading);
    load("classes", loaded);
    CHECK(loaded == classes);
}

TEST_CASE("a clone of weights has values of its own") {
    SessionFixture fixture({.hidden = {2}});
    auto w = fixture.net().initial();
    const auto copy = w.clone();
    const auto before = copy.theta.to_vector();
    w.theta.zero_();
    CHECK(copy.theta.to_vector() == before);
    CHECK(largest(before) > 0);
}
