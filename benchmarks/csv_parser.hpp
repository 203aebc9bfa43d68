// SPDX-License-Identifier: Apache-2.0
// What readers of CSV files share, over libcsv. Private to this room.
#pragma once

#include <string>

#include <csv.h>

#include "input.hpp"

namespace mneme::bench {

// Strict: quotes within quotes are doubled, and closed.
struct CsvParser {
    csv_parser it{};
    explicit CsvParser(char separator) {
        csv_init(&it, CSV_STRICT | CSV_STRICT_FINI);
        csv_set_delim(&it, static_cast<unsigned char>(separator));
    }
    ~CsvParser() { csv_free(&it); }
    CsvParser(const CsvParser&) = delete;
    CsvParser& operator=(const CsvParser&) = delete;
};

// Takes out what spreadsheets write before the header: a byte order mark, and a line "sep=;". How
// many lines it took; throws for UTF-16 and UTF-32.
inline std::size_t remove_csv_preamble(const Input& in, std::string& text) {
    const std::string mark = "\xEF\xBB\xBF", remedy = "; save it as CSV in UTF-8";
    if (text.rfind("\xFF\xFE", 0) == 0 || text.rfind("\xFE\xFF", 0) == 0)
        in.fail("is in UTF-16" + remedy);
    if (text.find('\0') < 4) in.fail("begins with zero bytes, as UTF-16 and UTF-32 do" + remedy);
    if (text.rfind(mark, 0) == 0) text.erase(0, mark.size());
    if (text.rfind("sep=", 0) != 0) return 0;
    text.erase(0, text.find('\n') + 1);
    return 1;
}

} // namespace mneme::bench
