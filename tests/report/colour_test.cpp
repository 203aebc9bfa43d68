// SPDX-License-Identifier: Apache-2.0
#include <report/colour.hpp>

#include <catch.hpp>

#include <cmath>

using namespace mneme::report;

namespace {

// The colours that page.css gives paper, ink and secondary text.
struct PageColours {
    Theme theme;
    Colour paper, ink, soft, accent, bad, mark;
};
const PageColours pages[] = {{Theme::light,
                              {0xff, 0xff, 0xff},
                              {0x1b, 0x1b, 0x1f},
                              {0x5c, 0x5c, 0x66},
                              {0x34, 0x43, 0xa8},
                              {0x9c, 0x23, 0x23},
                              {0xff, 0xf0, 0xb8}},
                             {Theme::dark,
                              {0x16, 0x16, 0x1a},
                              {0xec, 0xec, 0xf1},
                              {0xa6, 0xa6, 0xb3},
                              {0xaa, 0xb6, 0xff},
                              {0xff, 0x9d, 0x94},
                              {0x5a, 0x4a, 0x10}}};

} // namespace

TEST_CASE("contrast is WCAG's: 21 between black and white, 1 of a colour with itself") {
    CHECK(contrast({0, 0, 0}, {255, 255, 255}) == Approx(21.0));
    CHECK(contrast({10, 200, 30}, {10, 200, 30}) == Approx(1.0));
    CHECK(contrast({0x76, 0x76, 0x76}, {255, 255, 255}) == Approx(4.54).margin(0.01));
}

TEST_CASE("oklch: known colours, and those beyond a screen at less chroma") {
    CHECK(oklch(1, 0, 0).hex() == "#ffffff");
    CHECK(oklch(0, 0, 0).hex() == "#000000");
    // Red of sRGB is L .62796, C .25768, h 29.23 (Ottosson's page).
    CHECK(oklch(0.62796, 0.25768, 29.234).hex() == "#ff0000");
    CHECK(lightness(oklch(0.6, 0.4, 140)) == Approx(0.6).margin(0.01));
}

TEST_CASE("the scale's lightness rises in equal steps, so it reads in grey") {
    double before = lightness(scale_colour(0)), grey = luminance(scale_colour(0));
    const double step = (lightness(scale_colour(scale_steps - 1)) - before) / (scale_steps - 1);
    CHECK(step * (scale_steps - 1) > 0.7);
    for (std::size_t i = 1; i < scale_steps; ++i) {
        const double now = lightness(scale_colour(i));
        CHECK(now - before == Approx(step).margin(0.005));
        CHECK(luminance(scale_colour(i)) > grey);
        before = now, grey = luminance(scale_colour(i));
    }
}

TEST_CASE("numbers on every colour of the scale are readable") {
    for (std::size_t i = 0; i < scale_steps; ++i)
        CHECK(contrast(scale_colour(i), ink_on(scale_colour(i))) >= 4.5);
}

TEST_CASE("text of the page has a contrast of 4.5, lines of figures of 3") {
    for (const PageColours& page : pages) {
        for (const Colour& text : {page.ink, page.soft, page.accent, page.bad})
            CHECK(contrast(page.paper, text) >= 4.5);
        CHECK(contrast(page.mark, page.ink) >= 4.5);
        for (std::size_t i = 0; i < 64; ++i)
            CHECK(contrast(page.paper, series_colour(i, page.theme)) >= 3);
        for (std::size_t i = 0; i < 32; ++i)
            CHECK(contrast(page.paper, task_colour(i, 32, page.theme)) >= 3);
    }
}

TEST_CASE("values beyond the ends of the scale take its ends") {
    CHECK(scale_step(-1) == 0);
    CHECK(scale_step(0) == 0);
    CHECK(scale_step(1) == scale_steps - 1);
    CHECK(scale_step(7) == scale_steps - 1);
}
