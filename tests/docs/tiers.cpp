// SPDX-License-Identifier: Apache-2.0
// The tiers of methods whose scores by seed are kept as evidence for a page: from standard input
// [{"method": [scores]}, ...], to standard output [{"method": "letters"}, ...].
#include <algorithm>
#include <iostream>

#include <nlohmann/json.hpp>

#include "leaderboard/moderated.hpp"
#include "leaderboard/multiple.hpp"

using namespace mneme::leaderboard;

namespace {

using Json = nlohmann::json;
struct Method {
    std::string label;
    std::vector<double> scores;
};

Json letters_of(const Json& table) {
    std::vector<Method> methods;
    for (const auto& [label, scores] : table.items()) methods.push_back({label, scores});
    std::stable_sort(methods.begin(), methods.end(), [](const Method& a, const Method& b) {
        return mean_of(a.scores) > mean_of(b.scores);
    });
    const std::size_t k = methods.size();
    std::vector<Differences> pairs;
    for (std::size_t a = 0; a < k; ++a)
        for (std::size_t b = a + 1; b < k; ++b)
            pairs.push_back(differences_of(methods[a].scores, methods[b].scores));
    std::vector<double> p;
    for (const auto& test : moderated_t(pairs, k)) p.push_back(test.p);
    const auto adjusted = holm(p);
    std::vector<bool> apart(k * k);
    for (std::size_t a = 0, g = 0; a < k; ++a)
        for (std::size_t b = a + 1; b < k; ++b, ++g)
            apart[a * k + b] = apart[b * k + a] = adjusted[g] < 0.05;
    const auto letters = tier_letters(tiers(apart, k), k);
    Json out = Json::object();
    for (std::size_t m = 0; m < k; ++m) out[methods[m].label] = letters[m];
    return out;
}

} // namespace

int main() {
    Json out = Json::array();
    for (const Json& table : Json::parse(std::cin)) out.push_back(letters_of(table));
    std::cout << out.dump() << "\n";
}
