// SPDX-License-Identifier: Apache-2.0
#include "variants.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>

namespace mneme::results {

bool ran(const Row& row, std::size_t seed) {
    const Block& block = *row.part->block;
    return block.outcome.data[row.method * block.seeds.size() + seed] !=
           static_cast<std::int32_t>(Outcome::missing);
}

bool ran(const Row& row) {
    for (std::size_t n = 0; n < row.part->block->seeds.size(); ++n)
        if (ran(row, n)) return true;
    return false;
}

std::size_t seed_index(const Block& block, std::int32_t seed) {
    return static_cast<std::size_t>(std::find(block.seeds.begin(), block.seeds.end(), seed) -
                                    block.seeds.begin());
}

namespace {

// What a run's digest covers, as far as provenance tells. Host, command line, plugin file and
// versions may differ.
std::vector<std::string> identity(const Row& row) {
    const Block& block = *row.part->block;
    const auto group = block.provenance.find(block.methods[row.method]);
    const auto text = [&](const char* key) -> std::string {
        if (group == block.provenance.end()) return {};
        const auto found = group->second.find(key);
        return found == group->second.end() ? std::string() : found->second;
    };
    const std::string device = text("device");
    return {text("plugin_id"), text("options_toml"), text("train_toml"), text("precision"),
            device.substr(0, device.find_first_of(" :,("))};
}

// The counts of one run, for telling a copy from a run that came out otherwise.
std::vector<std::int32_t> counts(const Row& row, std::size_t seed) {
    const Block& block = *row.part->block;
    const std::size_t run = row.method * block.seeds.size() + seed,
                      runs = block.methods.size() * block.seeds.size();
    std::vector<std::int32_t> all{block.outcome.data[run]};
    for (auto member : {&Block::n_correct, &Block::n_correct_task_aware, &Block::initial_correct}) {
        const auto& data = (block.*member).data;
        const auto size = static_cast<std::ptrdiff_t>(data.size() / runs);
        const auto begin = data.begin() + static_cast<std::ptrdiff_t>(run) * size;
        all.insert(all.end(), begin, begin + size);
    }
    return all;
}

bool same_method(const Row& a, const Row& b) {
    const auto x = identity(a), y = identity(b);
    return std::equal(x.begin(), x.end(), y.begin(), [](const auto& s, const auto& t) {
        return s.empty() || t.empty() || s == t;
    });
}

bool clashes(const Row& a, const Row& b) {
    for (std::size_t i = 0; i < a.part->block->seeds.size(); ++i) {
        const std::size_t j = seed_index(*b.part->block, a.part->block->seeds[i]);
        if (j < b.part->block->seeds.size() && ran(a, i) && ran(b, j) &&
            counts(a, i) != counts(b, j))
            return true;
    }
    return false;
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

} // namespace

bool Variant::takes(const Row& row) const {
    if (original != row.part->block->methods[row.method]) return false;
    return !ran(row) || std::all_of(rows.begin(), rows.end(), [&](const Row& other) {
        return !ran(other) || (same_method(row, other) && !clashes(row, other));
    });
}

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

} // namespace mneme::results
