// SPDX-License-Identifier: Apache-2.0
// The reference values in reference/, read.
#pragma once

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "leaderboard/paired.hpp"

namespace reference {

inline std::ifstream open(const std::string& name) {
    std::ifstream file(std::string(MNEME_REFERENCE) + "/" + name);
    REQUIRE(file);
    return file;
}

inline nlohmann::json json(const std::string& name) {
    auto file = open(name);
    return nlohmann::json::parse(file);
}

// Scores of five methods, [method][benchmark][seed], that several files share.
struct Scores {
    std::vector<std::string> methods, benchmarks;
    std::vector<std::vector<std::vector<double>>> values;

    explicit Scores(const nlohmann::json& input)
        : methods(input["methods"]), benchmarks(input["benchmarks"]), values(input["scores"]) {}
    std::size_t method(const std::string& name) const { return index(methods, name); }
    std::size_t benchmark(const std::string& name) const { return index(benchmarks, name); }
    std::vector<double> by_seed(const std::string& a, const std::string& b,
                                std::size_t benchmark) const {
        std::vector<double> out = values[method(a)][benchmark];
        for (std::size_t s = 0; s < out.size(); ++s) out[s] -= values[method(b)][benchmark][s];
        return out;
    }
    mneme::leaderboard::Differences differences(const std::string& a, const std::string& b,
                                                std::size_t benchmark) const {
        return mneme::leaderboard::differences_of(values[method(a)][benchmark],
                                                  values[method(b)][benchmark]);
    }

  private:
    static std::size_t index(const std::vector<std::string>& names, const std::string& name) {
        return std::size_t(std::find(names.begin(), names.end(), name) - names.begin());
    }
};

// Relative; what is tiny, absolute.
inline auto near(double value, double tolerance) {
    return Approx(value).epsilon(tolerance).margin(tolerance * 1e-6);
}

} // namespace reference
