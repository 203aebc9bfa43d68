// SPDX-License-Identifier: Apache-2.0
// How often the leaderboard's tests err, and how much they find: simulated tables of k methods
// under n seeds. A table errs when it tells apart any two methods that are equal. The same for
// runs until decided, which compare at several looks.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "leaderboard/looks.hpp"
#include "leaderboard/moderated.hpp"
#include "leaderboard/multiple.hpp"

using namespace mneme::leaderboard;

namespace {

constexpr int draws = 40000; // the standard error of a rate of 0.07 is 0.0013
constexpr double alpha = 0.05;

enum class Spread { equal, lognormal, one_tenfold };
const char* words(Spread spread) {
    const char* all[] = {"equal spreads", "lognormal spreads", "one method ten times as variable"};
    return all[int(spread)];
}

using Scores = std::vector<std::vector<double>>; // [method][seed]

class Tables final {
  public:
    // The best method is `lead` better than the next, each other one `step` better than its next.
    Tables(std::size_t methods, Spread spread, double step, double lead = 0)
        : methods_(methods), spread_(spread), step_(step), lead_(lead), random_(20261128) {}

    Scores draw(std::size_t seeds) {
        std::normal_distribution<double> normal;
        Scores scores(methods_, std::vector<double>(seeds));
        for (std::size_t m = 0; m < methods_; ++m) {
            double sd = 1;
            if (spread_ == Spread::lognormal) sd = std::exp(0.5 * normal(random_));
            if (spread_ == Spread::one_tenfold && m == 0) sd = 10;
            const double level = step_ * double(m) + (m + 1 == methods_ ? lead_ : 0);
            for (double& value : scores[m]) value = level + sd * normal(random_);
        }
        return scores;
    }

