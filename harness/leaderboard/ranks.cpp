// SPDX-License-Identifier: Apache-2.0
#include "leaderboard/ranks.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <boost/math/tools/toms748_solve.hpp>

#include "leaderboard/interval.hpp"

namespace mneme::leaderboard {
namespace {

namespace math = boost::math;

// P(the range of k standard normal numbers <= q).
double range_below(double q, std::size_t k) {
    const math::normal normal;
    const auto density = [&](double z) {
        const double inside = math::cdf(normal, z) - math::cdf(normal, z - q);
        return math::pdf(normal, z) * std::pow(inside, double(k - 1));
    };
    return double(k) * math::quadrature::gauss_kronrod<double, 61>::integrate(density, -8.0,
                                                                              8.0 + q, 15, 1e-13);
}

// The sum over groups of equal scores of t^3 - t, for a rank test's correction.
double ties_in(const std::vector<double>& ranks) {
    double sum = 0;
    for (double rank : ranks) {
        const double equal = double(std::count(ranks.begin(), ranks.end(), rank));
        sum += equal * equal - 1; // each of t members adds (t^3 - t) / t
    }
    return sum;
}

} // namespace

std::vector<double> mean_ranks_of(const std::vector<double>& scores) {
    std::vector<double> ranks;
    for (double score : scores) {
        const auto better = std::count_if(scores.begin(), scores.end(),
                                          [score](double other) { return other > score; });
        const auto equal = std::count(scores.begin(), scores.end(), score);
        ranks.push_back(double(better) + (double(equal) + 1) / 2);
    }
    return ranks;
}

Friedman friedman(const std::vector<std::vector<double>>& scores) {
    Friedman out;
    const double n = double(scores.size()), k = double(scores.front().size());
    out.average_ranks.assign(scores.front().size(), 0);
    double ties = 0;
    for (const auto& row : scores) {
        const auto ranks = mean_ranks_of(row);
        for (std::size_t m = 0; m < ranks.size(); ++m) out.average_ranks[m] += ranks[m] / n;
        ties += ties_in(ranks);
    }
    double squares = 0;
    for (double rank : out.average_ranks) squares += rank * rank;
    out.chi_square = 12 * n / (k * (k + 1)) * (squares - k * (k + 1) * (k + 1) / 4);
    out.chi_square_tied = out.chi_square / (1 - ties / (n * k * (k * k - 1)));
    out.kendall_w = out.chi_square / (n * (k - 1));
    out.df1 = k - 1;
    out.df2 = (k - 1) * (n - 1);
    const double rest = n * (k - 1) - out.chi_square;
    out.p_tied = math::cdf(math::complement(math::chi_squared(k - 1), out.chi_square_tied));
    out.f = rest > 0 ? (n - 1) * out.chi_square / rest : std::numeric_limits<double>::infinity();
    out.p = std::isinf(out.f)
                ? 0
                : math::cdf(math::complement(math::fisher_f(out.df1, out.df2), out.f));
    return out;
}

double nemenyi_quantile(std::size_t methods, double alpha) {
    const auto excess = [&](double q) { return range_below(q, methods) - (1 - alpha); };
    std::uintmax_t steps = 100;
    const auto [below, above] = math::tools::toms748_solve(
        excess, 0.1, 20.0, math::tools::eps_tolerance<double>(42), steps);
    return (below + above) / 2 / std::sqrt(2.0);
}

double critical_difference(std::size_t methods, std::size_t benchmarks, double alpha) {
    const double k = double(methods);
    return nemenyi_quantile(methods, alpha) * std::sqrt(k * (k + 1) / (6 * double(benchmarks)));
}

double nemenyi_p(double difference, std::size_t methods, std::size_t benchmarks) {
    const double k = double(methods), error = std::sqrt(k * (k + 1) / (6 * double(benchmarks)));
    if (difference == 0) return 1; // the quadrature would leave 1e-16 or so
    return std::max(0.0, 1 - range_below(std::sqrt(2.0) * std::abs(difference) / error, methods));
}

std::vector<double> conover_p(const std::vector<std::vector<double>>& scores) {
    const double n = double(scores.size()), k = double(scores.front().size());
    std::vector<double> sums(scores.front().size());
    double squares = 0;
    for (const auto& row : scores) {
        const auto ranks = mean_ranks_of(row);
        for (std::size_t m = 0; m < ranks.size(); ++m) {
            sums[m] += ranks[m];
            squares += ranks[m] * ranks[m];
        }
    }
    double between = 0;
    for (double sum : sums) between += sum * sum / n;
    const double df = (n - 1) * (k - 1), within = squares - between;
    const bool alike = within <= 1e-12 * squares;
    const double error = std::sqrt(2 * n * within / df);
    std::vector<double> p;
    for (std::size_t a = 0; a < sums.size(); ++a)
        for (std::size_t b = a + 1; b < sums.size(); ++b)
            p.push_back(alike ? unknown : t_two_sided((sums[a] - sums[b]) / error, df));
    return p;
}

} // namespace mneme::leaderboard
