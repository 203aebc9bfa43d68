// SPDX-License-Identifier: Apache-2.0
#include "leaderboard/print_comparison.hpp"

#include <cmath>

#include <fmt/format.h>
#include <base/escape.hpp>
#include <base/text.hpp>

#include "leaderboard/print.hpp"

namespace mneme::leaderboard {
namespace {

using Json = nlohmann::ordered_json;

std::string decimal(double value, int digits) {
    return std::isnan(value) ? "-" : fmt::format("{:.{}f}", value, digits);
}

std::string p_text(double p) { return std::isnan(p) ? "-" : fmt::format("{:.3g}", p); }

std::string seeds_needed_text(const BenchmarkComparison& one) {
    if (one.seeds_needed == 0) return "-";
    return one.seeds_needed > most_seeds ? "more than 1,000" : fmt::format("{}", one.seeds_needed);
}

std::string margin_words(const Comparison& all) {
    return std::isnan(all.margin) ? "exactly"
                                  : "within " + margin_text(all.metric->unit, all.margin);
}

Interval difference_of(const BenchmarkComparison& one) {
    return {one.difference.n, one.difference.mean, one.test.half};
}

Table facts(const Comparison& all, const BenchmarkComparison& one) {
    const Measure& metric = *all.metric;
    return {{{all.metric->words()}, {"value"}},
            {{all.a, with_interval(metric, one.a, false)},
             {all.b, with_interval(metric, one.b, false)},
             {"difference", with_interval(metric, difference_of(one), true)},
             {"p (paired t)", p_text(one.test.p)},
             {"p (signed rank)", p_text(one.signed_rank.p)},
             {"p (sign flips)", p_text(one.p_sign_flips)},
             {"effect size (Hedges)", decimal(one.test.gz, 2)},
             {fmt::format("P({} better)", all.a), decimal(one.posterior.better, 3)},
             {fmt::format("P(equal {})", margin_words(all)), decimal(one.posterior.equal, 3)},
             {fmt::format("P({} worse)", all.a), decimal(one.posterior.worse, 3)},
             {"seeds needed, in all", seeds_needed_text(one)}}};
}

Table over_benchmarks(const Comparison& all) {
    const Interval difference{all.pooled.benchmarks, all.pooled.mean, all.pooled.half(all.alpha)};
    return {{{"over " + counted(all.pooled.benchmarks, "benchmark")}, {"value"}},
            {{"mean difference", with_interval(*all.metric, difference, true)},
             {"p (t, Satterthwaite)", p_text(all.pooled.p)},
             {"p (sign flips)", p_text(all.p_sign_flips)},
             {fmt::format("P({} better), Bayesian signed rank", all.a),
              decimal(all.signed_rank.better, 3)},
             {fmt::format("P(equal {})", margin_words(all)), decimal(all.signed_rank.equal, 3)},
             {fmt::format("P({} worse)", all.a), decimal(all.signed_rank.worse, 3)}}};
}

Table tasks(const Comparison& all, const BenchmarkComparison& one) {
    const Measure& accuracy = *find_measure("average_accuracy");
    Table table{
        {{"accuracy after the last task"}, {all.a, true}, {all.b, true}, {"difference", true}}, {}};
    for (const TaskDifference& task : one.tasks)
        table.rows.push_back({task.task, shown(Unit::share, task.a.mean),
                              shown(Unit::share, task.b.mean),
                              with_interval(accuracy, task.difference, true)});
    return table;
}

Table settings(const Comparison& all, const BenchmarkComparison& one) {
    Table table{{{"setting that differs"}, {all.a}, {all.b}}, {}};
    const auto cell = [](const std::string& text) {
        return text.empty() ? std::string("-") : shortened(text, 24);
    };
    for (const Setting& setting : one.settings)
        table.rows.push_back({setting.name, cell(setting.a), cell(setting.b)});
    return table;
}

std::string heading(const BenchmarkComparison& one) {
    std::string limits = one.limits_a;
    if (one.limits_a != one.limits_b)
        limits = (one.limits_a.empty() ? "no limit" : one.limits_a) + " beside " +
                 (one.limits_b.empty() ? "no limit" : one.limits_b);
    return fmt::format("{} ({} set; {}{})", base::one_line(one.benchmark), one.evaluated_on,
                       counted(one.seeds.size(), "common seed"),
                       limits.empty() ? "" : "; " + base::one_line(limits));
}

std::string prose(const std::string& text, Format format) {
    if (format == Format::markdown) return base::markdown_text(text) + "\n";
    if (format == Format::latex) return base::latex_text(text) + "\n";
    return wrapped(text);
}

std::string shown_table(const Table& table, Format format) {
    return render(format == Format::table ? fitted(table) : table, format);
}

std::string text_of(const Comparison& all, Format format) {
    std::string out;
    for (const BenchmarkComparison& one : all.benchmarks) {
        out += (out.empty() ? "" : "\n") + std::string(format == Format::markdown ? "## " : "") +
               prose(heading(one), format) + (format == Format::table ? "" : "\n") +
               prose(one.sentence, format) + "\n" + shown_table(facts(all, one), format) + "\n" +
               shown_table(tasks(all, one), format);
        if (!one.settings.empty()) out += "\n" + shown_table(settings(all, one), format);
    }
    if (!all.sentence.empty())
        out +=
            "\n" + prose(all.sentence, format) + "\n" + shown_table(over_benchmarks(all), format);
    return out;
}

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json interval(const Interval& one) {
    return {{"mean", number(one.mean)}, {"half_width_95", number(one.half)}, {"seeds", one.count}};
}

Json benchmark_json(const BenchmarkComparison& one) {
    Json json{{"benchmark", one.benchmark},
              {"evaluated_on", one.evaluated_on},
              {"limits_a", one.limits_a},
              {"limits_b", one.limits_b},
              {"seeds", one.seeds},
              {"a", interval(one.a)},
              {"b", interval(one.b)},
              {"difference", interval(difference_of(one))},
              {"t", number(one.test.t)},
              {"p", number(one.test.p)},
              {"p_signed_rank", number(one.signed_rank.p)},
              {"signed_rank_w", number(one.signed_rank.w)},
              {"p_sign_flips", number(one.p_sign_flips)},
              {"cohen_dz", number(one.test.dz)},
              {"hedges_gz", number(one.test.gz)},
              {"p_equal", number(one.p_equal)},
              {"probability_better", number(one.posterior.better)},
              {"probability_equal", number(one.posterior.equal)},
              {"probability_worse", number(one.posterior.worse)},
              {"decision", name(one.decision)},
              {"seeds_needed", one.seeds_needed == 0 || one.seeds_needed > most_seeds
                                   ? Json(nullptr)
                                   : Json(one.seeds_needed)},
              {"more_seeds_than_1000", one.seeds_needed > most_seeds},
              {"text", one.sentence}};
    json["tasks"] = Json::array();
    for (const TaskDifference& task : one.tasks)
        json["tasks"].push_back({{"task", task.task},
                                 {"a", interval(task.a)},
                                 {"b", interval(task.b)},
                                 {"difference", interval(task.difference)}});
    json["settings"] = Json::array();
    for (const Setting& setting : one.settings)
        json["settings"].push_back({{"name", setting.name}, {"a", setting.a}, {"b", setting.b}});
    return json;
}

Json comparison_json(const Comparison& all) {
    Json json{{"a", all.a},
              {"b", all.b},
              {"metric", all.metric->name},
              {"higher_is_better", all.metric->higher_is_better},
              {"alpha", all.alpha},
              {"margin", number(all.margin)}};
    json["benchmarks"] = Json::array();
    for (const BenchmarkComparison& one : all.benchmarks)
        json["benchmarks"].push_back(benchmark_json(one));
    json["overall"] = nullptr;
    if (all.pooled.benchmarks > 1)
        json["overall"] = {{"mean_difference", number(all.pooled.mean)},
                           {"half_width", number(all.pooled.half(all.alpha))},
                           {"degrees_of_freedom", number(all.pooled.degrees)},
                           {"standard_error", number(all.pooled.error)},
                           {"p", number(all.pooled.p)},
                           {"p_sign_flips", number(all.p_sign_flips)},
                           {"probability_better", number(all.signed_rank.better)},
                           {"probability_equal", number(all.signed_rank.equal)},
                           {"probability_worse", number(all.signed_rank.worse)},
                           {"sign_differs", all.pooled.signs_differ()},
                           {"text", all.sentence}};
    return json;
}

std::string csv_of(const std::vector<Comparison>& comparisons) {
    Table table;
    for (const char* title :
         {"a", "b", "benchmark", "metric", "seeds", "mean_a", "mean_b", "difference",
          "half_width_95", "p", "hedges_gz", "p_equal", "probability_better", "probability_equal",
          "probability_worse", "decision"})
        table.columns.push_back({title});
    const auto exact = [](double value) {
        return std::isnan(value) ? std::string() : base::number(value);
    };
    for (const Comparison& all : comparisons)
        for (const BenchmarkComparison& one : all.benchmarks)
            table.rows.push_back(
                {all.a, all.b, one.benchmark, all.metric->name, fmt::format("{}", one.seeds.size()),
                 exact(one.a.mean), exact(one.b.mean), exact(one.difference.mean),
                 exact(one.test.half), exact(one.test.p), exact(one.test.gz), exact(one.p_equal),
                 exact(one.posterior.better), exact(one.posterior.equal),
                 exact(one.posterior.worse), name(one.decision)});
    return render(table, Format::csv);
}

} // namespace

Json to_json(const std::vector<Comparison>& comparisons) {
    Json all = Json::array();
    for (const Comparison& one : comparisons) all.push_back(comparison_json(one));
    return {{"comparisons", all}};
}

std::string print(const std::vector<Comparison>& comparisons, Format format) {
    if (format == Format::json)
        return to_json(comparisons).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    if (format == Format::csv) return csv_of(comparisons);
    std::string text;
    for (const Comparison& one : comparisons)
        text += (text.empty() ? "" : "\n") + text_of(one, format);
    return text;
}

} // namespace mneme::leaderboard
