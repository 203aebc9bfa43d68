// SPDX-License-Identifier: Apache-2.0
#include "leaderboard/verdict.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <base/text.hpp>

namespace mneme::leaderboard {
namespace {

bool tested(const Pair& pair) { return !std::isnan(pair.test.p); }

// The best and those not told apart from it.
std::vector<const Pair*> open_pairs_of_best(const Board& board) {
    std::vector<const Pair*> open;
    for (const Pair& pair : board.pairs)
        if (pair.a == 0 && !told_apart(pair.decision)) open.push_back(&pair);
    return open;
}

bool together(const Board& board, const std::vector<const Pair*>& open) {
    for (const Pair& pair : board.pairs) {
        const auto leads = [&](std::size_t m) {
            return std::any_of(open.begin(), open.end(),
                               [m](const Pair* one) { return one->b == m; });
        };
        if (leads(pair.a) && leads(pair.b) && told_apart(pair.decision)) return false;
    }
    return true;
}

// "these 3 seeds", of the pairs of one method; their numbers may differ.
std::string seeds_of(const std::vector<const Pair*>& pairs) {
    std::size_t least = pairs.front()->difference.n, most = least;
    for (const Pair* pair : pairs) {
        least = std::min(least, pair->difference.n);
        most = std::max(most, pair->difference.n);
    }
    if (least != most) return fmt::format("their {} to {} common seeds", least, most);
    return most == 1 ? "one seed" : fmt::format("these {} seeds", most);
}

std::string how_many_more(const std::vector<const Pair*>& open, const Board& board) {
    const bool equal = std::all_of(open.begin(), open.end(), [](const Pair* pair) {
        return pair->decision == Decision::equal;
    });
    if (equal)
        return fmt::format("; they are equal within {}",
                           margin_text(board.metric->unit, board.options.margin));
    std::size_t more = 0;
    for (const Pair* pair : open) {
        if (pair->seeds_needed == 0) return "";
        if (pair->seeds_needed > most_seeds) more = most_seeds + 1;
        else if (more <= most_seeds)
            more =
                std::max({more, std::size_t{1},
                          pair->seeds_needed - std::min(pair->seeds_needed, pair->difference.n)});
    }
    const char* if_so = open.size() == 1 ? "if the difference is what it seems"
                                         : "if the differences are what they seem";
    if (more > most_seeds) return fmt::format("; more than 1,000 would be needed {}", if_so);
    return fmt::format("; about {} more would do {}", more, if_so);
}

std::string about_leaders(Board& board) {
    Verdict& verdict = board.verdict;
    const auto open = open_pairs_of_best(board);
    const std::string& best = board.ranked.front().label;
    verdict.leaders = {best};
    std::vector<std::string> others;
    for (const Pair* pair : open) others.push_back(board.ranked[pair->b].label);
    verdict.leaders.insert(verdict.leaders.end(), others.begin(), others.end());
    if (open.empty()) {
        verdict.decided = true;
        return fmt::format("{} leads and is told apart from every other method.",
                           base::one_line(best));
    }
    const std::string rest = seeds_of(open) + how_many_more(open, board) + ".";
    if (together(board, open))
        return fmt::format("{} lead and are not told apart by {}", listing(verdict.leaders), rest);
    return fmt::format("{} leads; {} are not told apart from it by {}", base::one_line(best),
                       listing(others), rest);
}

std::string about_baseline(const Board& board) {
    std::vector<std::string> better, worse, open;
    for (const Pair& pair : board.pairs) {
        const bool ahead = board.metric->higher_is_better == (pair.difference.mean > 0);
        auto& group = !told_apart(pair.decision) ? open : ahead ? better : worse;
        group.push_back(board.ranked[pair.a].label);
    }
    const auto said = [](const std::vector<std::string>& names) {
        return names.empty() ? std::string("none") : listing(names);
    };
    return fmt::format("Against {}: better {}; worse {}; not told apart {}.",
                       base::one_line(board.options.baseline), said(better), said(worse),
                       said(open));
}

std::string about_pairs(const Verdict& verdict) {
    if (verdict.pairs == 1)
        return verdict.apart == 1 ? "The one pair is told apart."
                                  : "The one pair is not told apart.";
    return fmt::format("Of {} pairs {} {} told apart.", verdict.pairs, verdict.apart,
                       verdict.apart == 1 ? "is" : "are");
}

bool all_equal(const Board& board) {
    return std::all_of(board.pairs.begin(), board.pairs.end(), [](const Pair& pair) {
        return pair.difference.variance == 0 && pair.difference.mean == 0;
    });
}

std::string about_looks(const Board& board) {
    const Looks& looks = board.looks;
    const std::size_t count = looks.seeds.size();
    const auto at = [&](std::size_t taken) {
        return fmt::format("look {} of {} ({})", taken, count,
                           counted(std::size_t(looks.seeds[taken - 1]), "seed"));
    };
    if (looks.under_way)
        return fmt::format("This is not final: {} is under way.", at(looks.taken + 1));
    if (looks.taken == 0) return "This is not final: no planned look is complete.";
    const std::string what = !board.options.baseline.empty() ? "Seen"
                             : board.verdict.decided         ? "Decided"
                                                             : "Not decided";
    return fmt::format("{} at {}, tested at level {:.3g}; {:.3g} of alpha {:.3g} is used.", what,
                       at(looks.taken), board.level(), looks.spent(board.options.alpha),
                       board.options.alpha);
}

void say_verdict(Board& board) {
    Verdict& verdict = board.verdict;
    auto& say = verdict.sentences;
    if (board.ranked.empty()) {
        say.push_back(board.imported.empty() ? "No method is complete, so nothing is ranked."
                                             : "All methods are imported, so nothing is ranked.");
        return;
    }
    const std::string& baseline = board.options.baseline;
    const bool has_baseline = std::any_of(board.ranked.begin(), board.ranked.end(),
                                          [&](const Row& row) { return row.label == baseline; });
    if (!baseline.empty() && !has_baseline) {
        say.push_back(fmt::format("{} is not ranked here, so nothing is compared with it.",
                                  base::one_line(baseline)));
        return;
    }
    if (board.ranked.size() == 1) {
        verdict.leaders = {board.ranked.front().label};
        say.push_back(fmt::format("Only {} is ranked; there is nothing to compare it with.",
                                  base::one_line(board.ranked.front().label)));
        return;
    }
    verdict.pairs = std::size_t(std::count_if(board.pairs.begin(), board.pairs.end(), tested));
    verdict.apart =
        std::size_t(std::count_if(board.pairs.begin(), board.pairs.end(),
                                  [](const Pair& pair) { return told_apart(pair.decision); }));
    if (verdict.pairs == 0) {
        say.push_back(board.seeds.size() == 1
                          ? "One seed: nothing can be told apart; run more seeds (--seeds 5)."
                          : "No two methods share two seeds, so nothing can be told apart; run "
                            "them on the same seeds.");
        return;
    }
    if (all_equal(board)) {
        for (const Row& row : board.ranked) verdict.leaders.push_back(row.label);
        say.push_back("All methods have the same scores under every common seed.");
    } else {
        say.push_back(about_pairs(verdict));
        say.push_back(baseline.empty() ? about_leaders(board) : about_baseline(board));
    }
    if (!board.looks.seeds.empty()) say.push_back(about_looks(board));
}

void say_about_tests(Board& board) {
    if (board.verdict.pairs == 0) return;
    const bool exact = std::all_of(board.pairs.begin(), board.pairs.end(), [](const Pair& pair) {
        return !tested(pair) || pair.test.variance == 0;
    });
    const std::string column = board.options.baseline.empty() ? "to the best" : "to the baseline";
    const std::string percent = fmt::format("{:.3g}", 100 * (1 - board.level()));
    if (exact) {
        board.notes.push_back("No difference varies from seed to seed: the differences are exact.");
        return;
    }
    const std::string kind = std::isnan(board.prior.variance) ? "paired t" : "moderated t";
    if (board.verdict.pairs == 1)
        board.notes.push_back(
            fmt::format("{}: paired by seed, with its {} % interval ({}).", column, percent, kind));
    else
        board.notes.push_back(
            fmt::format("{}: paired by seed, with an interval that holds for all {} pairs at {} %. "
                        "Holm's tests "
                        "({}) decide; they may tell a pair apart whose interval just holds 0.",
                        column, board.verdict.pairs, percent, kind));
    if (!board.options.baseline.empty()) {
        const auto both = [](const Pair& pair) {
            return pair.decision == Decision::different_within_margin;
        };
        if (std::any_of(board.pairs.begin(), board.pairs.end(), both))
            board.notes.push_back(
                fmt::format("both: different, yet within {}.",
                            margin_text(board.metric->unit, board.options.margin)));
        return;
    }
    board.notes.push_back("tier: methods that share a letter are not told apart.");
}

void say_about_rows(Board& board) {
    if (!board.ranked.empty() && board.seeds.size() > 1)
        board.notes.push_back(
            "±: half of the 95 % t interval of the mean over the method's seeds.");
    const auto differs = [&](const Row& row) { return row.complete != board.seeds.size(); };
    if (std::any_of(board.ranked.begin(), board.ranked.end(), differs))
        board.notes.push_back(
            "Seeds differ: a score is over the method's own seeds, a difference over common ones.");
    for (const Pair& pair : board.pairs)
        if (!tested(pair) && board.seeds.size() > 1)
            board.notes.push_back(fmt::format("{} and {} have {} in common and cannot be tested.",
                                              base::one_line(board.ranked[pair.a].label),
                                              base::one_line(board.ranked[pair.b].label),
                                              pair.difference.n == 0 ? "no seed" : "one seed"));
    if (!board.oracles.empty())
        board.notes.push_back(
            "bound: an upper bound, not a competitor (it sees what a learner may "
            "not); its interval is for it alone.");
    if (!board.imported.empty())
        board.notes.push_back(
            "imp.: imported from another program. Nobody knows whether its data were the same, so "
            "it is not ranked; --rank-imported ranks it all the same.");
    std::vector<std::string> ranked;
    for (const Row& row : board.ranked)
        if (row.imported) ranked.push_back(row.label);
    if (!ranked.empty())
        board.notes.push_back(fmt::format(
            "Imported from another program, and ranked because you asked for it: {}. Nobody knows "
            "whether the data were the same.",
            listing(ranked, 8)));
    std::vector<std::pair<std::string, std::vector<std::string>>> reasons; // and who is out for it
    for (const Row& row : board.unranked) {
        const auto same = [&](const auto& one) { return one.first == row.remark; };
        auto found = std::find_if(reasons.begin(), reasons.end(), same);
        if (found == reasons.end()) found = reasons.insert(found, {row.remark, {}});
        found->second.push_back(row.label);
    }
    for (const auto& [reason, labels] : reasons)
        board.notes.push_back(fmt::format("{}: not ranked, {}.", listing(labels, 8), reason));
}

} // namespace

std::string Verdict::text() const { return base::joined(sentences, " "); }

void add_verdict(Board& board) {
    say_verdict(board);
    say_about_tests(board);
    say_about_rows(board);
}

std::string heading(const Board& board) {
    std::string text = fmt::format("{} (scenario {}, {} set; {}, {}; chance {:.4f}",
                                   base::one_line(board.benchmark), base::one_line(board.scenario),
                                   base::one_line(board.evaluated_on), counted(board.tasks, "task"),
                                   counted(board.seeds.size(), "seed"), board.chance);
    if (!board.limits.empty()) text += "; " + base::one_line(board.limits);
    return text + ")";
}

} // namespace mneme::leaderboard
