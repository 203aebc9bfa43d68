// SPDX-License-Identifier: Apache-2.0
// What makes the reading strict: each function takes a value or throws ExitError (bad_input) with
// place, fault and remedy.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <benchmarks/spec.hpp>

#include "plan/node.hpp"

namespace mneme::harness {

using Names = std::vector<std::string>;

[[noreturn]] void fail(const std::string& where, const std::string& what); // on one line

std::string kind_of(const Node&);          // "a string", "an integer", ...
std::string one_line(const std::string&);  // control characters as \n or ?
std::string in_quotes(const std::string&); // "text", cut when it is long
std::string shown(const nlohmann::json&);  // a scalar in a message or a label: shortest decimal
std::string remedy(const std::string& word,
                   const Names& known); // `the nearest known one is "x"`, or what is known

bool is_label(const std::string&); // [A-Za-z0-9._+-]{1,64}

const Member* find(const Node& table, const std::string& key);
void want_table(const Member&);
void allow(const Node& table, const Names& keys,
           const std::string& in); // the first key that is not known is a fault

std::string want_text(const Member&);
std::string want_choice(const Member&, const Names& known, const std::string& noun);
int64_t want_integer(const Member&, int64_t least, int64_t most = INT64_MAX);
double want_real(const Member&, double least);

// Values of a spec, by the type of the field.
void take(const Member&, std::string& to);
void take(const Member&, int64_t& to);
void take(const Member&, double& to);
void take(const Member&, bool& to);
void take(const Member&, std::vector<int64_t>& to);
void take(const Member&, std::vector<double>& to);
void take(const Member&, std::vector<std::string>& to);
void take(const Member&, bench::ClassCounts& to);
void take(const Member&, bench::ClassOrder& to);
void take(const Member&, std::map<std::string, std::string>&); // a table of strings
void take(const Member&, std::vector<bench::LayerSpec>& to);   // layer_tables.cpp

} // namespace mneme::harness
