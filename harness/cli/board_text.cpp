// SPDX-License-Identifier: Apache-2.0
#include "cli/board_text.hpp"

#include <cmath>

#include <fmt/format.h>

namespace mneme::cli {
namespace {

using OrderedJson = nlohmann::ordered_json;

std::string decimal(double value, int digits) {
    return std::isnan(value) ? "-" : fmt::format("{:.{}f}", value, digits);
}

std::string with_interval(const Interval& interval, bool sign) {
    if (std::isnan(interval.mean)) return "-";
    std::string text = fmt::format(fmt::runtime(sign ? "{:+.4f}" : "{:.4f}"), interval.mean);
    return std::isnan(interval.half) ? text : text + fmt::format(" ± {:.4f}", interval.half);
}

std::string bytes(double value) {
    if (std::isnan(value)) return "-";
    const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    int unit = 0;
    while (value >= 1024 && unit < 4) {
        value /= 1024;
        ++unit;
    }
    return unit == 0 ? fmt::format("{:.0f} B", value)
                     : fmt::format("{:.1f} {}", value, units[unit]);
}

std::string words(std::string name) {
    for (char& c : name)
        if (c == '_') c = ' ';
    return name;
}

Table table_of(const Board& board) {
    Table table{{{"rank", true},
                 {"method"},
                 {words(board.metric), true},
                 {"to the best", true},
                 {"forgetting", true},
                 {"backward transfer", true},
                 {"learning accuracy", true},
                 {"train s", true},
                 {"kept", true},
                 {"seeds", true}},
                {}};
    const auto add = [&](const std::string& rank, const Standing& s, const std::string& behind) {
        table.rows.push_back({rank, s.label, with_interval(s.score, false), behind,
                              decimal(s.forgetting, 4), decimal(s.backward_transfer, 4),
                              decimal(s.learning_accuracy, 4), decimal(s.train_seconds, 1),
                              bytes(s.kept_bytes), fmt::format("{}", s.complete)});
    };
    int rank = 0;
    for (const Standing& s : board.ranked) {
        ++rank;
        add(fmt::format("{}", rank), s, rank == 1 ? "best" : with_interval(s.behind, true));
    }
    for (const Standing& s : board.oracles)
        add("bound", s, s.behind.count > 0 ? with_interval(s.behind, true) : "-");
    for (const Standing& s : board.incomplete)
        table.rows.push_back({"-", s.label, "-", "-", "-", "-", "-", "-", "-",
                              fmt::format("{} of {}", s.complete, board.seeds.size())});
    return table;
}

std::string heading(const Board& board) {
    return fmt::format("{} (scenario {}, {} set; {} {}; chance {:.4f})", board.benchmark,
                       board.scenario, board.evaluated_on, board.seeds.size(),
                       board.seeds.size() == 1 ? "seed" : "seeds", board.chance);
}

std::vector<std::string> remarks(const Board& board) {
    std::vector<std::string> out;
    if (board.seeds.size() > 1)
        out.push_back(
            fmt::format("±: half of the 95 % t interval of the mean over {} seeds; to the best: "
                        "differences paired by seed.",
                        board.seeds.size()));
    else
        out.push_back("One seed: no interval can be given; more seeds (--seeds 5) would give one.");
    if (!board.oracles.empty())
        out.push_back("bound: an upper bound, not a competitor (it sees what a learner may not).");
    for (const Standing& s : board.incomplete)
        out.push_back(fmt::format("{}: not ranked, {} of {} seeds complete ({}).", s.label,
                                  s.complete, board.seeds.size(), s.missing));
    return out;
}

OrderedJson number(double value) {
    return std::isnan(value) ? OrderedJson(nullptr) : OrderedJson(value);
}

OrderedJson interval_json(const Interval& interval) {
    return {{"mean", number(interval.mean)},
            {"half_width_95", number(interval.half)},
            {"seeds", interval.count}};
}

OrderedJson standing_json(const Standing& s) {
    OrderedJson values = OrderedJson::array();
    for (double value : s.values) values.push_back(number(value));
    OrderedJson json{{"method", s.label}, {"score", interval_json(s.score)}, {"values", values}};
    json["difference_to_best"] =
        s.behind.count > 0 ? interval_json(s.behind) : OrderedJson(nullptr);
    json["forgetting"] = number(s.forgetting);
    json["backward_transfer"] = number(s.backward_transfer);
    json["learning_accuracy"] = number(s.learning_accuracy);
    json["train_seconds"] = number(s.train_seconds);
    json["kept_bytes"] = number(s.kept_bytes);
    json["complete_seeds"] = s.complete;
    if (!s.missing.empty()) json["not_complete"] = s.missing;
    return json;
}

// Full precision, one row a method and benchmark: for programs.
std::string csv_of(const std::vector<Board>& boards) {
    Table table;
    for (const char* title :
         {"benchmark", "group", "rank", "method", "metric", "mean", "half_width_95",
          "difference_to_best", "difference_half_width_95", "forgetting", "backward_transfer",
          "learning_accuracy", "train_seconds", "kept_bytes", "complete_seeds", "seeds"})
        table.columns.push_back({title});
    const auto exact = [](double value) {
        return std::isnan(value) ? std::string() : fmt::format("{}", value);
    };
    for (const Board& board : boards) {
        const auto add = [&](const char* group, const std::string& rank, const Standing& s) {
            table.rows.push_back(
                {board.benchmark, group, rank, s.label, board.metric, exact(s.score.mean),
                 exact(s.score.half), exact(s.behind.mean), exact(s.behind.half),
                 exact(s.forgetting), exact(s.backward_transfer), exact(s.learning_accuracy),
                 exact(s.train_seconds), exact(s.kept_bytes), fmt::format("{}", s.complete),
                 fmt::format("{}", board.seeds.size())});
        };
        int rank = 0;
        for (const Standing& s : board.ranked) add("ranked", fmt::format("{}", ++rank), s);
        for (const Standing& s : board.oracles) add("oracle", "", s);
        for (const Standing& s : board.incomplete) add("incomplete", "", s);
    }
    return render(table, Format::csv);
}

} // namespace

OrderedJson board_json(const Board& board) {
    OrderedJson json{{"benchmark", board.benchmark},
                     {"benchmark_digest", board.digest},
                     {"scenario", board.scenario},
                     {"evaluated_on", board.evaluated_on},
                     {"metric", board.metric},
                     {"higher_is_better", board.higher_is_better},
                     {"chance_accuracy", number(board.chance)},
                     {"seeds", board.seeds},
                     {"interval", "95 % t interval over seeds"}};
    for (const auto& [key, group] : {std::pair{"ranked", &board.ranked},
                                     {"oracles", &board.oracles},
                                     {"incomplete", &board.incomplete}}) {
        json[key] = OrderedJson::array();
        for (const Standing& s : *group) json[key].push_back(standing_json(s));
    }
    return json;
}

std::string board_text(const std::vector<Board>& boards, Format format) {
    if (format == Format::csv) return csv_of(boards);
    if (format == Format::json) {
        OrderedJson all = OrderedJson::array();
        for (const Board& board : boards) all.push_back(board_json(board));
        return OrderedJson{{"leaderboards", all}}.dump(2) + "\n";
    }
    std::string out;
    for (const Board& board : boards) {
        if (!out.empty()) out += "\n";
        const bool latex = format == Format::latex;
        out += (format == Format::markdown ? "### "
                : latex                    ? "% "
                                           : "") +
               heading(board) + "\n" + (latex ? "" : "\n");
        out += render(table_of(board), format);
        if (!latex) out += "\n";
        for (const std::string& remark : remarks(board))
            out += (latex ? "% " : "") + remark + (format == Format::markdown ? "  \n" : "\n");
    }
    return out;
}

} // namespace mneme::cli
