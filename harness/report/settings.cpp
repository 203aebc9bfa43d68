// SPDX-License-Identifier: Apache-2.0
#include "report/settings.hpp"

#include <algorithm>
#include <set>
#include <sstream>

namespace mneme::report {
namespace {

void add_lines(Settings& settings, const std::string& toml, const std::string& prefix) {
    std::istringstream lines(toml);
    std::string line;
    while (std::getline(lines, line)) {
        const std::size_t equals = line.find(" = ");
        if (equals == std::string::npos) continue;
        std::string value = line.substr(equals + 3);
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
            value = value.substr(1, value.size() - 2);
        settings[prefix + line.substr(0, equals)] = value;
    }
}

bool of_training(const std::string& key) { return key.rfind("train.", 0) == 0; }

// The value that most methods have.
std::string usual(const std::vector<Settings>& all, const std::string& key) {
    std::map<std::string, std::size_t> counts;
    for (const Settings& one : all)
        if (const auto found = one.find(key); found != one.end()) ++counts[found->second];
    const auto most = std::max_element(counts.begin(), counts.end(),
                                       [](auto& a, auto& b) { return a.second < b.second; });
    return most == counts.end() ? "" : most->first;
}

void train_table(Markup& out, const results::Block& block, const std::vector<Settings>& all) {
    std::set<std::string> keys;
    for (const Settings& one : all)
        for (const auto& [key, value] : one)
            if (of_training(key)) keys.insert(key);
    out.open("div", {{"class", "scroll"}}).open("table").open("thead").open("tr");
    out.element("th", "method", {{"scope", "col"}});
    for (const std::string& key : keys) out.element("th", key.substr(6), {{"scope", "col"}});
    out.close().close().open("tbody");
    for (std::size_t m = 0; m < all.size(); ++m) {
        out.open("tr", {{"data-method", block.methods[m]}});
        out.element("th", block.methods[m], {{"scope", "row"}});
        for (const std::string& key : keys) {
            const auto found = all[m].find(key);
            out.open("td");
            if (found == all[m].end()) out.text("–");
            else if (found->second != usual(all, key)) out.element("mark", found->second);
            else out.text(found->second);
            out.close();
        }
        out.close();
    }
    out.close().close().close();
}

// Options are each method's own: a list, marked where methods of one plugin differ.
void option_table(Markup& out, const results::Block& block, const std::vector<Settings>& all,
                  const std::vector<std::string>& differing) {
    out.open("div", {{"class", "scroll"}}).open("table").open("thead").open("tr");
    for (const char* title : {"method", "plugin", "options"})
        out.element("th", title, {{"scope", "col"}, {"class", "text"}});
    out.close().close().open("tbody");
    for (std::size_t m = 0; m < all.size(); ++m) {
        out.open("tr", {{"data-method", block.methods[m]}});
        out.element("th", block.methods[m], {{"scope", "row"}});
        out.element("td", provenance_of(block, block.methods[m], "plugin_id"), {{"class", "text"}});
        out.open("td", {{"class", "wrap"}});
        bool first = true;
        for (const auto& [key, value] : all[m]) {
            if (of_training(key)) continue;
            if (!first) out.text(", ");
            first = false;
            const bool differs =
                std::find(differing.begin(), differing.end(), key) != differing.end();
            out.element(differs ? Literal("mark") : Literal("span"), key + " = " + value);
        }
        if (first) out.text("none");
        out.close().close();
    }
    out.close().close().close();
}

} // namespace

std::string provenance_of(const results::Block& block, const std::string& method,
                          const std::string& key) {
    const auto table = block.provenance.find(method);
    if (table == block.provenance.end()) return "";
    const auto found = table->second.find(key);
    return found == table->second.end() ? "" : found->second;
}

Settings settings_of(const results::Block& block, const std::string& method) {
    Settings settings;
    add_lines(settings, provenance_of(block, method, "options_toml"), "");
    add_lines(settings, provenance_of(block, method, "train_toml"), "train.");
    return settings;
}

std::vector<std::string> grid_keys(const results::File& file) {
    std::set<std::string> keys;
    for (const results::Block& block : file.blocks) {
        std::map<std::string, Settings> first; // of each plugin
        for (const std::string& method : block.methods) {
            const std::string plugin = provenance_of(block, method, "plugin_id");
            const Settings mine = settings_of(block, method);
            if (plugin.empty() || mine.empty()) continue;
            const auto [other, is_first] = first.emplace(plugin, mine);
            if (is_first) continue;
            const Settings& theirs = other->second;
            Settings either = mine;
            either.insert(theirs.begin(), theirs.end());
            for (const auto& [key, value] : either) {
                const auto a = mine.find(key), b = theirs.find(key);
                if (a == mine.end() || b == theirs.end() || a->second != b->second)
                    keys.insert(key);
            }
        }
    }
    return {keys.begin(), keys.end()};
}

Markup settings_section(const results::Block& block) {
    std::vector<Settings> all;
    for (const std::string& method : block.methods) all.push_back(settings_of(block, method));
    Markup out;
    out.element("p",
                "Effective values, defaults included. Marked in [train]: what differs from the "
                "value that most methods have; in the options: what differs between methods of one "
                "plugin.",
                {{"class", "remark"}});
    train_table(out, block, all);
    option_table(out, block, all, grid_keys({"", "", {block}}));
    return out;
}

Markup provenance_section(const results::Block& block) {
    std::map<std::string, std::map<std::string, std::vector<std::string>>> values; // key, text, who
    for (const auto& [method, table] : block.provenance)
        for (const auto& [key, text] : table)
            if (key != "options_toml" && key != "train_toml") values[key][text].push_back(method);
    Markup out;
    out.open("details").element("summary", "Provenance of " + block.benchmark);
    out.open("div", {{"class", "scroll"}}).open("table").open("tbody");
    const auto row = [&](const std::string& head, const std::string& whom,
                         const std::string& text) {
        out.open("tr").element("th", head, {{"scope", "row"}}).element("td", whom);
        out.open("td", {{"class", "wrap"}}).element("code", text.empty() ? "–" : text).close();
        out.close();
    };
    row("benchmark_digest", "", block.digest);
    row("benchmark_toml", "", block.toml);
    for (const auto& [key, texts] : values)
        for (const auto& [text, methods] : texts) {
            std::string whom;
            if (texts.size() > 1)
                for (const std::string& method : methods)
                    whom += (whom.empty() ? "" : ", ") + method;
            row(key, whom.empty() ? "all" : whom, text);
        }
    out.close().close().close().close();
    return out;
}

} // namespace mneme::report
