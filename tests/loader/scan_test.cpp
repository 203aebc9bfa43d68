// SPDX-License-Identifier: Apache-2.0
// Plugin folders: what is found, what hides what, what is refused.
#include "catch.hpp"

#include "support.hpp"

using namespace loader_test;

TEST_CASE("the zoo: every refused file is kept with its reason") {
    std::map<std::string, Fault> refused;
    const auto found = scan({FIXTURE_FOLDER});
    for (const auto& r : found.refused) {
        refused[r.path.stem()] = r.fault;
        CHECK_THAT(r.message, Catch::Matchers::StartsWith(r.path.string() + ": "));
    }
    CHECK(refused == std::map<std::string, Fault>{{"needs_libtorch", Fault::needs_libtorch},
                                                  {"newer_target", Fault::newer_target},
                                                  {"no_entry", Fault::no_entry},
                                                  {"no_note", Fault::no_note},
                                                  {"not_elf", Fault::not_elf},
                                                  {"truncated", Fault::damaged},
                                                  {"unknown_flag", Fault::unknown_flag},
                                                  {"wrong_major", Fault::other_major}});
    for (const auto& p : found.plugins) {
        REQUIRE(p.methods.size() == 1);
        CHECK(p.methods[0].id == p.path.stem());
    }
    CHECK(std::is_sorted(found.plugins.begin(), found.plugins.end(),
                         [](const auto& a, const auto& b) { return a.path < b.path; }));
}

TEST_CASE("the earlier folder wins, and a warning says so") {
    const Folder one, two;
    const auto first = plant("good_c", one), second = plant("good_c", two),
               other = plant("fails", two);
    const auto found = scan({one, two});
    REQUIRE(found.plugins.size() == 2);
    CHECK(found.plugins[0].path == first);
    CHECK(found.plugins[1].path == other);
    REQUIRE(found.warnings.size() == 1);
    CHECK(found.warnings[0] == second.string() + ": its method good_c is hidden by " +
                                   first.string() + ", which is found earlier; remove one of them");
    CHECK(scan({two, one}).plugins[1].path == second);
}

TEST_CASE("a refused file hides nothing") {
    const Folder one, two;
    write(one / "good_c.so", read(fixture("good_c")).substr(0, 4000));
    const auto second = plant("good_c", two);
    const auto found = scan({one, two});
    REQUIRE(found.plugins.size() == 1);
    CHECK(found.plugins[0].path == second);
    CHECK(found.refused.size() == 1);
    CHECK(found.warnings.empty());
}

TEST_CASE(
    "a folder given twice, one that is absent, a link to a neighbour and other files make no "
    "noise") {
    const Folder folder;
    const auto file = plant("good_c", folder, "z");
    fs::create_symlink("z.so", folder / "zz.so");
    write(folder / "notes.txt", "not looked at");
    fs::create_directory(folder / "below");
    plant("fails", folder / "below");
    const auto found = scan({folder, folder, folder / "absent", folder / "."});
    REQUIRE(found.plugins.size() == 1);
    CHECK(found.plugins[0].path == file);
    CHECK(found.refused.empty());
    CHECK(found.warnings.empty());
}

TEST_CASE("a warning stands once, a folder that is none is one") {
    const Folder folder;
    const auto file = plant("good_c", folder);
    fs::permissions(file, fs::perms(0664));
    const auto found = scan({folder, folder, file});
    REQUIRE(found.warnings.size() == 2);
    CHECK(found.warnings[0] ==
          file.string() + ": writable by its group; run chmod g-w " + file.string());
    CHECK(found.warnings[1] ==
          file.string() +
              ": cannot be searched for plugins (Not a directory); give a folder that can");
}
