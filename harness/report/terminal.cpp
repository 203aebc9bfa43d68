// SPDX-License-Identifier: Apache-2.0
#include "report/terminal.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <base/text.hpp>

#include "report/colour.hpp"
#include "report/line_chart.hpp"
#include "report/numbers.hpp"

namespace mneme::report {
namespace {

constexpr std::size_t columns_of_terminal = 80;

struct Grid {
    std::vector<std::string> row_names;
    std::size_t columns = 0;
    std::vector<double> values; // row-major
    double low = 0, high = 1;   // the ends of the colours
    bool light_is_low = false;
    bool percent = true; // where four decimals have no room: of 100, else two decimals
};

// The nearest of the 6 x 6 x 6 colours that terminals number from 16.
int terminal_colour(const Colour& colour) {
    const auto level = [](int value) {
        return value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40;
    };
    return 16 + 36 * level(colour.red) + 6 * level(colour.green) + level(colour.blue);
}

std::string painted(const std::string& text, double share) {
    const Colour back = scale_colour(scale_step(share));
    return fmt::format("\033[48;5;{};38;5;{}m{}\033[0m", terminal_colour(back),
                       ink_on(back).red == 0 ? 16 : 231, text);
}

std::size_t letters(const std::string& text) {
    return std::size_t(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

std::string left_padded(const std::string& text, std::size_t width) {
    return std::string(width > letters(text) ? width - letters(text) : 0, ' ') + text;
}

class Printer final {
  public:
    Printer(const Grid& grid, bool colour) : grid_(grid), colour_(colour) {
        for (const std::string& name : grid.row_names) names_ = std::max(names_, letters(name));
        const std::size_t room = columns_of_terminal - names_;
        for (std::size_t width : {8, 7, 4})
            if (width_ = width; grid.columns * width <= room) break;
        const std::size_t most = room / width_;
        for (std::size_t wider : {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000})
            if (stride_ = wider; grid.columns / wider <= most) break;
    }

    std::size_t stride() const { return stride_; } // of columns
    std::string head() const {
        std::string out = left_padded("", names_);
        for (std::size_t c = stride_ - 1; c < grid_.columns; c += stride_)
            out += left_padded(fmt::format("{}", c + 1), width_);
        return out + "\n";
    }
    std::string row(std::size_t r) const {
        std::string out = left_padded(grid_.row_names[r], names_);
        for (std::size_t c = stride_ - 1; c < grid_.columns; c += stride_) {
            const double value = grid_.values[r * grid_.columns + c];
            const std::string text = left_padded(cell(value), width_ - 1);
            const double share = (value - grid_.low) / (grid_.high - grid_.low);
            out += " ";
            out += !colour_ || std::isnan(value)
                       ? text
                       : painted(text, grid_.light_is_low ? 1 - share : share);
        }
        return out + "\n";
    }

  private:
    std::string cell(double value) const {
        if (std::isnan(value)) return "·";
        if (width_ > 4) return fmt::format("{:.4f}", value);
        return grid_.percent ? fmt::format("{:.0f}", 100 * value) : fmt::format("{:.2g}", value);
    }

    const Grid& grid_;
    const bool colour_;
    std::size_t names_ = 0, width_ = 8, stride_ = 1;
};

const char* name(Shown metric) {
    switch (metric) {
        case Shown::accuracy: return "accuracy";
        case Shown::forgetting: return "forgetting";
        case Shown::loss: return "loss";
    }
    return "";
}

OfRun of_run(Shown metric) {
    switch (metric) {
        case Shown::accuracy: return accuracy_of;
        case Shown::forgetting: return forgetting_of;
        case Shown::loss: return loss_of;
    }
    return accuracy_of;
}

std::vector<double> values_of(const results::Block& block, std::size_t m,
                              const ShowOptions& options) {
    if (!options.seed) return mean_over_seeds(block, m, of_run(options.metric));
    const auto seed = std::find(block.seeds.begin(), block.seeds.end(), *options.seed);
    return of_run(options.metric)(block, m, std::size_t(seed - block.seeds.begin()));
}

void colour_range(Grid& grid, Shown metric) {
    grid.light_is_low = metric != Shown::accuracy;
    grid.percent = metric != Shown::loss;
    if (metric == Shown::accuracy) return;
    grid.high = metric == Shown::loss ? 0.1 : 1;
    for (double value : grid.values)
        if (std::isfinite(value)) {
            grid.low = std::min(grid.low, value);
            grid.high = std::max(grid.high, value);
        }
}

std::string matrix(const results::Block& block, std::size_t m, const ShowOptions& options) {
    Grid grid;
    grid.columns = block.tasks.size();
    grid.values = values_of(block, m, options);
    for (std::size_t i = 1; i <= grid.columns; ++i) grid.row_names.push_back(fmt::format("{}", i));
    colour_range(grid, options.metric);
    const Printer printer(grid, options.colour);
    std::string out =
        fmt::format("{}, {}\nrows: after training the task; columns: evaluated on the task\n",
                    base::one_line(block.methods[m]),
                    options.seed ? fmt::format("seed {}", *options.seed)
                                 : "mean over " + seeds_in_words(block, m));
    if (printer.stride() > 1)
        out += fmt::format("1 of {} tasks is shown; `mneme export` gives all\n", printer.stride());
    out += printer.head();
    for (std::size_t i = printer.stride() - 1; i < grid.columns; i += printer.stride())
        out += printer.row(i);
    return out + "\n";
}

std::string last_rows(const results::Block& block, const std::vector<std::size_t>& methods,
                      const ShowOptions& options) {
    Grid grid;
    grid.columns = block.tasks.size();
    for (std::size_t m : methods) {
        grid.row_names.push_back(cut_label(base::one_line(block.methods[m]), 20));
        const std::vector<double> all = values_of(block, m, options);
        grid.values.insert(grid.values.end(), all.end() - std::ptrdiff_t(grid.columns), all.end());
    }
    colour_range(grid, options.metric);
    const Printer printer(grid, options.colour);
    std::string out = "after the last task, on each task\n" + printer.head();
    for (std::size_t r = 0; r < methods.size(); ++r) out += printer.row(r);
    return out + "\n";
}

} // namespace

std::string show(const results::File& file, const ShowOptions& options) {
    std::string out;
    for (const results::Block& block : file.blocks) {
        std::vector<std::size_t> methods;
        for (std::size_t m = 0; m < block.methods.size(); ++m)
            if (options.method.empty() || block.methods[m] == options.method) methods.push_back(m);
        const bool has_seed = !options.seed || std::find(block.seeds.begin(), block.seeds.end(),
                                                         *options.seed) != block.seeds.end();
        if (methods.empty() || !has_seed || block.tasks.empty()) continue;
        out += fmt::format("{}: {}\n\n", base::one_line(block.benchmark), name(options.metric));
        for (std::size_t m : methods) out += matrix(block, m, options);
        out += last_rows(block, methods, options);
    }
    if (!out.empty()) out.pop_back(); // one empty line less at the end
    return out;
}

} // namespace mneme::report
