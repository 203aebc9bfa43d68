// SPDX-License-Identifier: Apache-2.0
// The arguments of one command: it declares each with the variable that receives it. A thin front
// of the command-line library, which is slow to compile and is seen by parse.cpp alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace mneme::cli {

using Paths = std::vector<std::filesystem::path>;

struct Value {
    std::string type; // what the help calls it: DIR, NAME
    std::string help;
    bool required = false;
    std::vector<std::string> choices = {}; // empty: anything
    std::int64_t least = 1;                // of a number
};

// Names are "--name", "-n,--name", or "name" for a positional argument.
class Arguments final {
  public:
    explicit Arguments(CLI::App& app) : app_(app) {}

    void flag(const std::string& names, bool& to, const std::string& help);
    void value(const std::string& names, std::string& to, const Value&);
    void value(const std::string& names, std::filesystem::path& to, const Value&);
    void value(const std::string& names, std::int64_t& to, const Value&);
    void values(const std::string& names, std::vector<std::string>& to, const Value&); // repeatable
    void values(const std::string& names, Paths& to, const Value&);

  private:
    template <class T> CLI::Option* add(const std::string& names, T& to, const Value&);
    template <class T> void add_list(const std::string& names, T& to, const Value&);

    CLI::App& app_;
};

} // namespace mneme::cli
