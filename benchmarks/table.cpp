// SPDX-License-Identifier: Apache-2.0
// A user's own numbers as CSV: a column of classes, by name or by number; every other column is a
// feature, in the order of the file. Values are put in the description's shape row by row. Classes
// are numbered in the order of their labels where all are whole numbers, else in the byte order of
// their names, of the training file.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <set>

#include "classes.hpp"
#include "csv_parser.hpp"
#include "numbers.hpp"

namespace mneme::bench {

namespace {

using Record = std::vector<std::string>;

std::string quoted(const std::string& text) { return "\"" + in_words(text) + "\""; }

std::string listed(const Record& fields) {
    std::string text;
    for (std::size_t i = 0; i < std::min<std::size_t>(fields.size(), 6); ++i)
        text += (text.empty() ? "" : ", ") + in_words(fields[i]);
    return text + (fields.size() > 6 ? ", ..." : "");
}

// Without spaces around it, and a plus sign before it.
std::string_view bare(std::string_view text) {
    const auto first = text.find_first_not_of(" \t"), last = text.find_last_not_of(" \t");
    text = first == text.npos ? std::string_view() : text.substr(first, last - first + 1);
    return text.size() > 1 && text[0] == '+' ? text.substr(1) : text;
}

bool is_number(const std::string& text, float& value) {
    const auto field = bare(text);
    const auto end = field.data() + field.size();
    const auto [at, error] = std::from_chars(field.data(), end, value);
    return at == end && !field.empty() && error == std::errc();
}

// One file's columns as its lines are read: nothing but the numbers and labels stays.
class Table final {
  public:
    Table(const DatasetInfo& info, const Input& in) : info_(info), in_(in) {}

    void take(const Record& record, std::size_t line) {
        if (columns_ == 0) {
            columns_ = record.size();
            const bool named = has_header(record, line);
            find_label(record, named);
            if (named) return;
        }
        const std::string place = "line " + std::to_string(line);
        if (record.size() != columns_)
            in_.fail(place + " has " + std::to_string(record.size()) + " fields; expected " +
                     std::to_string(columns_) + ", as line 1 has");
        for (std::size_t c = 0; c < columns_; ++c)
            if (c != label_) take_number(record[c], place + ", column " + names_[c]);
        if (bare(record[label_]).empty())
            in_.fail(place + ", column " + names_[label_] +
                     " is empty; expected the class of the example");
        labels.emplace_back(bare(record[label_]));
    }

    std::vector<uint8_t> bytes;
    Record labels; // of each example
    std::size_t features() const { return columns_ - 1; }
    const Record& names() const { return names_; } // quoted, or their numbers

  private:
    bool has_header(const Record& first, std::size_t line) const {
        const ColumnRule& rule = info_.columns;
        if (rule.header) return *rule.header;
        if (rule.label_number == 0) return true;
        const auto place = std::size_t(rule.label_number) - 1;
        float value = 0;
        for (std::size_t c = 0; c < first.size(); ++c)
            if (c != place && !is_number(first[c], value)) return true;
        in_.fail("line " + std::to_string(line) +
                 " has numbers only; say header = false in the description, or header = true "
                 "where they are the columns' names");
    }
    void find_label(const Record& first, bool named) {
        const ColumnRule& rule = info_.columns;
        for (std::size_t c = 0; c < columns_; ++c) {
            if (named && bare(first[c]).empty())
                in_.fail("column " + std::to_string(c + 1) +
                         " has no name, as a row's number that pandas writes; leave it out "
                         "(to_csv(..., index=False)), or name it");
            names_.push_back(named ? quoted(first[c]) : std::to_string(c + 1));
        }
        if (rule.label_number > int64_t(columns_))
            in_.fail("has " + std::to_string(columns_) + " columns (" + listed(first) +
                     "); expected label = " + std::to_string(rule.label_number) + " among them");
        label_ = std::size_t(rule.label_number - 1);
        if (rule.label_number == 0) {
            const auto found = std::find(first.begin(), first.end(), rule.label);
            if (found == first.end())
                in_.fail("has no column " + quoted(rule.label) + "; line 1 has " + listed(first) +
                         (columns_ == 1 ? "; expected several columns: say separator" : ""));
            if (std::find(found + 1, first.end(), rule.label) != first.end())
                in_.fail("has two columns " + quoted(rule.label) + "; expected one");
            label_ = std::size_t(found - first.begin());
        }
        int64_t values = 1;
        for (int64_t size : info_.shape) values *= size;
        if (int64_t(features()) != values)
            in_.fail("has " + std::to_string(features()) + " columns besides " + names_[label_] +
                     "; expected " + std::to_string(values) + ", as shape says");
    }
    void take_number(const std::string& field, const std::string& place) {
        float value = 0;
        if (!is_number(field, value)) {
            const bool comma = field.find(',') != std::string::npos;
            in_.fail(place + (bare(field).empty() ? " is empty; expected a number: fill it in, or "
                                                    "leave the line out"
                                                  : " is " + quoted(field) +
                                                        "; expected a number that fits 32 bits" +
                                                        (comma ? ", with a decimal point" : "")));
        }
        if (!std::isfinite(value))
            in_.fail(place + " is " + quoted(field) +
                     "; expected a finite number: fill it in, or leave the line out");
        const auto at = bytes.size();
        bytes.resize(at + sizeof value);
        std::memcpy(bytes.data() + at, &value, sizeof value);
    }

