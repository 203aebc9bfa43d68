// SPDX-License-Identifier: Apache-2.0
// A TOML document as values with places, so that a message can name file, line and column. The TOML
// library stays behind toml.cpp.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace mneme::harness {

struct Member;

struct Node {
    enum class Kind { table, array, text, integer, real, flag, date };
    Kind kind = Kind::table;
    std::string where;           // "suite.toml:12:3"
    nlohmann::json scalar;       // text, integer, real, flag
    std::vector<Member> members; // of a table, in file order
    std::vector<Node> items;     // of an array
};

struct Member {
    std::string key, where;
    Node value;
};

// Throw ExitError (bad_input) for what is not TOML.
Node parse_toml(const std::string& text, const std::string& path);
Node parse_toml_file(const std::filesystem::path&,
                     const std::string& what); // what: "suite", "benchmark"

// A value typed on a command line: TOML, or a bare word that stands for itself. All of it is at
// `where`.
Node parse_value(const std::string& text, const std::string& where);

} // namespace mneme::harness
