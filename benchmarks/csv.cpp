// SPDX-License-Identifier: Apache-2.0
// Texts as CSV: a header `text,category`, then a record a text, quoted fields with line breaks and
// doubled quotes (Banking77, and a user's own). Classes are numbered in the order of a JSON array
// of their names, or without one in the byte order of the names in the training file.
#include <algorithm>
#include <memory>
#include <set>

#include <nlohmann/json.hpp>

#include "classes.hpp"
#include "csv_parser.hpp"
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

// Between the two names of the header, as spreadsheets of other countries write it.
char separator_of(const std::string& text) {
    for (const char separator : {';', '\t'})
        for (const std::string quote : {"", "\""})
            if (text.rfind(quote + "text" + quote + separator, 0) == 0) return separator;
    return ',';
}

// The records behind the header.
std::vector<Record> read_records(Input& in) {
    std::string text = read_all(in, most_text_bytes);
    remove_csv_preamble(in, text);
    CsvParser parser(separator_of(text));
    Sheet sheet;
    const std::size_t parsed =
        csv_parse(&parser.it, text.data(), text.size(), end_field, end_record, &sheet);
    const bool ended =
        parsed == text.size() && csv_fini(&parser.it, end_field, end_record, &sheet) == 0;
    if (!ended)
        in.fail("has a broken quote in record " + std::to_string(sheet.records.size()) +
                " (the header is 0), before byte " + std::to_string(parsed) +
                "; expected quotes doubled within quotes, and closed");
    if (sheet.records.empty() || sheet.records[0] != Record{"text", "category"})
        in.fail(
            "has no header text,category; expected it as the first line, or for columns of "
            "numbers label = \"the column of the classes\" in the description");
    for (std::size_t r = 1; r < sheet.records.size(); ++r)
        if (sheet.records[r].size() != 2)
            in.fail("record " + std::to_string(r) + " has " +
                    std::to_string(sheet.records[r].size()) +
                    " fields; expected 2 (text, category)");
    sheet.records.erase(sheet.records.begin());
    return std::move(sheet.records);
}

ClassNames listed_classes(const DatasetInfo& info, Input& in) {
    const auto list = nlohmann::json::parse(read_all(in, most_text_bytes), nullptr, false);
    const bool names =
        list.is_array() &&
        std::all_of(list.begin(), list.end(), [](const auto& name) { return name.is_string(); });
    if (!names) in.fail("is not a JSON array of names; expected [\"first class\", ...]");
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
            in.fail(place + " is not UTF-8; expected text in UTF-8");
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