  private:
    const std::size_t methods_;
    const Spread spread_;
    const double step_, lead_;
    std::mt19937_64 random_;
};

std::vector<Differences> pairs_of(const Scores& scores, std::size_t seeds) {
    std::vector<Differences> pairs;
    for (std::size_t a = 0; a < scores.size(); ++a)
        for (std::size_t b = a + 1; b < scores.size(); ++b)
            pairs.push_back(differences_of({scores[a].data(), seeds}, {scores[b].data(), seeds}));
    return pairs;
}

// Adjusted p of each pair, in the order of pairs_of.
std::vector<double> moderated(const std::vector<Differences>& pairs, std::size_t methods) {
    std::vector<double> p;
    for (const auto& test : moderated_t(pairs, methods)) p.push_back(test.p);
    return holm(p);
}

std::vector<double> plain(const std::vector<Differences>& pairs) {
    std::vector<double> p;
    for (const Differences& d : pairs) p.push_back(paired_t(d).p);
    return holm(p);
}

std::size_t told_apart(const std::vector<double>& adjusted, double level) {
    std::size_t apart = 0;
    for (double p : adjusted) apart += p < level;
    return apart;
}

bool report(bool ok, const char* text) {
    std::printf("%sok %s\n", ok ? "" : "not ", text);
    std::fflush(stdout);
    return ok;
}

bool errors_at_most(std::size_t k, std::size_t n, Spread spread, double most) {
    Tables tables(k, spread, 0);
    double wrong = 0, wrong_plain = 0;
    for (int i = 0; i < draws; ++i) {
        const auto pairs = pairs_of(tables.draw(n), n);
        wrong += (told_apart(moderated(pairs, k), alpha) > 0) / double(draws);
        wrong_plain += (told_apart(plain(pairs), alpha) > 0) / double(draws);
    }
    char text[200];
    std::snprintf(text, sizeof text,
                  "%zu equal methods, %zu seeds, %s: %.4f of the tables err (at most %.2f; plain "
                  "Holm-t %.4f)",
                  k, n, words(spread), wrong, most, wrong_plain);
    return report(wrong <= most, text);
}

bool finds_more(std::size_t k, std::size_t n, double times) {
    Tables tables(k, Spread::equal, 1);
    double found = 0, found_plain = 0;
    for (int i = 0; i < draws; ++i) {
        const auto pairs = pairs_of(tables.draw(n), n);
        const double each = 1 / double(pairs.size()) / draws;
        found += double(told_apart(moderated(pairs, k), alpha)) * each;
        found_plain += double(told_apart(plain(pairs), alpha)) * each;
    }
    char text[200];
    std::snprintf(
        text, sizeof text,
        "%zu methods a standard deviation apart, %zu seeds: %.3f of the differences found, "
        "by plain Holm-t %.3f: %.1f times as many (at least %.0f)",
        k, n, found, found_plain, found / found_plain, times);
    return report(found >= times * found_plain, text);
}

// Whether the best of the table is told apart from all others, as a run until decided asks.
bool decided(const Scores& scores, std::size_t seeds, const std::vector<double>& adjusted,
             double level) {
    std::size_t best = 0;
    std::vector<double> means;
    for (const auto& row : scores) means.push_back(mean_of({row.data(), seeds}));
    for (std::size_t m = 1; m < means.size(); ++m)
        if (means[m] > means[best]) best = m;
    std::size_t pair = 0;
    for (std::size_t a = 0; a < scores.size(); ++a)
        for (std::size_t b = a + 1; b < scores.size(); ++b, ++pair)
            if ((a == best || b == best) && !(adjusted[pair] < level)) return false;
    return true;
}

// One run until decided.
struct Ending {
    bool wrong = false; // at any look up to the last one taken, if all methods are equal
    bool decided = false;
    std::size_t seeds = 0;
};

Ending run_until_decided(const Scores& scores, const std::vector<std::int64_t>& looks,
                         double level) {
    Ending ending;
    for (std::int64_t seeds : looks) {
        ending.seeds = std::size_t(seeds);
        const auto adjusted = moderated(pairs_of(scores, ending.seeds), scores.size());
        ending.wrong = ending.wrong || told_apart(adjusted, level) > 0;
        ending.decided = decided(scores, ending.seeds, adjusted, level);
        if (ending.decided) break;
    }
    return ending;
}

bool looks_err_at_most(std::size_t k, Spread spread, double most) {
    const auto looks = planned_looks(20);
    Tables tables(k, spread, 0);
    double wrong = 0, wrong_each_at_alpha = 0;
    for (int i = 0; i < draws; ++i) {
        const Scores scores = tables.draw(20);
        wrong +=
            run_until_decided(scores, looks, alpha / double(looks.size())).wrong / double(draws);
        wrong_each_at_alpha += run_until_decided(scores, looks, alpha).wrong / double(draws);
    }
    char text[240];
    std::snprintf(text, sizeof text,
                  "%zu equal methods until decided, looks at 5, 10 and 20 seeds, %s: %.4f err at "
                  "any look (at most %.2f; each look at the whole of alpha: %.4f)",
                  k, words(spread), wrong, most, wrong_each_at_alpha);
    return report(wrong <= most, text);
}

bool looks_save_seeds(std::size_t k, double lead) {
    const auto looks = planned_looks(20);
    Tables tables(k, Spread::equal, 0, lead);
    double found = 0, found_at_once = 0, seeds = 0;
    for (int i = 0; i < draws; ++i) {
        const Scores scores = tables.draw(20);
        const Ending ending = run_until_decided(scores, looks, alpha / double(looks.size()));
        found += ending.decided / double(draws);
        seeds += double(ending.seeds) / draws;
        found_at_once += run_until_decided(scores, {20}, alpha).decided / double(draws);
    }
    char text[240];
    std::snprintf(text, sizeof text,
                  "%zu methods, one ahead by %.1f standard deviations: decided in %.3f with %.1f "
                  "seeds on average (20 seeds at once: %.3f)",
                  k, lead, found, seeds, found_at_once);
    return report(seeds < 20 && found > found_at_once - 0.12, text);
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
    for (std::size_t k : {2, 6, 10})
        for (Spread spread : {Spread::equal, Spread::lognormal, Spread::one_tenfold})
            ok = looks_err_at_most(k, spread, 0.06) && ok;
    for (double lead : {1.0, 1.5, 2.0, 3.0}) ok = looks_save_seeds(6, lead) && ok;
    return ok ? 0 : 1;
}
