// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>
#include <tuple>

#include <mneme/error.hpp>

// The library's assertions meet some malformed files ("[{a]"), and would end the program, or in a release build read on behind what they
// guard. They are made exceptions, but for the one behind which the library finds its own, better words.
namespace mneme::harness {
struct LostReader {};
constexpr void check_reader(bool holds, std::string_view claim) {
    const bool told_anyway = claim.find("is_bare_key_character(*cp)") != claim.npos && claim.find("is_string_delimiter(*cp)") != claim.npos;
    if (!holds && !told_anyway) throw LostReader{};
}
} // namespace mneme::harness
#undef NDEBUG // or the library drops them
#define TOML_ASSERT(expr) ::mneme::harness::check_reader(static_cast<bool>(expr), #expr)
#include <toml++/toml.h>

#include "plan/check.hpp"

namespace mneme::harness {

namespace {

// A deeply nested document would overflow the stack when it is taken apart; every level costs a dot or a bracket.
constexpr std::size_t most_bytes = std::size_t{1} << 20, most_dots = 10000;
constexpr int most_levels = 32;
constexpr const char* toml_remedy = "; a line is key = value, [table] or # comment, with strings in quotes";

class Converter final {
  public:
    // `fixed`: stands for every place, when it is not empty.
    Converter(std::string path, std::string fixed) : path_(std::move(path)), fixed_(std::move(fixed)) {}

    std::string place(const toml::source_region& at, const std::string& otherwise = "") const {
        if (!fixed_.empty()) return fixed_;
        if (!at.begin) return otherwise.empty() ? path_ + ":1:1" : otherwise;
        return path_ + ":" + std::to_string(at.begin.line) + ":" + std::to_string(at.begin.column);
    }

    Node convert(const toml::node& from, const std::string& otherwise, int level = 0) const {
        Node node;
        node.where = place(from.source(), otherwise);
        if (level > most_levels)
            throw Error(node.where + ": values are nested more than 32 deep; a suite or benchmark needs four levels", 65);
        if (const auto* table = from.as_table()) {
            node.members = members(*table, level);
        } else if (const auto* array = from.as_array()) {
            node.kind = Node::Kind::array;
            for (const auto& item : *array) node.items.push_back(convert(item, node.where, level + 1));
        } else {
            scalar(from, node);
        }
        return node;
    }

  private:
    // The library sorts keys; grids and labels need them in file order.
    std::vector<Member> members(const toml::table& table, int level) const {
        std::vector<std::tuple<toml::source_position, std::size_t, Member>> found;
        for (const auto& [key, value] : table) {
            const std::string where = place(key.source());
            found.emplace_back(key.source().begin, found.size(), Member{std::string(key.str()), where, convert(value, where, level + 1)});
        }
        std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
            return std::tie(std::get<0>(a).line, std::get<0>(a).column, std::get<1>(a)) <
                   std::tie(std::get<0>(b).line, std::get<0>(b).column, std::get<1>(b));
        });
        std::vector<Member> sorted;
        for (auto& entry : found) sorted.push_back(std::move(std::get<2>(entry)));
        return sorted;
    }

    static void scalar(const toml::node& from, Node& node) {
        if (const auto* text = from.as_string()) {
            node.kind = Node::Kind::text;
            node.scalar = text->get();
        } else if (const auto* integer = from.as_integer()) {
            node.kind = Node::Kind::integer;
            node.scalar = integer->get();
        } else if (const auto* real = from.as_floating_point()) {
            node.kind = Node::Kind::real;
            node.scalar = real->get();
        } else if (const auto* flag = from.as_boolean()) {
            node.kind = Node::Kind::flag;
            node.scalar = flag->get();
        } else {
            node.kind = Node::Kind::date;
        }
    }

    std::string path_, fixed_;
};

void refuse_giant(const std::string& text, const std::string& path) {
    const auto dots = std::size_t(std::count(text.begin(), text.end(), '.'));
    if (text.size() <= most_bytes && dots <= most_dots) return;
    throw Error(path + ":1:1: the file is too large (" + std::to_string(text.size()) + " bytes, " + std::to_string(dots) +
                    " dots); a suite or benchmark has at most " + std::to_string(most_bytes) + " bytes and " + std::to_string(most_dots) +
                    " dots",
                65);
}

std::string spoken(std::string_view description) {
    std::string text(description);
    // "Error while parsing table: expected ..." says nothing that the place does not say.
    const auto colon = text.find(": ");
    if (text.rfind("Error while parsing", 0) == 0 && colon != std::string::npos) text = text.substr(colon + 2);
    return one_line(text);
}

} // namespace

Node parse_toml(const std::string& text, const std::string& path) {
    refuse_giant(text, path);
    const Converter converter(path, "");
    try {
        return converter.convert(toml::parse(text, path), path + ":1:1");
    } catch (const toml::parse_error& fault) {
        throw Error(converter.place(fault.source()) + ": not TOML: " + spoken(fault.description()) +
                        toml_remedy,
                    65);
    } catch (const LostReader&) {
        throw Error(path + ":1:1: not TOML: the reader cannot say where" + toml_remedy, 65);
    }
}

Node parse_toml_file(const std::filesystem::path& path, const std::string& what) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    std::string text;
    if (file && !std::filesystem::is_directory(path)) text.assign(std::istreambuf_iterator<char>(file), {});
    else if (errno == 0) errno = EISDIR;
    if (errno != 0 || file.bad())
        throw Error(path.string() + ": cannot be read (" + std::strerror(errno) + "); the path of a " + what + " file would be right", 65);
    return parse_toml(text, path.string());
}

Node parse_value(const std::string& text, const std::string& where) {
    const auto bare = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || std::strchr("._+-", c); };
    refuse_giant(text, where);
    try {
        const toml::table table = toml::parse("value = " + text);
        if (const toml::node* value = table.get("value"); value && table.size() == 1) return Converter("", where).convert(*value, where);
    } catch (const LostReader&) {
    } catch (const toml::parse_error&) {
        if (!text.empty() && std::all_of(text.begin(), text.end(), bare)) {
            Node word;
            word.kind = Node::Kind::text;
            word.where = where;
            word.scalar = text;
            return word;
        }
    }
    throw Error(where + ": the value is not TOML; a number, true, false, \"text\" or {grid = [1, 2]} would be right", 65);
}

} // namespace mneme::harness
