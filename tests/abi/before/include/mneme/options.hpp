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
    explicit Options(mneme_setup_context* context) : context_(context) {}

    // [S, 1] float32: may differ by replica, so a grid over it trains in one batch.
    Tensor number(const char* name, double value, Bounds bounds, const char* help) {
        return Tensor(declare(real_like(MNEME_OPTION_NUMBER, name, value, bounds, help)).v.tensor);
    }
    // The others are the same for every replica of a cell.
    double real(const char* name, double value, Bounds bounds, const char* help) {
        return declare(real_like(MNEME_OPTION_REAL, name, value, bounds, help)).v.r;
    }
    int64_t count(const char* name, int64_t value, Bounds bounds, const char* help) {
        auto option = real_like(MNEME_OPTION_COUNT, name, 0, bounds, help);
        option.default_int = value;
        return declare(option).v.i;
    }
    bool flag(const char* name, bool value, const char* help) {
        auto option = real_like(MNEME_OPTION_FLAG, name, 0, {}, help);
        option.default_int = value;
        return declare(option).v.i != 0;
    }
    // The first choice is the default.
    std::string choice(const char* name, std::initializer_list<const char*> choices,
                       const char* help) {
        return choices.begin()[index(name, choices, help)];
    }
    // As an enumeration whose values are the positions of the choices.
    template <class E>
    E choice(const char* name, std::initializer_list<const char*> choices, const char* help) {
        return static_cast<E>(index(name, choices, help));
    }

    // A key of [train]; the value given is the method's own default (Setup::optimizer reads them).
    Tensor train_number(const char* name, double value, Bounds bounds, const char* help) {
        auto option = real_like(MNEME_OPTION_NUMBER, name, value, bounds, help);
        option.train = 1;
        return Tensor(declare(option).v.tensor);
    }
    double train_real(const char* name, double value, Bounds bounds, const char* help) {
        auto option = real_like(MNEME_OPTION_REAL, name, value, bounds, help);
        option.train = 1;
        return declare(option).v.r;
    }
    int64_t train_count(const char* name, int64_t value, Bounds bounds, const char* help) {
        auto option = real_like(MNEME_OPTION_COUNT, name, 0, bounds, help);
        option.train = 1;
        option.default_int = value;
        return declare(option).v.i;
    }
    bool train_flag(const char* name, bool value, const char* help) {
        auto option = real_like(MNEME_OPTION_FLAG, name, 0, {}, help);
        option.train = 1;
        option.default_int = value;
        return declare(option).v.i != 0;
    }
    int64_t train_choice(const char* name, int64_t value,
                         std::initializer_list<const char*> choices, const char* help) {
        auto option = choice_like(name, choices, help);
        option.train = 1;
        option.default_int = value;
        return declare(option).v.i;
    }

  private:
    static mneme_option real_like(int32_t kind, const char* name, double value, Bounds b,
                                  const char* help) {
        mneme_option option{};
        option.size = sizeof option;
        option.kind = kind;
        option.name = name;
        option.help = help;
        option.default_real = value;
        option.min_excluded = b.above >= b.min && std::isfinite(b.above);
        option.max_excluded = b.below <= b.max && std::isfinite(b.below);
        option.min = option.min_excluded ? b.above : b.min;
        option.max = option.max_excluded ? b.below : b.max;
        return option;
    }
    static mneme_option choice_like(const char* name, std::initializer_list<const char*> choices,
                                    const char* help) {
        auto option = real_like(MNEME_OPTION_CHOICE, name, 0, {}, help);
        option.choices = choices.begin();
        option.n_choices = static_cast<int32_t>(choices.size());
        return option;
    }
    std::size_t index(const char* name, std::initializer_list<const char*> choices,
                      const char* help) {
        return static_cast<std::size_t>(declare(choice_like(name, choices, help)).v.i);
    }
    mneme_value declare(const mneme_option& option) {
        mneme_value out{};
        border::call(border::tables.options->declare, context_, &option, &out);
        return out;
    }
    mneme_setup_context* context_;
};

} // namespace mneme
