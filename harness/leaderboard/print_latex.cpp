// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <fmt/format.h>
#include <base/escape.hpp>

#include "leaderboard/print.hpp"
#include "leaderboard/verdict.hpp"

namespace mneme::leaderboard {
namespace {

std::string joined(const std::vector<std::string>& cells) {
    return fmt::format("{} \\\\\n", fmt::join(cells, " & "));
}

class LatexTable final {
  public:
    LatexTable(const Board& board, bool wide) : board_(board) {
        for (const Measure* side : side_measures(board, wide)) {
            if (!wide && sides_.size() == 2) break; // what a page of text is wide enough for
            sides_.push_back(side);
        }
    }

    std::string text() const {
        std::string out =
            "\\begin{table}\n\\centering\n\\small\n\\setlength{\\tabcolsep}{4pt}\n"
            "\\setlength{\\belowcaptionskip}{4pt}\n";
        out += fmt::format("\\caption{{{} {}}}\n", base::latex_text(heading(board_) + "."),
                           base::latex_text(board_.verdict.text()));
        out += std::string(fit_begin) + "\\begin{tabular}{rlrr" + std::string(sides_.size(), 'r') +
               "}\n\\toprule\n";
        std::vector<std::string> titles{
            "", "method", base::latex_text(board_.metric->words()),
            board_.options.baseline.empty() ? "to the best" : "to the baseline"};
        for (const Measure* side : sides_) titles.push_back(base::latex_text(side->words()));
        out += joined(titles) + "\\midrule\n";
        for (std::size_t m : board_.listed)
            out += row(fmt::format("{}", board_.ranked[m].rank), board_.ranked[m]);
        if (!board_.oracles.empty()) out += "\\midrule\n";
        for (const Row& one : board_.oracles) out += row("bound", one);
        if (!board_.imported.empty()) out += "\\midrule\n";
        for (const Row& one : board_.imported) out += row("imp.", one);
        if (!board_.unranked.empty()) out += "\\midrule\n";
        for (const Row& one : board_.unranked) out += row("--", one);
        return out + "\\bottomrule\n\\end{tabular}" + fit_end + "\n\\end{table}\n";
    }

  private:
    std::string row(const std::string& rank, const Row& one) const {
        std::string label = base::latex_text(one.label);
        if (!one.tier.empty()) label += "\\textsuperscript{" + one.tier + "}";
        std::string score = latex_cell(with_interval(*board_.metric, one.score, false));
        if (one.rank == 1) score = "\\textbf{" + score + "}";
        const bool reference = one.label == board_.reference();
        std::vector<std::string> cells{
            rank, label, score,
            reference ? "--"
            : one.to_reference.count == 0
                ? "--"
                : latex_cell(with_interval(*board_.metric, one.to_reference, true))};
        for (const Measure* side : sides_)
            cells.push_back(std::isnan(one.score.mean) ? "--" : latex_cell(cell(one, *side)));
        return joined(cells);
    }

    const Board& board_;
    std::vector<const Measure*> sides_;
};

} // namespace

std::string latex_of(const Leaderboard& leaderboard, bool wide) {
    std::string text =
        "% needs \\usepackage[T1]{fontenc}, \\usepackage{booktabs} and \\usepackage{graphicx}\n";
    for (const Board& board : leaderboard.boards) text += LatexTable(board, wide).text();
    for (const std::string& sentence : leaderboard.overview.sentences)
        text += "\n" + base::latex_text(sentence) + "\n";
    return text;
}

} // namespace mneme::leaderboard
