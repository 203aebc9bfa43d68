// SPDX-License-Identifier: Apache-2.0
// Colours by formula, in Oklab (B. Ottosson, "A perceptual color space for image processing",
// 2020): lightness L, chroma C and hue h are what an eye sees, so that equal steps look equal.
#pragma once

#include <cstddef>
#include <string>

namespace mneme::report {

struct Colour {
    int red = 0, green = 0, blue = 0; // sRGB, 0 to 255
    std::string hex() const;          // #rrggbb
};

// The colour of lightness 0..1, chroma, hue in degrees; where a screen cannot show it, the chroma
// is reduced.
Colour oklch(double lightness, double chroma, double hue);
double lightness(Colour); // Oklab's L

enum class Theme { light, dark };

// The one scale of all matrices: dark violet at 0, over green, to light yellow at 1. L rises in
// equal steps, so it reads the same in grey and whichever colours an eye tells apart.
Colour scale(double value);
inline constexpr std::size_t scale_steps = 64;
std::size_t scale_step(double value); // 0 to scale_steps - 1
Colour scale_colour(std::size_t step);
Colour ink_on(Colour background); // black or white, whichever contrasts more

Colour series_colour(std::size_t series, Theme); // a line of a method
// A line of a task: the hues of the scale, at lightnesses that stand out from the page.
Colour task_colour(std::size_t task, std::size_t tasks, Theme);

// WCAG 2: (lighter + 0.05) / (darker + 0.05) of the relative luminances; 1 to 21.
double contrast(Colour, Colour);
double luminance(Colour);

} // namespace mneme::report
