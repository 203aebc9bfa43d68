// SPDX-License-Identifier: Apache-2.0
#include "variants.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

namespace mneme::results {

Outcome outcome(const Row& row, std::size_t seed) {
    return row.part->outcomes[row.method * row.part->seeds.size() + seed];
}

bool ran(const Row& row, std::size_t seed) { return outcome(row, seed) != Outcome::missing; }

bool ran(const Row& row) {
    for (std::size_t n = 0; n < row.part->seeds.size(); ++n)
        if (ran(row, n)) return true;
    return false;
}

int rank(Outcome outcome) {
    switch (outcome) {
        case Outcome::complete: return 0;
        case Outcome::diverged: return 1;
        case Outcome::failed:
        case Outcome::timeout:
        case Outcome::refused: return 2;
        case Outcome::missing: break;
    }
    return 3;
}

std::vector<std::int32_t> counts(const Block& run) {
    std::vector<std::int32_t> all;
    for (auto member : {&Block::n_correct, &Block::n_correct_task_aware, &Block::initial_correct})
        all.insert(all.end(), (run.*member).data.begin(), (run.*member).data.end());
    return all;
}

std::vector<double> reported(const Block& run) {
    std::vector<double> out;
    for (const double share : run.reported_accuracy.data)
        out.push_back(std::isnan(share) ? -1 : share);
    return out;
}

namespace {

std::string text(const Row& row, const char* key) {
    const Texts* texts = row.part->provenance[row.method];
    if (!texts) return {};
    const auto found = texts->find(key);
    return found == texts->end() ? std::string() : found->second;
}

// What a run was asked to do, as far as provenance says. Host and command line may differ.
std::vector<std::string> settings(const Row& row) {
    const std::string device = text(row, "device");
    return {text(row, "plugin_id"),  text(row, "options_toml"),
            text(row, "train_toml"), text(row, "precision"),
            text(row, "origin"),     device.substr(0, device.find_first_of(" :,("))};
}

std::vector<std::string> build(const Row& row) {
    return {text(row, "plugin_version"), text(row, "plugin_sha256")};
}

bool agree(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), [](const auto& s, const auto& t) {
        return s.empty() || t.empty() || s == t;
    });
}

// The last `count` parts of a path, joined by dots; only what a label may hold is kept.
std::string last_parts(const std::string& source, std::size_t count) {
    std::filesystem::path path = std::filesystem::path(source).lexically_normal();
    if (!path.has_filename()) path = path.parent_path();
    if (path.extension() == ".h5") path.replace_extension();
    std::vector<std::string> parts;
    for (const auto& part : path)
        if (part != "/") parts.push_back(part.string());
    std::string text;
    for (std::size_t i = parts.size() - std::min(count, parts.size()); i < parts.size(); ++i)
        text += (text.empty() ? "" : ".") + parts[i];
    for (char& c : text)
        if (!std::isalnum(static_cast<unsigned char>(c)) &&
            std::string("._+-").find(c) == std::string::npos)
            c = '_';
    return text.size() > 64 ? text.substr(0, 64) : text;
}

// A short name for each source: "out/a.h5" becomes "a"; parents are added where that does not tell
// them apart.
std::map<std::string, std::string> tags(const std::vector<std::string>& sources) {
    const std::set<std::string> distinct(sources.begin(), sources.end());
    std::map<std::string, std::string> result;
    for (std::size_t count = 1; count <= 8; ++count) {
        std::set<std::string> used;
        for (const std::string& source : distinct)
            used.insert(result[source] = last_parts(source, count));
        if (used.size() == distinct.size()) break;
    }
    return result;
}

// What the rows of a variant that ran have said, each once: rows are as many as runs.
using Said = std::set<std::vector<std::string>>;

bool takes(const Said& said, const std::vector<std::string>& texts) {
    return std::all_of(said.begin(), said.end(),
                       [&](const auto& others) { return agree(texts, others); });
}

// Variants of one label. `same_settings` numbers those that differ in the build alone.
struct Numbered {
    Variant variant;
    std::size_t same_settings;
    Said settings = {}, builds = {};

    void add(const Row& row) {
        variant.rows.push_back(row);
        if (!ran(row)) return;
        settings.insert(results::settings(row));
        builds.insert(build(row));
    }
};

// Numbers of entries by what they have in common: there may be as many as runs.
template <class Key> using NumbersOf = std::map<Key, std::vector<std::size_t>>;

void place(std::vector<Numbered>& all, NumbersOf<std::string>& of_label, const Row& row) {
    const std::string& label = row.part->methods[row.method];
    std::size_t settings_of = all.size();
    for (const std::size_t number : of_label[label]) {
        Numbered& entry = all[number];
        if (ran(row) && !takes(entry.settings, settings(row))) continue;
        if (!ran(row) || takes(entry.builds, build(row))) {
            entry.add(row);
            return;
        }
        settings_of = entry.same_settings;
    }
    of_label[label].push_back(all.size());
    all.push_back({{"", label, {}}, settings_of});
    all.back().add(row);
}

// The version of the build, or the start of its SHA-256 where another build has the same version.
std::string build_name(const Numbered& one, const std::vector<Numbered>& all,
                       const NumbersOf<std::size_t>& of_settings) {
    const std::string version = text(one.variant.rows[0], "plugin_version"),
                      sha = text(one.variant.rows[0], "plugin_sha256");
    bool alone = true, version_tells = !version.empty();
    for (const std::size_t number : of_settings.at(one.same_settings)) {
        const Numbered& other = all[number];
        if (&other == &one) continue;
        alone = false;
        if (text(other.variant.rows[0], "plugin_version") == version) version_tells = false;
    }
    if (alone) return "";
    return "@" + (version_tells ? version : sha.substr(0, 8));
}

} // namespace

std::vector<Variant> variants_of(const std::deque<Part>& parts,
                                 const std::vector<std::string>& all_sources) {
    const auto tag_of = tags(all_sources);
    std::vector<Numbered> all;
    NumbersOf<std::string> of_label;
    for (const Part& part : parts)
        for (std::size_t m = 0; m < part.methods.size(); ++m) place(all, of_label, {&part, m});
    NumbersOf<std::size_t> of_settings;
    for (std::size_t i = 0; i < all.size(); ++i) of_settings[all[i].same_settings].push_back(i);
    std::vector<Variant> variants;
    std::set<std::string> taken, met;
    std::map<std::size_t, std::string> label_of; // settings, without the build's name
    for (Numbered& entry : all) {
        const std::string original = entry.variant.original;
        const std::string tagged = original + "@" + tag_of.at(*entry.variant.rows[0].part->source);
        const bool first = met.insert(original).second;
        const std::string base =
            label_of.try_emplace(entry.same_settings, first ? original : tagged).first->second;
        const std::string build = build_name(entry, all, of_settings);
        variants.push_back(entry.variant);
        std::string& label = variants.back().label = base + build;
        for (int i = 2; !taken.insert(label).second; ++i)
            label = tagged + (i == 2 ? "" : "." + std::to_string(i - 1));
    }
    return variants;
}

} // namespace mneme::results
