// SPDX-License-Identifier: Apache-2.0
// Reading an option declares it: name, default, bounds, one line of help. The same record refuses
// unknown keys, prints `mneme describe`, and goes into the results.
#pragma once

#include <cmath>
#include <initializer_list>
#include <limits>
#include <string>
#include <vector>

#include <mneme/tensor.hpp>

namespace mneme {

// Bounds of a number: {.min = 0}, {.above = 0, .max = 1}.
struct Bounds {
    double min = -std::numeric_limits<double>::infinity(),
           max = std::numeric_limits<double>::infinity();
    double above = -std::numeric_limits<double>::infinity(),
           below = std::numeric_limits<double>::infinity(); // excluded ends
};

class Options final {
  public:
    explicit Options(mneme_setup_context* context, bool train = false)
        : context_(context), train_(train) {}

    // [S, 1] float32: may differ by replica, so a grid over it trains in one batch.
    Tensor number(const char* name, double value, Bounds bounds, const char* help) {
        return Tensor(declare(real_like(MNEME_OPTION_NUMBER, name, value, bounds, help)).v.tensor);
    }
    // The others are the same for every replica of a cell.
    double real(const char* name, double value, Bounds bounds, const char* help) {
        return declare(real_like(MNEME_OPTION_REAL, name, value, bounds, help)).v.r;
    }
    int64_t count(const char* name, int64_t value, Bounds bounds, const char* help) {
        auto option = bounded(MNEME_OPTION_COUNT, name, bounds, help);
        option.default_int = value;
        return declare(option).v.i;
    }
    bool flag(const char* name, bool value, const char* help) {
        auto option = described(MNEME_OPTION_FLAG, name, help);
        option.default_int = value;
        return declare(option).v.i != 0;
    }
    // The first choice is the default.
    std::string choice(const char* name, std::initializer_list<const char*> choices,
                       const char* help) {
        return choices.begin()[index(name, choices, help, 0)];
    }
    // As an enumeration whose values are the positions of the choices.
    template <class E>
    E choice(const char* name, std::initializer_list<const char*> choices, const char* help,
             E value = E{}) {
        return static_cast<E>(index(name, choices, help, static_cast<int64_t>(value)));
    }
    std::string text(const char* name, const char* value, const char* help) {
        auto option = described(MNEME_OPTION_TEXT, name, help);
        option.default_text = value;
        const auto given = declare(option);
        return {given.v.string, static_cast<std::size_t>(given.count)};
    }

    // The same for keys of [train]: the values given are the method's own defaults.
    Options train() const { return Options(context_, true); }

  private:
    mneme_option described(int32_t kind, const char* name, const char* help) const {
        mneme_option option{};
        option.size = sizeof option;
        option.kind = kind;
        option.name = name;
        option.help = help;
        option.train = train_;
        option.min = -std::numeric_limits<double>::infinity();
        option.max = std::numeric_limits<double>::infinity();
        return option;
    }
    mneme_option bounded(int32_t kind, const char* name, Bounds b, const char* help) const {
        auto option = described(kind, name, help);
        option.min_excluded = b.above >= b.min && std::isfinite(b.above);
        option.max_excluded = b.below <= b.max && std::isfinite(b.below);
        option.min = option.min_excluded ? b.above : b.min;
        option.max = option.max_excluded ? b.below : b.max;
        return option;
    }
    mneme_option real_like(int32_t kind, const char* name, double value, Bounds b,
                           const char* help) const {
        auto option = bounded(kind, name, b, help);
        option.default_real = value;
        return option;
    }
    std::size_t index(const char* name, std::initializer_list<const char*> choices,
                      const char* help, int64_t value) {
        auto option = described(MNEME_OPTION_CHOICE, name, help);
        option.choices = choices.begin();
        option.n_choices = static_cast<int32_t>(choices.size());
        option.default_int = value;
        return static_cast<std::size_t>(declare(option).v.i);
    }
    mneme_value declare(const mneme_option& option) {
        mneme_value out{};
        border::call(border::tables.options->declare, context_, &option, &out);
        return out;
    }
    mneme_setup_context* context_;
    bool train_;
};

} // namespace mneme
