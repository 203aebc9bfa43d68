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
    // For completion: words, or a command whose output has them in the first column; empty: files.
    std::vector<std::string> suggestions = {};
    std::string suggested_by = {};
    std::int64_t least = 1; // of a number
};

// What completion scripts know of an argument.
struct Declared {
    std::vector<std::string> names; // "--name", "-n"; empty: a positional argument
    std::string help;
    std::vector<std::string> words;
    std::string words_from; // a command
    bool takes_value = true;
};

// Names are "--name", "-n,--name", or "name" for a positional argument.
class Arguments final {
  public:
    explicit Arguments(CLI::App& app) : app_(app) {}

    const std::vector<Declared>& declared() const { return declared_; }

    void flag(const std::string& names, bool& to, const std::string& help);
    void value(const std::string& names, std::string& to, const Value&);
    void value(const std::string& names, std::filesystem::path& to, const Value&);
    void value(const std::string& names, std::int64_t& to, const Value&);
    void values(const std::string& names, std::vector<std::string>& to, const Value&); // repeatable
    void values(const std::string& names, Paths& to, const Value&);

  private:
    template <class T> CLI::Option* add(const std::string& names, T& to, const Value&);
    template <class T> void add_list(const std::string& names, T& to, const Value&);

    void note(const std::string& names, const Value&, bool takes_value);

    CLI::App& app_;
    std::vector<Declared> declared_;
};

} // namespace mneme::cli
