// SPDX-License-Identifier: Apache-2.0
#include "report/axis.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

namespace mneme::report {
namespace {

std::vector<double> finite(std::vector<double> values) {
    values.erase(std::remove_if(values.begin(), values.end(),
                                [](double value) { return !std::isfinite(value); }),
                 values.end());
    return values;
}

// The 1, 2 or 5 times a power of ten that is next to `rough`.
double round_step(double rough) {
    const double power = std::pow(10, std::floor(std::log10(rough)));
    const double share = rough / power;
    return power * (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10);
}

void add_ticks(Axis& axis, double step) {
    const auto first = std::int64_t(std::ceil(axis.low / step - 1e-9));
    const auto last = std::int64_t(std::floor(axis.high / step + 1e-9));
    for (std::int64_t i = first; i <= last; ++i) axis.ticks.push_back(double(i) * step);
}

} // namespace

double Axis::at(double value) const {
    return logarithmic ? std::log(value / low) / std::log(high / low)
                       : (value - low) / (high - low);
}

std::string Axis::text(double tick) const {
    if (std::abs(tick) >= 1e4 || (tick != 0 && std::abs(tick) < 1e-3)) {
        const auto power = int(std::floor(std::log10(std::abs(tick)) + 1e-9));
        const double factor = tick / std::pow(10, power);
        return std::abs(factor - 1) < 1e-9 ? fmt::format("1e{}", power)
                                           : fmt::format("{:.3g}e{}", factor, power);
    }
    return fmt::format("{:.6g}", std::abs(tick) < 1e-12 ? 0.0 : tick);
}

Axis linear_axis(double low, double high, int wanted) {
    Axis axis{low, high > low ? high : low + 1, false, {}};
    add_ticks(axis, round_step((axis.high - axis.low) / wanted));
    return axis;
}

Axis linear_axis(const std::vector<double>& values, int wanted) {
    const std::vector<double> known = finite(values);
    if (known.empty()) return linear_axis(0, 1, wanted);
    const auto [low, high] = std::minmax_element(known.begin(), known.end());
    if (*low == *high) return linear_axis(*low - 0.5, *high + 0.5, wanted);
    const double step = round_step((*high - *low) / wanted);
    return linear_axis(std::floor(*low / step + 1e-9) * step, std::ceil(*high / step - 1e-9) * step,
                       wanted);
}

Axis logarithmic_axis(const std::vector<double>& values) {
    std::vector<double> known = finite(values);
    known.erase(std::remove_if(known.begin(), known.end(), [](double x) { return x <= 0; }),
                known.end());
    if (known.empty()) known = {1, 10};
    const auto [low, high] = std::minmax_element(known.begin(), known.end());
    Axis axis{*low / 1.3, *high * 1.3, true, {}};
    const auto first = int(std::floor(std::log10(axis.low))),
               last = int(std::ceil(std::log10(axis.high)));
    const bool few = last - first <= 3;
    const int stride = std::max(1, (last - first) / 6);
    for (int power = first; power <= last; power += stride)
        for (double factor : {1.0, 2.0, 5.0}) {
            const double tick = factor * std::pow(10, power);
            if ((few || factor == 1) && tick >= axis.low && tick <= axis.high)
                axis.ticks.push_back(tick);
        }
    return axis;
}

std::vector<std::size_t> counted_ticks(std::size_t count, std::size_t most) {
    std::size_t stride = 1;
    for (std::size_t wider : {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000})
        if (stride = wider; count / wider <= most) break;
    std::vector<std::size_t> ticks;
    for (std::size_t i = 1; i <= count; ++i)
        if (i % stride == 0 || i == 1) ticks.push_back(i);
    if (stride > 1 && ticks.size() > 1 && ticks[1] - 1 < stride / 2) ticks.erase(ticks.begin() + 1);
    return ticks;
}

std::vector<double> spread_out(const std::vector<double>& wanted, double gap, double low,
                               double high) {
    std::vector<std::size_t> order(wanted.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return wanted[a] < wanted[b]; });
    struct Group { // neighbours that touch; its middle is the mean of what they want
        std::size_t first, count;
        double middle;
    };
    const auto half = [&](const Group& g) { return double(g.count - 1) * gap / 2; };
    std::vector<Group> groups;
    for (std::size_t i = 0; i < order.size(); ++i) {
        groups.push_back({i, 1, wanted[order[i]]});
        while (true) {
            Group& last = groups.back();
            last.middle = std::clamp(last.middle, std::min(low + half(last), (low + high) / 2),
                                     std::max(high - half(last), (low + high) / 2));
            if (groups.size() < 2) break;
            Group& before = groups[groups.size() - 2];
            if (before.middle + half(before) + gap <= last.middle - half(last)) break;
            before.middle =
                (before.middle * double(before.count) + last.middle * double(last.count)) /
                double(before.count + last.count);
            before.count += last.count;
            groups.pop_back();
        }
    }
    std::vector<double> places(wanted.size());
    for (const Group& group : groups)
        for (std::size_t k = 0; k < group.count; ++k)
            places[order[group.first + k]] = group.middle - half(group) + double(k) * gap;
    return places;
}

} // namespace mneme::report
