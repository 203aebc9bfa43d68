// SPDX-License-Identifier: Apache-2.0
#include "report/colour.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

namespace mneme::report {
namespace {

using Linear = std::array<double, 3>; // red, green, blue in proportion to light

double cube(double x) { return x * x * x; }

// Oklab to linear sRGB, with the constants of Ottosson's page.
Linear linear_of(double lightness, double a, double b) {
    const double l = cube(lightness + 0.3963377774 * a + 0.2158037573 * b);
    const double m = cube(lightness - 0.1055613458 * a - 0.0638541728 * b);
    const double s = cube(lightness - 0.0894841775 * a - 1.2914855480 * b);
    return {4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
            -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
            -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
}

bool can_be_shown(const Linear& light) {
    return std::all_of(light.begin(), light.end(),
                       [](double x) { return x > -1e-4 && x < 1.0001; });
}

// IEC 61966-2-1.
int encoded(double light) {
    const double x = std::clamp(light, 0.0, 1.0);
    const double y = x <= 0.0031308 ? 12.92 * x : 1.055 * std::pow(x, 1 / 2.4) - 0.055;
    return int(std::lround(255 * y));
}

double decoded(int value) {
    const double y = value / 255.0;
    return y <= 0.04045 ? y / 12.92 : std::pow((y + 0.055) / 1.055, 2.4);
}

double scale_hue(double value) { return 300 - 195 * value; }

} // namespace

std::string Colour::hex() const { return fmt::format("#{:02x}{:02x}{:02x}", red, green, blue); }

Colour oklch(double lightness, double chroma, double hue) {
    const double angle = hue * std::numbers::pi / 180;
    const auto at = [&](double c) {
        return linear_of(lightness, c * std::cos(angle), c * std::sin(angle));
    };
    double low = 0, high = chroma;
    if (can_be_shown(at(chroma))) low = chroma;
    for (int i = 0; i < 20 && low < high; ++i) {
        const double middle = (low + high) / 2;
        (can_be_shown(at(middle)) ? low : high) = middle;
    }
    const Linear light = at(low);
    return {encoded(light[0]), encoded(light[1]), encoded(light[2])};
}

double lightness(Colour colour) {
    const double r = decoded(colour.red), g = decoded(colour.green), b = decoded(colour.blue);
    return 0.2104542553 * std::cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) +
           0.7936177850 * std::cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) -
           0.0040720468 * std::cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
}

Colour scale(double value) {
    const double t = std::clamp(value, 0.0, 1.0);
    return oklch(0.22 + 0.72 * t, 0.09 + 0.09 * std::sin(std::numbers::pi * t), scale_hue(t));
}

std::size_t scale_step(double value) {
    return std::size_t(
        std::clamp(std::floor(value * double(scale_steps)), 0.0, double(scale_steps - 1)));
}

Colour scale_colour(std::size_t step) { return scale(double(step) / double(scale_steps - 1)); }

Colour ink_on(Colour background) {
    const Colour black{}, white{255, 255, 255};
    return contrast(background, black) > contrast(background, white) ? black : white;
}

// Successive hues are a golden angle apart, and successive lines differ in lightness too.
Colour series_colour(std::size_t series, Theme theme) {
    const double hue = 255 + 137.508 * double(series);
    const double lift = double(series % 3) * 0.06;
    return oklch((theme == Theme::light ? 0.48 : 0.70) + lift, 0.14, hue);
}

Colour task_colour(std::size_t task, std::size_t tasks, Theme theme) {
    const double t = tasks < 2 ? 0 : double(task) / double(tasks - 1);
    const double from = theme == Theme::light ? 0.28 : 0.58,
                 to = theme == Theme::light ? 0.63 : 0.93;
    return oklch(from + (to - from) * t, 0.14, scale_hue(t));
}

double luminance(Colour c) {
    return 0.2126 * decoded(c.red) + 0.7152 * decoded(c.green) + 0.0722 * decoded(c.blue);
}

double contrast(Colour a, Colour b) {
    const auto [dark, light] = std::minmax({luminance(a), luminance(b)});
    return (light + 0.05) / (dark + 0.05);
}

} // namespace mneme::report
