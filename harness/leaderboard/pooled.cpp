// SPDX-License-Identifier: Apache-2.0
#include "leaderboard/pooled.hpp"

#include <cmath>
#include <limits>

namespace mneme::leaderboard {

double Pooled::half(double level) const {
    if (std::isnan(error)) return unknown;
    return error == 0 ? 0 : t_quantile(1 - level / 2, degrees) * error;
}

Pooled pool(const std::vector<Differences>& by_benchmark) {
    Pooled out;
    double sum = 0, variance = 0, denominator = 0;
    for (const Differences& d : by_benchmark) {
        ++out.benchmarks;
        out.better += d.mean > 0;
        out.worse += d.mean < 0;
        sum += d.mean;
        const double v = d.variance / double(d.n);
        variance += v;
        denominator += v * v / d.degrees();
    }
    if (out.benchmarks == 0) return out;
    const double count = double(out.benchmarks);
    out.mean = sum / count;
    out.error = std::sqrt(variance) / count;
    if (std::isnan(out.error)) return out;
    out.degrees = variance > 0 ? variance * variance / denominator : 1;
    out.t = out.error > 0   ? out.mean / out.error
            : out.mean == 0 ? 0
                            : std::copysign(std::numeric_limits<double>::infinity(), out.mean);
    out.p = t_two_sided(out.t, out.degrees);
    return out;
}

} // namespace mneme::leaderboard
