// SPDX-License-Identifier: Apache-2.0
// How often the leaderboard's tests err, and how much they find: simulated tables of k methods
// under n seeds. A table errs when it tells apart any two methods that are equal.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "leaderboard/moderated.hpp"
#include "leaderboard/multiple.hpp"

using namespace mneme::leaderboard;

namespace {

constexpr int draws = 4000;
constexpr double alpha = 0.05;

enum class Spread { equal, lognormal, one_tenfold };
const char* words(Spread spread) {
    const char* all[] = {"equal spreads", "lognormal spreads", "one method ten times as variable"};
    return all[int(spread)];
}

struct Rates {
    double wrong = 0; // tables with an error
    double found = 0; // share of the true differences
};
struct Both {
    Rates moderated, plain;
};

class Simulation final {
  public:
    Simulation(std::size_t methods, std::size_t seeds, Spread spread, double step)
        : methods_(methods), seeds_(seeds), spread_(spread), step_(step), random_(20261128) {}

    Both run() {
        Both sum;
        for (int i = 0; i < draws; ++i) {
            const auto pairs = draw_pairs();
            std::vector<double> moderated, plain;
            for (const auto& test : moderated_t(pairs, methods_)) moderated.push_back(test.p);
            for (const Differences& d : pairs) plain.push_back(paired_t(d).p);
            add(sum.moderated, holm(moderated));
            add(sum.plain, holm(plain));
        }
        return sum;
    }

  private:
    std::vector<Differences> draw_pairs() {
        std::normal_distribution<double> normal;
        std::vector<std::vector<double>> scores(methods_, std::vector<double>(seeds_));
        for (std::size_t m = 0; m < methods_; ++m) {
            double sd = 1;
            if (spread_ == Spread::lognormal) sd = std::exp(0.5 * normal(random_));
            if (spread_ == Spread::one_tenfold && m == 0) sd = 10;
            for (double& value : scores[m]) value = step_ * double(m) + sd * normal(random_);
        }
        std::vector<Differences> pairs;
        for (std::size_t a = 0; a < methods_; ++a)
            for (std::size_t b = a + 1; b < methods_; ++b)
                pairs.push_back(differences_of(scores[a], scores[b]));
        return pairs;
    }

    void add(Rates& rates, const std::vector<double>& adjusted) const {
        std::size_t apart = 0;
        for (double p : adjusted) apart += p < alpha;
        rates.wrong += (apart > 0) / double(draws);
        rates.found += double(apart) / double(adjusted.size()) / draws;
    }

    const std::size_t methods_, seeds_;
    const Spread spread_;
    const double step_;
    std::mt19937_64 random_;
};

bool report(bool ok, const std::string& what) {
    std::printf("%sok %s\n", ok ? "" : "not ", what.c_str());
    std::fflush(stdout);
    return ok;
}

bool errors_at_most(std::size_t k, std::size_t n, Spread spread, double most) {
    const Both both = Simulation(k, n, spread, 0).run();
    char text[200];
    std::snprintf(text, sizeof text,
                  "%zu equal methods, %zu seeds, %s: %.3f of the tables err (at most %.2f; plain "
                  "Holm-t %.3f)",
                  k, n, words(spread), both.moderated.wrong, most, both.plain.wrong);
    return report(both.moderated.wrong <= most, text);
}

bool finds_more(std::size_t k, std::size_t n, double times) {
    const Both both = Simulation(k, n, Spread::equal, 1).run();
    char text[200];
    std::snprintf(
        text, sizeof text,
        "%zu methods a standard deviation apart, %zu seeds: %.3f of the differences found, "
        "by plain Holm-t %.3f (at least %.0f times)",
        k, n, both.moderated.found, both.plain.found, times);
    return report(both.moderated.found >= times * both.plain.found, text);
}

} // namespace

int main() {
    bool ok = true;
    for (std::size_t k : {6, 10})
        for (std::size_t n : {3, 5, 10})
            for (Spread spread : {Spread::equal, Spread::lognormal})
                ok = errors_at_most(k, n, spread, 0.07) && ok;
    ok = errors_at_most(10, 3, Spread::one_tenfold, 0.10) && ok;
    ok = errors_at_most(10, 5, Spread::one_tenfold, 0.06) && ok;
    for (std::size_t k : {6, 10}) ok = finds_more(k, 3, 9) && ok;
    ok = finds_more(10, 5, 1) && ok;
    return ok ? 0 : 1;
}
