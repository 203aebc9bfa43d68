// SPDX-License-Identifier: Apache-2.0
#include <base/error.hpp>
#include <base/regular_file.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include "catch.hpp"
#include "folder.hpp"

using namespace mneme::base;
using mneme::test::Folder;
namespace fs = std::filesystem;

namespace {

std::string refusal(const Folder& folder, const std::string& name, std::uint64_t most = 100) {
    try {
        read_file(folder / name, most);
    } catch (const ExitError& error) {
        CHECK(error.code() == ExitCode::bad_input);
        return folder.shorten(error.what());
    }
    return "";
}

} // namespace

TEST_CASE("a regular file is read to its end, up to the bytes that it may have") {
    Folder folder;
    folder.write("a", std::string(100, 'x'));
    CHECK(read_file(folder / "a", 100) == std::string(100, 'x'));
    CHECK(refusal(folder, "a", 99) ==
          "a: is larger than the 99 bytes that such a file may have; it was not written by this "
          "program");
}

TEST_CASE("what is not a regular file is refused by its kind, and nothing waits") {
    Folder folder;
    folder.write("a", "text");
    fs::create_symlink("a", folder / "link");
    fs::create_symlink("none", folder / "dangling");
    fs::create_symlink("/dev/zero", folder / "device");
    fs::create_directory(folder / "d");
    REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
    const std::string link = ": is a symbolic link; remove it, a regular file was expected";
    for (const std::string name : {"link", "dangling", "device"})
        CHECK(refusal(folder, name) == name + link);
    CHECK(refusal(folder, "d") == "d: is a folder; a file was expected");
    CHECK(refusal(folder, "pipe") ==
          "pipe: is a pipe, a socket or a device; remove it, a regular file was expected");
    CHECK(refusal(folder, "none") == "none: does not exist");
}

TEST_CASE("a link that the user has typed is followed, to a regular file only") {
    Folder folder;
    folder.write("a", "text");
    fs::create_symlink("a", folder / "link");
    fs::create_symlink("/dev/zero", folder / "device");
    CHECK(read_file(folder / "link", 100, Links::follow) == "text");
    CHECK_THROWS_AS(read_file(folder / "device", 100, Links::follow), ExitError);
}

TEST_CASE("appending makes the file, keeps what is there, and follows no link") {
    Folder folder;
    for (const char* text : {"a", "b"})
        REQUIRE(write(open_for_append(folder / "log").number(), text, 1) == 1);
    CHECK(read_file(folder / "log", 100) == "ab");
    folder.write("target", "kept");
    fs::create_symlink("target", folder / "link");
    CHECK_THROWS_AS(open_for_append(folder / "link"), ExitError);
    REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
    CHECK_THROWS_AS(open_for_append(folder / "pipe"), ExitError);
    CHECK(read_file(folder / "target", 100) == "kept");
}
