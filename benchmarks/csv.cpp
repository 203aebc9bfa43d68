// SPDX-License-Identifier: Apache-2.0
// Texts as CSV: a header `text,category`, then a record a text, quoted fields with line breaks and
// doubled quotes (Banking77, and a user's own). Classes are numbered in the order of a JSON array
// of their names, or without one in the byte order of the names in the training file.
#include <algorithm>
#include <memory>
#include <set>

#include <csv.h>
#include <nlohmann/json.hpp>

#include "classes.hpp"
#include "input.hpp"
#include "text.hpp"

namespace mneme::bench {

namespace {

using Record = std::vector<std::string>;

struct Sheet {
    std::vector<Record> records;
    Record open; // not ended yet
};

void end_field(void* bytes, std::size_t size, void* sheet) {
    static_cast<Sheet*>(sheet)->open.emplace_back(static_cast<const char*>(bytes), size);
}
void end_record(int, void* sheet) {
    auto& s = *static_cast<Sheet*>(sheet);
    s.records.push_back(std::move(s.open));
    s.open.clear();
}

struct Parser {
    csv_parser it{};
    Parser() { csv_init(&it, CSV_STRICT | CSV_STRICT_FINI); }
    ~Parser() { csv_free(&it); }
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;
};

// The records behind the header.
std::vector<Record> read_records(Input& in) {
    const std::string text = read_all(in, most_text_bytes);
    Parser parser;
    Sheet sheet;
    const std::size_t parsed =
        csv_parse(&parser.it, text.data(), text.size(), end_field, end_record, &sheet);
    const bool ended =
        parsed == text.size() && csv_fini(&parser.it, end_field, end_record, &sheet) == 0;
    if (!ended)
        in.fail("has a broken quote in record " + std::to_string(sheet.records.size()) +
                " (the header is 0), before byte " + std::to_string(parsed) +
                "; quotes doubled within quotes, and closed, would be right");
    if (sheet.records.empty() || sheet.records[0] != Record{"text", "category"})
        in.fail("has no header text,category; that as the first line would be right");
    for (std::size_t r = 1; r < sheet.records.size(); ++r)
        if (sheet.records[r].size() != 2)
            in.fail("record " + std::to_string(r) + " has " +
                    std::to_string(sheet.records[r].size()) +
                    " fields; 2 (text, category) would be right");
    sheet.records.erase(sheet.records.begin());
    return std::move(sheet.records);
}

ClassNames listed_classes(const DatasetInfo& info, Input& in) {
    const auto list = nlohmann::json::parse(read_all(in, most_text_bytes), nullptr, false);
    const bool names =
        list.is_array() &&
        std::all_of(list.begin(), list.end(), [](const auto& name) { return name.is_string(); });
    if (!names) in.fail("is no JSON array of names; [\"first class\", ...] would be right");
    ClassNames classes(info.classes, in.name());
    for (const auto& name : list) classes.add(name.get<std::string>());
    classes.expect_all();
    return classes;
}

ClassNames classes_in(const DatasetInfo& info, const std::vector<Record>& records,
                      const Input& in) {
    std::set<std::string> names;
    for (const auto& record : records) names.insert(record[1]);
    ClassNames classes(info.classes, in.name());
    for (const auto& name : names) classes.add(name);
    classes.expect_all();
    return classes;
}

void add_records(const std::vector<Record>& records, const ClassNames& classes, const Input& in,
                 TextRows& rows, Images& part, int64_t shift) {
    for (std::size_t r = 0; r < records.size(); ++r) {
        const std::string place = "record " + std::to_string(r + 1);
        const int64_t label = classes.number(records[r][1], in.name(), place);
        if (!rows.add(part, records[r][0], label + shift))
            in.fail(place + " is no UTF-8; text in UTF-8 would be right");
    }
}

} // namespace

std::vector<std::string> read_csv(const DatasetInfo& info, const Place& place, Dataset& into) {
    std::vector<std::unique_ptr<Input>> in;
    for (const auto& file : info.files)
        in.push_back(open_file(file_in(place.path, file.name), "CSV or JSON"));
    const auto train = read_records(*in[0]), test = read_records(*in[1]);
    const ClassNames classes =
        in.size() > 2 ? listed_classes(info, *in[2]) : classes_in(info, train, *in[0]);
    TextRows rows(info);
    add_records(train, classes, *in[0], rows, into.train, into.classes);
    add_records(test, classes, *in[1], rows, into.test, into.classes);
    rows.finish(into);
    std::vector<std::string> digests;
    for (std::size_t f = 0; f < in.size(); ++f) digests.push_back(checked_sha256(info, f, *in[f]));
    return digests;
}

} // namespace mneme::bench
