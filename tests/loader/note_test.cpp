// SPDX-License-Identifier: Apache-2.0
// The text of the note.
#include "catch.hpp"

#include <base/error.hpp>

#include "loader/fault.hpp"
#include "loader/note.hpp"
#include "support.hpp"

using namespace loader_test;

namespace {

const std::string head =
    "sdk=1.0\ntarget=1.0\ntier=pure\narch=x86_64\ncompiler=clang 14.0.6 (a build)\n";

std::string judged(const std::string& text) {
    const fs::path file = "p.so";
    return said(refusal_of(file, [&] { parse_note(text, file); }));
}
std::string bad(const std::string& why) {
    return "24 FILE: its .note.mneme cannot be used: " + why + "; build it with mneme_add_plugin";
}

std::vector<std::string> flags(const std::string& words) {
    return flag_names(
        parse_note(head + "method=m\nflags=" + words + "\n", "p.so").methods.at(0).flags);
}

} // namespace

TEST_CASE("two methods, an equals sign in a value, keys of a later SDK") {
    const auto note = parse_note(head +
                                     "colour=blue\nmethod=a\nversion=1.0\nsummary=x = y + "
                                     "1\npaper=arXiv:1612.00796\nflags=\nshape=round\n"
                                     "method=b-2.x_\nversion=2\nsummary=\npaper=\nflags=single\n" +
                                     std::string(1, '\0'),
                                 "p.so");
    CHECK(note.compiler == "clang 14.0.6 (a build)");
    CHECK(note.others == std::map<std::string, std::string>{{"colour", "blue"}});
    REQUIRE(note.methods.size() == 2);
    CHECK(note.methods[0].summary == "x = y + 1");
    CHECK(note.methods[0].paper == "arXiv:1612.00796");
    CHECK(note.methods[1].id == "b-2.x_");
    CHECK(note.methods[1].version == "2");
    CHECK(note.text.back() == '\n');
}

TEST_CASE("flags: batched and captures hold unless single or eager stand there") {
    using V = std::vector<std::string>;
    CHECK(flags("") == V{"captures", "batched"});
    CHECK(flags("single") == V{"captures"});
    CHECK(flags("eager, needs_task_id") == V{"needs_task_id", "batched"});
    CHECK(flags("needs_task_boundaries,oracle,stores_examples,single,eager") ==
          V{"needs_task_boundaries", "oracle", "stores_examples"});
}

TEST_CASE("notes that cannot be used") {
    CHECK(judged(head + "method=m\n") == "taken");
    CHECK(judged("") == bad("it does not say sdk="));
    CHECK(judged("tier=pure\nmethod=m\n") == bad("it does not say sdk="));
    CHECK(judged("sdk=1.0\nmethod=m\n") == bad("it does not say target="));
    CHECK(judged("sdk=1.0\ntarget=1.0\nmethod=m\n") == bad("it does not say arch="));
    CHECK(judged("sdk=1.0\ntarget=1.0\narch=x86_64\nmethod=m\n") ==
          bad("tier= is neither pure nor native"));
    CHECK(judged(head) == bad("it names no method"));
    CHECK(judged("sdk=1\n") == bad("sdk=1 is not a version (1.0)"));
    CHECK(judged("sdk=1.-3\n") == bad("sdk=1.-3 is not a version (1.0)"));
    CHECK(judged("sdk=99999999999.0\n") == bad("sdk=99999999999.0 is not a version (1.0)"));
    CHECK(judged("sdk\n") == bad("the line \"sdk\" is not key=value"));
    CHECK(judged("sdk=1.0\tx\n") == bad("a line has control characters"));
    CHECK(judged(head + "method=\n") ==
          bad("\"\" is not a method id (1 to 64 letters, digits, _ - .)"));
    CHECK(judged(head + "method=../x\n") ==
          bad("\"../x\" is not a method id (1 to 64 letters, digits, _ - .)"));
    CHECK(judged(head + "method=m\nmethod=m\n") == bad("method m stands there twice"));
    CHECK(judged(head + "method=m\nsummary=" + std::string(65536, 'x')) ==
          bad("it has more than 65536 bytes"));
}

TEST_CASE("versions are judged before what a later SDK may write in another way") {
    CHECK_THAT(judged("sdk=3.1\nmethod=m\nflags=what\n"),
               Catch::Matchers::StartsWith("25 FILE: built with SDK 3.1,"));
    CHECK_THAT(judged("sdk=1.4\ntarget=1.4\nmethod=m\nflags=what\n"),
               Catch::Matchers::StartsWith("26 FILE: made for SDK 1.4 or newer,"));
    CHECK(judged("sdk=1.4\ntarget=1.0\ntier=pure\narch=x86_64\nmethod=m\nflags=oracle\n") ==
          "taken"); // built with a newer SDK for an older host
}
