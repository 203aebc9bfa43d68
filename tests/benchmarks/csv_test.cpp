// SPDX-License-Identifier: Apache-2.0
// CSV as spreadsheets write it: what is read, and what is refused by name.
#include "catch.hpp"
#include "support.hpp"

using namespace bench_test;

namespace {

struct Sheets {
    Folder folder;
    DatasetInfo info;

    Sheets() {
        info.name = "sheets";
        info.how_to_get = "make it";
        info.classes = 2;
        info.format = Format::csv;
        info.shape = {4, 8};
        info.files = {{"train.csv", 0, "", ""}, {"test.csv", 0, "", ""}};
        folder.write("test.csv", "text,category\none,a\n");
    }
    Dataset read(const std::string& train) const {
        folder.write("train.csv", train);
        return load(info, {folder.path()});
    }
    std::string refusal(const std::string& train) const {
        return shorten(folder, fault_of([&] { read(train); }));
    }
};

} // namespace

TEST_CASE("CSV: a byte order mark, semicolons, tabs, sep= and quotes give the same examples") {
    const Sheets sheets;
    const Dataset plain = sheets.read("text,category\none two,a\nthree,b\n");
    CHECK(plain.train.labels == std::vector<uint16_t>{0, 1});
    for (const std::string text :
         {"\xEF\xBB\xBFtext,category\r\none two,a\r\nthree,b\r\n",
          "text;category\r\none two;a\r\nthree;b\r\n", "text\tcategory\none two\ta\nthree\tb\n",
          "\xEF\xBB\xBF\"text\";\"category\"\r\n\"one two\";\"a\"\r\n\"three\";\"b\"\r\n",
          "sep=;\r\ntext;category\r\none two;a\r\nthree;b\r\n",
          "text,category\rone two,a\rthree,b\r", "text,category\none two,a\nthree,b"}) {
        const Dataset data = sheets.read(text);
        CHECK(data.train.pixels == plain.train.pixels);
        CHECK(data.train.labels == plain.train.labels);
    }
}

TEST_CASE("CSV: a quoted field may hold line ends, separators and quotes") {
    const Sheets sheets;
    const Dataset data =
        sheets.read("text,category\r\n\"one\r\ntwo\",a\r\n\"three, \"\" four\",b\r\n");
    CHECK(data.train.count == 2);
    CHECK(data.train.pixels ==
          sheets.read("text,category\none two,a\n\"three, \"\" four\",b\n").train.pixels);
}

TEST_CASE("CSV: UTF-16 and UTF-32 are refused by name") {
    const Sheets sheets;
    const std::string remedy = "; save it as CSV in UTF-8";
    CHECK(sheets.refusal(std::string("\xFF\xFEt\0e\0", 6)) == "D/train.csv: is in UTF-16" + remedy);
    CHECK(sheets.refusal(std::string("\xFE\xFF\0t\0e", 6)) == "D/train.csv: is in UTF-16" + remedy);
    for (const std::string& text : {std::string("t\0e\0x\0t\0", 8), std::string("\0t\0e", 4)})
        CHECK(sheets.refusal(text) ==
              "D/train.csv: begins with zero bytes, as UTF-16 and UTF-32 do" + remedy);
    CHECK(sheets.refusal("text,category\ncaf\xE9,a\ntwo,b\n") ==
          "D/train.csv: record 1 is not UTF-8; expected text in UTF-8");
}

TEST_CASE("CSV: a record of three fields is refused: a comma in its text would shift the class") {
    const Sheets sheets;
    CHECK(sheets.refusal("text,category\none,a\nthree, four,b\n") ==
          "D/train.csv: record 2 has 3 fields; expected 2 (text, category)");
}
