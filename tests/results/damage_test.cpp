// SPDX-License-Identifier: Apache-2.0
// Damaged files: an error of ours, never a crash, and never numbers that differ from those written.
#include "catch.hpp"

#include "alter.hpp"

using namespace mneme::results;
using test::bytes_of;
using test::Folder;
using test::put_bytes;

namespace {

std::string read_error(const std::filesystem::path& path) {
    try {
        read(path);
        return "";
    } catch (const std::runtime_error& e) {
        return e.what();
    }
}

} // namespace

TEST_CASE("a file cut short at any length is refused, with both lengths") {
    Folder folder;
    const auto path = folder / "r.h5";
    write(path, test::file_of({test::domain_block()}));
    const std::string whole = bytes_of(path);
    const std::string size = std::to_string(whole.size()),
                      remedy = " bytes; take another copy or run again";
    REQUIRE(whole.size() > 20000);
    std::size_t tried = 0;
    for (std::size_t length = 0; length < whole.size(); length += length < 100 ? 1 : 397, ++tried) {
        put_bytes(path, whole.substr(0, length));
        const std::string cut = std::to_string(length), error = read_error(path);
        const std::string wanted =
            length < 8    ? ": is only " + cut + " bytes long; take another copy or run again"
            : length < 48 ? ": is truncated, " + cut + " of more" + remedy
                          : ": is truncated, " + cut + " of " + size + remedy;
        if (error != path.string() + wanted || validate(path) != std::vector<std::string>{error})
            FAIL("cut to " << length << ": " << error);
    }
    CHECK(tried > 150);
    put_bytes(path, whole.substr(0, whole.size() - 1));
    CHECK(read_error(path) == path.string() + ": is truncated, " +
                                  std::to_string(whole.size() - 1) + " of " + size + remedy);
    put_bytes(path, whole);
    CHECK(read_error(path).empty());
}

TEST_CASE("files of other kinds are refused") {
    Folder folder;
    const auto path = folder / "x.h5";
    put_bytes(path, "");
    CHECK(read_error(path) ==
          path.string() + ": is only 0 bytes long; take another copy or run again");
    put_bytes(path, std::string(5000, 'x'));
    CHECK(read_error(path) == path.string() + ": is not an HDF5 file; give a results file (.h5)");
    put_bytes(path, "\x89HDF\r\n\x1a\n" + std::string(5000, '\x07'));
    CHECK(read_error(path).find(path.string() + ": cannot open (HDF5: ") == 0);
    CHECK(validate(path).size() == 1);
    CHECK(read_error(folder.path()) ==
          folder.path().string() + ": is a folder; give a results file (.h5)");
    CHECK(read_error(folder / "none.h5") ==
          (folder / "none.h5").string() +
              ": cannot be opened: No such file or directory; give a results file (.h5)");
    CHECK(validate(folder / "none.h5") ==
          std::vector<std::string>{
              (folder / "none.h5").string() +
              ": cannot be opened: No such file or directory; give a results file (.h5)"});
}
