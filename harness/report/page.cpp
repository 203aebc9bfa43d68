// SPDX-License-Identifier: Apache-2.0
#include "report/page.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <base/text.hpp>

#include "report/benchmark_figures.hpp"
#include "report/failure_section.hpp"
#include "report/leaderboard_section.hpp"
#include "report/resources.hpp"
#include "report/settings.hpp"

namespace mneme::report {
namespace {

using Groups = std::vector<FigureGroup>;

std::string counted(std::size_t count, const std::string& one, const std::string& many) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

void head(Markup& out, const Input& input) {
    out.open("head").empty("meta", {{"charset", "utf-8"}});
    out.empty("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
    // The page needs nothing from elsewhere, and a browser is told so.
    out.empty("meta", {{"http-equiv", "Content-Security-Policy"},
                       {"content",
                        "default-src 'none'; style-src 'unsafe-inline'; script-src "
                        "'unsafe-inline'; img-src data:; base-uri 'none'; form-action "
                        "'none'"}});
    out.empty("link", {{"rel", "icon"}, {"href", "data:,"}});
    out.element("title", input.file.title + " – Mneme report");
    std::size_t methods = 0;
    for (const results::Block& block : input.file.blocks)
        methods = std::max(
            {methods, block.methods.size(), block.geometry_loss.empty() ? 0 : most_geometry_lines});
    methods = std::min<std::size_t>(methods, 64);
    out.open("style").resource(page_style);
    out.text(colour_rules(methods, task_classes, Theme::light));
    out.resource("@media screen and (prefers-color-scheme: dark) {\n");
    out.text(colour_rules(methods, task_classes, Theme::dark)).resource("}\n").close().close();
}

void introduction(Markup& out, const Input& input) {
    out.element("h1", input.file.title.empty() ? "Results" : input.file.title);
    std::size_t runs = 0, complete = 0;
    for (const results::Block& block : input.file.blocks) {
        runs += block.outcome.data.size();
        complete += std::size_t(std::count(block.outcome.data.begin(), block.outcome.data.end(),
                                           std::int32_t(results::Outcome::complete)));
    }
    out.element("p",
                fmt::format("{}, {} of {} complete. Results of {}; page made {}.",
                            counted(input.file.blocks.size(), "benchmark", "benchmarks"), complete,
                            counted(runs, "run", "runs"),
                            input.file.created_utc.empty() ? "now" : input.file.created_utc,
                            input.made_utc),
                {{"class", "remark"}});
    out.open("nav", {{"aria-label", "Contents"}}).open("ul");
    const auto entry = [&](const std::string& to, const std::string& text) {
        out.open("li").element("a", text, {{"href", "#" + to}}).close();
    };
    entry("verdict", "Verdict");
    entry("failures", "Failures");
    entry("leaderboard", "Leaderboard");
    for (std::size_t b = 0; b < input.file.blocks.size(); ++b)
        entry(fmt::format("benchmark-{}", b + 1), input.file.blocks[b].benchmark);
    entry("settings", "Settings");
    entry("provenance", "Provenance");
    out.close().close();
}

// Hidden until the script, without which it does nothing, shows it.
void tools(Markup& out, const results::File& file) {
    std::vector<std::int32_t> seeds;
    for (const results::Block& block : file.blocks)
        seeds.insert(seeds.end(), block.seeds.begin(), block.seeds.end());
    std::sort(seeds.begin(), seeds.end());
    seeds.erase(std::unique(seeds.begin(), seeds.end()), seeds.end());
    out.open("div", {{"class", "tools"}, {"hidden", ""}});
    out.open("label")
        .text("Methods ")
        .empty("input", {{"id", "filter"}, {"type", "search"}, {"placeholder", "all; or words"}});
    out.close().open("label").text("Matrices of ").open("select", {{"id", "seed"}});
    out.element("option", "the mean over seeds", {{"value", ""}});
    for (std::int32_t seed : seeds)
        out.element("option", fmt::format("seed {}", seed), {{"value", fmt::format("{}", seed)}});
    out.close().close().element("span",
                                "Point at a figure, or use the arrow keys on it, to read values.",
                                {{"class", "remark"}});
    out.close();
}

void figure_group(Markup& out, const FigureGroup& group, std::size_t block) {
    out.element("h3", group.heading);
    out.open("p", {{"class", "remark"}}).text(group.remark);
    if (group.by_seed) out.element("strong", "", {{"data-of-seeds", ""}});
    out.close();
    if (!group.legend.str().empty())
        out.open("svg",
                 {{"class", "bar"},
                  {"viewBox", "-8 0 256 30"},
                  {"role", "img"},
                  {"aria-label", fmt::format("Colours from {} to {}", group.low, group.high)}})
            .add(group.legend)
            .close();
    out.open("div", {{"class", group.side_by_side ? "side" : "wide"}});
    for (const Figure& figure : group.figures) out.add(figure_html(figure, block));
    out.close();
}

void benchmark(Markup& out, const results::Block& block, const Groups& groups, std::size_t index) {
    out.open("section", {{"id", fmt::format("benchmark-{}", index + 1)}});
    out.element("h2", block.benchmark);
    out.element(
        "p",
        fmt::format(
            "Scenario {}, {} set{}, {}, {}, {}; chance {:.4f}; benchmark version {}, "
            "digest {}…",
            block.scenario, block.evaluated_on,
            block.evaluate == "all" ? "" : fmt::format(" (evaluated: {} tasks)", block.evaluate),
            counted(block.tasks.size(), "task", "tasks"),
            counted(block.methods.size(), "method", "methods"),
            counted(block.seeds.size(), "seed", "seeds"), block.chance_accuracy, block.version,
            block.digest.substr(0, 12)),
        {{"class", "facts"}});
    for (const FigureGroup& group : groups) figure_group(out, group, index);
    out.close();
}

// What the seed selector draws from: the counts.
std::string script_data(const results::File& file, const std::vector<Groups>& groups) {
    Json json;
    json.begin('{').key("scale").begin('[');
    for (std::size_t step = 0; step < scale_steps; ++step) json.value(scale_colour(step).hex());
    json.end().key("blocks").begin('[');
    for (std::size_t b = 0; b < file.blocks.size(); ++b) {
        const results::Block& block = file.blocks[b];
        const std::size_t tasks = block.tasks.size();
        json.begin('{').key("methods").begin('[');
        for (const std::string& method : block.methods) json.value(method);
        json.end().key("seeds").begin('[');
        for (std::int32_t seed : block.seeds) json.value(seed);
        json.end().key("evaluated").begin('[');
        for (std::int32_t count : block.n_evaluated.data) json.value(count);
        json.end().key("forgetting").begin('[');
        for (const FigureGroup& group : groups[b])
            if (group.by_seed && group.low + group.high != 1)
                json.value(group.low).value(group.high);
        json.end().key("correct").begin('[');
        for (std::size_t m = 0; m < block.methods.size(); ++m) {
            json.begin('[');
            for (std::size_t s = 0; s < block.seeds.size(); ++s) {
                json.begin('[');
                for (std::size_t k = 0; k < tasks * tasks; ++k)
                    json.value(block.n_correct.at({m, s, k / tasks, k % tasks}));
                json.end();
            }
            json.end();
        }
        json.end().key("reported").begin('['); // where another program printed no counts
        for (double accuracy : block.reported_accuracy.data) json.value(accuracy);
        json.end().end();
    }
    return json.end().end().str();
}

void settings(Markup& out, const Input& input) {
    out.open("section", {{"id", "settings"}}).element("h2", "Settings");
    for (const results::Block& block : input.file.blocks) {
        if (input.file.blocks.size() > 1) out.element("h3", block.benchmark);
        out.add(settings_section(block));
    }
    out.close().open("section", {{"id", "provenance"}}).element("h2", "Provenance");
    for (const results::Block& block : input.file.blocks) out.add(provenance_section(block));
    out.element("p", "Made from " + input.sources + " by");
    out.open("pre").element("code", input.command_line).close();
    out.close();
}

} // namespace

std::string page(const Input& input) {
    std::vector<Groups> groups;
    for (const results::Block& block : input.file.blocks) groups.push_back(figures_of(block));
    const leaderboard::Leaderboard board = leaderboard::make_leaderboard(input.file.blocks, {});
    Markup out;
    out.open("html", {{"lang", "en"}});
    head(out, input);
    out.open("body");
    introduction(out, input);
    out.add(verdict_section(board)).add(failure_section(input));
    tools(out, input.file);
    out.add(leaderboard_section(board));
    for (std::size_t b = 0; b < groups.size(); ++b)
        benchmark(out, input.file.blocks[b], groups[b], b);
    settings(out, input);
    out.element("footer", fmt::format("Written by mneme {}. The page needs no network; its figures "
                                      "are drawn without scripts.",
                                      input.version));
    out.element("div", "", {{"id", "value"}, {"role", "status"}, {"hidden", ""}});
    out.open("script", {{"type", "application/json"}, {"id", "data"}});
    out.script_data(script_data(input.file, groups)).close();
    out.open("script").resource(page_script).close();
    return "<!DOCTYPE html>\n" + out.close().close().str() + "\n";
}

} // namespace mneme::report