    const DatasetInfo& info_;
    const Input& in_;
    std::size_t columns_ = 0, label_ = 0;
    Record names_;
};

// The first of tab, semicolon and comma that stands outside quotes in line 1.
char separator_of(const DatasetInfo& info, const std::string& text) {
    if (!info.columns.separator.empty()) return info.columns.separator[0];
    for (const char separator : {'\t', ';'}) {
        bool quotes = false;
        for (char c : text) {
            if (c == '"') quotes = !quotes;
            if (!quotes && c == separator) return separator;
            if (!quotes && (c == '\n' || c == '\r')) break;
        }
    }
    return ',';
}

struct Records {
    Record open;
    std::vector<Record> ended; // of the line that is parsed
};

Table read_table(const DatasetInfo& info, Input& in) {
    std::string text = read_all(in, uint64_t{1} << 34);
    const std::size_t before = remove_csv_preamble(in, text);
    CsvParser parser(separator_of(info, text));
    Records records;
    const auto end_field = [](void* bytes, std::size_t size, void* to) {
        static_cast<Records*>(to)->open.emplace_back(static_cast<const char*>(bytes), size);
    };
    const auto end_record = [](int, void* to) {
        auto& all = *static_cast<Records*>(to);
        all.ended.push_back(std::move(all.open));
        all.open.clear();
    };
    Table table(info, in);
    std::size_t line = before, begun = 0;         // begun: where the record that is open began
    for (std::size_t at = 0; at < text.size();) { // line by line, so that messages have its number
        auto end = text.find_first_of("\r\n", at);
        end = end == text.npos ? text.size() : end + (text.compare(end, 2, "\r\n") == 0 ? 2 : 1);
        ++line;
        if (begun == 0) begun = line;
        const bool sound =
            csv_parse(&parser.it, text.data() + at, end - at, end_field, end_record, &records) ==
                end - at &&
            (end < text.size() || csv_fini(&parser.it, end_field, end_record, &records) == 0);
        if (!sound)
            in.fail("line " + std::to_string(begun) +
                    " has a broken quote; expected quotes doubled within quotes, and closed");
        for (const Record& record : records.ended) table.take(record, begun);
        if (!records.ended.empty() || end - at <= 2) begun = 0;
        records.ended.clear();
        at = end;
    }
    if (table.labels.empty()) in.fail("has no examples; expected a line for each");
    return table;
}

bool is_whole(const std::string& text, int64_t& value) {
    const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && at == text.data() + text.size();
}

ClassNames classes_in(const DatasetInfo& info, const Record& labels, const Input& in) {
    const std::set<std::string> names(labels.begin(), labels.end());
    std::vector<std::pair<int64_t, std::string>> ordered;
    bool whole = true;
    for (const auto& name : names) {
        int64_t value = 0;
        whole = whole && is_whole(name, value);
        ordered.emplace_back(value, name);
    }
    if (whole) std::sort(ordered.begin(), ordered.end());
    ClassNames classes(info.classes, in.name());
    for (const auto& [value, name] : ordered) classes.add(name);
    classes.expect_all();
    return classes;
}

} // namespace

std::vector<std::string> read_table(const DatasetInfo& info, const Place& place, Dataset& into) {
    const auto train_in = open_file(file_in(place.path, info.files[0].name), "a CSV file"),
               test_in = open_file(file_in(place.path, info.files[1].name), "a CSV file");
    Table train = read_table(info, *train_in), test = read_table(info, *test_in);
    if (train.names() != test.names())
        test_in->fail("has the columns " + listed(test.names()) + "; expected those of " +
                      std::filesystem::path(train_in->name()).filename().string() + ", " +
                      listed(train.names()));
    const ClassNames classes = classes_in(info, train.labels, *train_in);
    const auto append = [&](Table& table, const Input& in, Images& part) {
        std::vector<int64_t> labels;
        for (std::size_t i = 0; i < table.labels.size(); ++i)
            labels.push_back(
                classes.number(table.labels[i], in.name(), "example " + std::to_string(i + 1)));
        std::vector<int64_t> shape = info.shape;
        shape.insert(shape.begin(), int64_t(labels.size()));
        append_array(info, in, "x", {shape, std::move(table.bytes)}, labels, part, into.classes);
    };
    append(train, *train_in, into.train);
    append(test, *test_in, into.test);
    return {checked_sha256(info, 0, *train_in), checked_sha256(info, 1, *test_in)};
}

} // namespace mneme::bench
