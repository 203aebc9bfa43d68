// SPDX-License-Identifier: Apache-2.0
#include "tree.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include <benchmarks/dataset.hpp>

namespace mneme::bench {

namespace fs = std::filesystem;

namespace {

std::string fingerprint_of(const TreePlan& plan) {
    Sha256 hash;
    for (const auto& path : plan.paths) {
        const fs::path file = plan.root / path;
        hash.add(path + "\n" + std::to_string(fs::file_size(file)) + "\n" +
                 std::to_string(fs::last_write_time(file).time_since_epoch().count()) + "\n");
    }
    return hash.hex();
}

fs::path cache_file(const TreePlan& plan, const std::string& fingerprint) {
    const char *set = std::getenv("XDG_CACHE_HOME"), *home = std::getenv("HOME");
    fs::path folder = set ? set : "";
    if (!folder.is_absolute()) folder = fs::path(home ? home : "/nonexistent") / ".cache";
    return folder / "mneme" / (plan.name + "-" + fingerprint.substr(0, 16) + ".cache");
}

std::string first_line(const TreePlan& plan, const std::string& fingerprint, const Tree& tree) {
    Sha256 hash;
    hash.add(tree.pixels.data(), tree.pixels.size());
    return plan.rule + " " + fingerprint + " " + tree.sha256 + " " + hash.hex();
}

// Empty pixels: nothing usable is kept.
Tree kept(const TreePlan& plan, const std::string& fingerprint, const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::string line;
    if (!std::getline(in, line) || line.size() < 64 * 2 + 1) return {};
    Tree tree{line.substr(line.size() - 64 * 2 - 1, 64),
              std::vector<uint8_t>(plan.paths.size() * plan.bytes_each)};
    const auto bytes = std::streamsize(tree.pixels.size());
    in.read(reinterpret_cast<char*>(tree.pixels.data()), bytes);
    const bool whole = in.gcount() == bytes && in.peek() == std::ifstream::traits_type::eof();
    if (!whole || line != first_line(plan, fingerprint, tree)) return {};
    return tree;
}

// A folder that cannot be written costs time only.
void keep(const TreePlan& plan, const std::string& fingerprint, const Tree& tree,
          const fs::path& path) {
    std::error_code ignored;
    fs::create_directories(path.parent_path(), ignored);
    std::string draft = path.string() + ".XXXXXX";
    const int file = mkstemp(draft.data());
    if (file < 0) return;
    close(file);
    std::ofstream out(draft, std::ios::binary);
    out << first_line(plan, fingerprint, tree) << '\n';
    out.write(reinterpret_cast<const char*>(tree.pixels.data()),
              std::streamsize(tree.pixels.size()));
    out.close();
    if (out) fs::rename(draft, path, ignored);
    fs::remove(draft, ignored);
}

} // namespace

Tree decoded_tree(
    const TreePlan& plan,
    const std::function<std::vector<uint8_t>(const std::string&, const std::string&)>& decode) {
    const std::string fingerprint = fingerprint_of(plan);
    const fs::path cache = cache_file(plan, fingerprint);
    Tree tree = kept(plan, fingerprint, cache);
    if (!tree.pixels.empty()) return tree;
    Sha256 sums;
    tree.pixels.reserve(plan.paths.size() * plan.bytes_each);
    for (const auto& path : plan.paths) {
        std::ifstream in(plan.root / path, std::ios::binary);
        const std::string bytes((std::istreambuf_iterator<char>(in)), {});
        Sha256 hash;
        hash.add(bytes);
        sums.add(hash.hex() + "  " + path + "\n");
        const auto pixels = decode(bytes, (plan.root / path).string());
        tree.pixels.insert(tree.pixels.end(), pixels.begin(), pixels.end());
    }
    tree.sha256 = sums.hex();
    keep(plan, fingerprint, tree, cache);
    return tree;
}

} // namespace mneme::bench
