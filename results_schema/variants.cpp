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
    const Block& block = *row.part->block;
    return static_cast<Outcome>(block.outcome.data[row.method * block.seeds.size() + seed]);
}

bool ran(const Row& row, std::size_t seed) { return outcome(row, seed) != Outcome::missing; }

bool ran(const Row& row) {
    for (std::size_t n = 0; n < row.part->block->seeds.size(); ++n)
        if (ran(row, n)) return true;
    return false;
}

std::size_t seed_index(const Block& block, std::int32_t seed) {
    return static_cast<std::size_t>(std::find(block.seeds.begin(), block.seeds.end(), seed) -
                                    block.seeds.begin());
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

std::vector<std::int32_t> counts(const Row& row, std::size_t seed) {
    const Block& block = *row.part->block;
    const std::size_t run = row.method * block.seeds.size() + seed,
                      runs = block.methods.size() * block.seeds.size();
    std::vector<std::int32_t> all;
    for (auto member : {&Block::n_correct, &Block::n_correct_task_aware, &Block::initial_correct}) {
        const auto& data = (block.*member).data;
        const auto size = static_cast<std::ptrdiff_t>(data.size() / runs);
        const auto begin = data.begin() + static_cast<std::ptrdiff_t>(run) * size;
        all.insert(all.end(), begin, begin + size);
    }
    return all;
}

std::vector<double> reported(const Row& row, std::size_t seed) {
    const Array<double>& all = row.part->block->reported_accuracy;
    if (all.empty()) return {};
    const std::size_t size = all.shape[2] * all.shape[3],
                      run = row.method * row.part->block->seeds.size() + seed;
    std::vector<double> out;
    for (std::size_t i = run * size; i < (run + 1) * size; ++i)
        out.push_back(std::isnan(all.data[i]) ? -1 : all.data[i]);
    return out;
}

namespace {

std::string text(const Row& row, const char* key) {
    const Block& block = *row.part->block;
    const auto group = block.provenance.find(block.methods[row.method]);
    if (group == block.provenance.end()) return {};
    const auto found = group->second.find(key);
    return found == group->second.end() ? std::string() : found->second;
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

void place(std::vector<Numbered>& all, const Row& row, const std::string& label) {
    std::size_t settings_of = all.size();
    for (Numbered& entry : all) {
        if (entry.variant.original != label) continue;
        if (ran(row) && !takes(entry.settings, settings(row))) continue;
        if (!ran(row) || takes(entry.builds, build(row))) {
            entry.add(row);
            return;
        }
        settings_of = entry.same_settings;
    }
    all.push_back({{"", label, {}}, settings_of});
    all.back().add(row);
}

// The version of the build, or the start of its SHA-256 where another build has the same version.
std::string build_name(const Numbered& one, const std::vector<Numbered>& all) {
    const std::string version = text(one.variant.rows[0], "plugin_version"),
                      sha = text(one.variant.rows[0], "plugin_sha256");
    bool alone = true, version_tells = !version.empty();
    for (const Numbered& other : all) {
        if (&other == &one || other.same_settings != one.same_settings) continue;
        alone = false;
        if (text(other.variant.rows[0], "plugin_version") == version) version_tells = false;
    }
    if (alone) return "";
    return "@" + (version_tells ? version : sha.substr(0, 8));
}

} // namespace

std::vector<Variant> variants_of(const std::vector<Part>& parts,
                                 const std::vector<std::string>& all_sources) {
    const auto tag_of = tags(all_sources);
    std::vector<Numbered> all;
    for (const Part& part : parts)
        for (std::size_t m = 0; m < part.block->methods.size(); ++m)
            place(all, {&part, m}, part.block->methods[m]);
    std::vector<Variant> variants;
    std::set<std::string> taken;
    std::map<std::size_t, std::string> of_settings; // the label without the build's name
    for (const Numbered& entry : all) {
        const std::string& original = entry.variant.original;
        const std::string tagged = original + "@" + tag_of.at(entry.variant.rows[0].part->source);
        const bool first = std::none_of(of_settings.begin(), of_settings.end(), [&](auto& known) {
            return all[known.first].variant.original == original;
        });
        const std::string base =
            of_settings.try_emplace(entry.same_settings, first ? original : tagged).first->second;
        Variant variant = entry.variant;
        variant.label = base + build_name(entry, all);
        for (int i = 2; !taken.insert(variant.label).second; ++i)
            variant.label = tagged + (i == 2 ? "" : "." + std::to_string(i - 1));
        variants.push_back(std::move(variant));
    }
    return variants;
}

} // namespace mneme::results
