// SPDX-License-Identifier: Apache-2.0
// Mammoth's logs.pyd: a Python dictionary a line, a run each. It is read, never evaluated: keys are
// texts, of the values only numbers and texts count, and the others are passed over. Only in
// class-IL (and the task-IL file beside it) it holds the accuracy on every task; elsewhere nothing
// but means over tasks, of which the first is the accuracy on task 1.
#include <cstdio>
#include <map>
#include <sstream>

#include <base/error.hpp>

#include "importer/formats.hpp"
#include "importer/table.hpp"

namespace mneme::importer {

namespace {

// One line. The values are the source text of numbers and names, and the contents of texts.
class Dictionary final {
  public:
    Dictionary(const std::string& line, const std::string& place) : line_(line), place_(place) {
        if (!take('{')) refuse();
        while (!take('}')) {
            const std::string key = text();
            if (!take(':')) refuse();
            entries_[key] = is_quote() ? text() : other();
            if (!take(',') && (at_ >= line_.size() || line_[at_] != '}')) refuse();
        }
    }
    const std::map<std::string, std::string>& entries() const { return entries_; }

  private:
    [[noreturn]] void refuse() const {
        throw base::ExitError(base::ExitCode::bad_input,
                              place_ + ": is not a dictionary as Mammoth writes it, at byte " +
                                  std::to_string(at_ + 1) + "; take another copy");
    }
    void skip_space() {
        while (at_ < line_.size() && (line_[at_] == ' ' || line_[at_] == '\r')) ++at_;
    }
    bool take(char wanted) {
        skip_space();
        if (at_ >= line_.size() || line_[at_] != wanted) return false;
        ++at_;
        return true;
    }
    bool is_quote() {
        skip_space();
        return at_ < line_.size() && (line_[at_] == '\'' || line_[at_] == '"');
    }
    std::string text() {
        if (!is_quote()) refuse();
        const char quote = line_[at_++];
        std::string content;
        for (; at_ < line_.size() && line_[at_] != quote; ++at_) {
            if (line_[at_] == '\\' && at_ + 1 < line_.size()) ++at_;
            content += line_[at_];
        }
        if (at_ >= line_.size()) refuse();
        ++at_;
        return content;
    }
    // Up to the comma or brace that ends this entry, over whatever is nested in it.
    std::string other() {
        const std::size_t begin = at_;
        for (int depth = 0; at_ < line_.size(); ++at_) {
            if (is_quote()) {
                text();
                --at_;
                continue;
            }
            if (at_ >= line_.size()) break;
            const char c = line_[at_];
            if (depth == 0 && (c == ',' || c == '}')) return line_.substr(begin, at_ - begin);
            if (c == '(' || c == '[' || c == '{') ++depth;
            if (c == ')' || c == ']' || c == '}') --depth;
        }
        refuse();
    }

    const std::string& line_;
    const std::string place_;
    std::size_t at_ = 0;
    std::map<std::string, std::string> entries_;
};

// "97.5", or "np.float64(97.5)" as newer versions of numpy print it.
std::string plain_number(const std::string& value) {
    const std::size_t open = value.find('('), close = value.rfind(')');
    return open == std::string::npos || close == std::string::npos
               ? value
               : value.substr(open + 1, close - open - 1);
}

} // namespace

Evaluations read_mammoth(const std::string& text, const std::string& file, const RunName& names) {
    Evaluations all;
    std::istringstream lines(text);
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number) {
        if (line.empty()) continue;
        const std::string place = file + ", line " + std::to_string(number);
        const Dictionary dictionary(line, place);
        const auto& entries = dictionary.entries();
        const auto said = [&](const char* key, const std::string& other) {
            const auto found = entries.find(key);
            return found == entries.end() || found->second == "None" ? other : found->second;
        };
        RunName run = names;
        if (run.benchmark.empty()) run.benchmark = said("dataset", "");
        if (run.method.empty()) run.method = said("model", "");
        run.seed = whole_number(said("seed", std::to_string(names.seed + number - 1)),
                                place + ", seed", 0, 2'000'000'000);
        const bool whole = entries.contains("accuracy_1_task1");
        int tasks = 0; // without the matrix, only the means tell how many
        while (entries.contains("accmean_task" + std::to_string(tasks + 1))) ++tasks;
        for (const auto& [key, value] : entries) {
            int evaluated = 1, trained = 1, length = 0;
            const bool cell = std::sscanf(key.c_str(), "accuracy_%d_task%d%n", &evaluated, &trained,
                                          &length) == 2 &&
                              static_cast<std::size_t>(length) == key.size();
            if (!cell && (whole || key != "accmean_task1")) continue;
            const std::string where = place + ", " + key;
            whole_number(std::to_string(evaluated), where, 1, 10'000);
            whole_number(std::to_string(trained), where, 1, 10'000);
            const Accuracy read = accuracy(plain_number(value), where, 100);
            all.push_back({run, trained, evaluated, -1, -1, read.value, read.decimals, tasks});
        }
    }
    return all;
}

} // namespace mneme::importer
