// SPDX-License-Identifier: Apache-2.0
// Who may have had a hand in a plugin: its file, every folder above it, every link on the way
// (docs/security.md).
#include "catch.hpp"

#include "support.hpp"

using namespace loader_test;

namespace {

void mode(const fs::path& path, mode_t bits) { REQUIRE(chmod(path.c_str(), bits) == 0); }

struct Place { // outer/inner/good_c.so
    Folder base;
    fs::path outer = base / "outer", inner = outer / "inner", file;
    Place() {
        fs::create_directories(inner);
        mode(outer, 0755), mode(inner, 0755);
        file = plant("good_c", inner);
    }
};

} // namespace

TEST_CASE("what everyone may write is refused: file, folder, folder above it") {
    const Place p;
    CHECK(said(refusal(p.file)) == "taken");
    mode(p.file, 0666);
    CHECK(said(refusal(p.file)) == "5 FILE: writable by everyone; run chmod o-w FILE");
    mode(p.file, 01666); // on a file the sticky bit protects nothing
    CHECK(said(refusal(p.file)) == "5 FILE: writable by everyone; run chmod o-w FILE");
    mode(p.file, 0644), mode(p.inner, 0777);
    CHECK(said(refusal(p.file)) == "5 FILE: its folder " + p.inner.string() +
                                       " is writable by everyone; run chmod o-w " +
                                       p.inner.string());
    mode(p.inner, 0755), mode(p.outer, 0757);
    CHECK(said(refusal(p.file)) == "5 FILE: its folder " + p.outer.string() +
                                       " is writable by everyone; run chmod o-w " +
                                       p.outer.string());
    mode(p.outer, 01777); // in a sticky folder nobody replaces what is another's
    CHECK(said(refusal(p.file)) == "taken");
}

TEST_CASE("what the group may write is a warning, and refused when locked") {
    const Place p;
    mode(p.file, 0664), mode(p.outer, 0775);
    const auto warnings = inspect(p.file).warnings;
    REQUIRE(warnings.size() == 2);
    CHECK(warnings[0] == p.file.string() + ": its folder " + p.outer.string() +
                             " is writable by its group; run chmod g-w " + p.outer.string());
    CHECK(warnings[1] ==
          p.file.string() + ": writable by its group; run chmod g-w " + p.file.string());
    Options locked;
    locked.locked = true;
    CHECK(said(refusal(p.file, {}, locked)) ==
          "7 FILE: its folder " + p.outer.string() +
              " is writable by its group, which --locked refuses; run chmod g-w " +
              p.outer.string());
    mode(p.outer, 0755);
    CHECK(said(refusal(p.file, {}, locked)) ==
          "7 FILE: writable by its group, which --locked refuses; run chmod g-w FILE");
    mode(p.file, 0644);
    CHECK(said(refusal(p.file, {}, locked)) == "taken");
    CHECK(inspect(p.file).warnings.empty());
}

TEST_CASE("what belongs to neither root nor the user is refused") {
    if (geteuid() != 0) mneme::test::skip("only root can give a file away");
    const Place p;
    REQUIRE(chown(p.file.c_str(), 12345, 12345) == 0);
    CHECK(
        said(refusal(p.file)) ==
        "6 FILE: owned by user 12345, neither root nor you; copy the plugin to a folder of yours");
    REQUIRE(chown(p.file.c_str(), 0, 0) == 0);
    REQUIRE(chown(p.outer.c_str(), 12345, 12345) == 0);
    CHECK(
        said(refusal(p.file)) ==
        "6 FILE: its folder " + p.outer.string() +
            " is owned by user 12345, neither root nor you; copy the plugin to a folder of yours");
    REQUIRE(chown(p.outer.c_str(), 0, 0) == 0);
    fs::create_symlink("good_c.so", p.inner / "link.so");
    REQUIRE(lchown((p.inner / "link.so").c_str(), 12345, 12345) == 0);
    CHECK(said(refusal(p.inner / "link.so")) ==
          "6 FILE: the link FILE is owned by user 12345, neither root nor you; copy the plugin to "
          "a folder of yours");
}

TEST_CASE("a link may not lead out of the plugin folder") {
    const Place p;
    const auto outside = plant("fails", p.outer);
    const auto link = p.inner / "link.so";
    fs::create_symlink(outside, link);
    CHECK(said(refusal(link)) == "4 FILE: leads out of the plugin folder " + p.inner.string() +
                                     ", to " + outside.string() +
                                     "; put the file itself there, or name its own folder");
    CHECK(said(refusal(link, p.outer)) == "taken");
    CHECK_THAT(said(refusal(p.inner / "../fails.so", p.inner)),
               Catch::Matchers::StartsWith("4 FILE: leads out of the plugin folder "));
    fs::create_symlink("good_c.so", p.inner / "near.so");
    CHECK(said(refusal(p.inner / "near.so")) == "taken");
    // A sibling whose name begins with the folder's is not in it.
    fs::create_directory(p.outer / "inner2");
    const auto sibling = plant("fails", p.outer / "inner2");
    fs::remove(link);
    fs::create_symlink("../inner2/fails.so", link);
    CHECK_THAT(said(refusal(link)), Catch::Matchers::StartsWith("4 FILE: "));
}

TEST_CASE("a folder that a link leads through counts too") {
    const Place p;
    const auto loose = p.base / "loose";
    fs::create_directory(loose);
    fs::create_symlink(p.inner, loose / "plugins");
    CHECK(said(refusal(loose / "plugins" / "good_c.so", loose / "plugins")) == "taken");
    mode(loose, 0777); // anyone may bend the link
    CHECK(said(refusal(loose / "plugins" / "good_c.so", loose / "plugins")) ==
          "5 FILE: its folder " + loose.string() + " is writable by everyone; run chmod o-w " +
              loose.string());
}

TEST_CASE("what is no regular file is refused, at once") {
    const Place p;
    const auto pipe = p.inner / "pipe.so";
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    CHECK(said(refusal(pipe)) == "2 FILE: not a regular file; a plugin is a shared object (.so)");
    CHECK(said(refusal(p.inner)) ==
          "2 FILE: not a regular file; a plugin is a shared object (.so)");
    CHECK(said(refusal(p.inner / "absent.so")) ==
          "1 FILE: cannot be read (No such file or directory); give the path of a plugin that can");
    CHECK(said(refusal(p.file / "below.so")) ==
          "1 FILE: cannot be read (Not a directory); give the path of a plugin that can");
    fs::create_symlink("loop.so", p.inner / "loop.so");
    CHECK(said(refusal(p.inner / "loop.so")) ==
          "1 FILE: cannot be read (Too many levels of symbolic links); give the path of a plugin "
          "that can");
    const auto huge = p.inner / "huge.so";
    write(huge, "");
    fs::resize_file(huge, (uintmax_t{1} << 30) + 1);
    CHECK(said(refusal(huge)) ==
          "3 FILE: larger than 1 GiB; a plugin is a shared object that holds methods alone");
}
