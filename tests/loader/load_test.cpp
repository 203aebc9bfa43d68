// SPDX-License-Identifier: Apache-2.0
// The load sequence, step by step: which file is refused where, in which words. Nothing here needs
// LibTorch.
#include "catch.hpp"

#include <fstream>

#include <base/error.hpp>

#include "loader/library.hpp"
#include "support.hpp"

using namespace loader_test;

namespace {

std::string inspected(const fs::path& file) { return said(refusal(file)); }

std::string loaded(const std::string& name) {
    const Folder store;
    Options options;
    options.store = store;
    return said(load_refusal(fixture(name), host(), options));
}

} // namespace

TEST_CASE("what a file says of itself is judged without loading it") {
    CHECK(inspected(fixture("good_c")) == "taken");
    CHECK(inspected(fixture("not_elf")) ==
          "20 FILE: not a shared object (64-bit ELF); build it with mneme_add_plugin");
    CHECK(inspected(fixture("truncated")) ==
          "21 FILE: a damaged shared object: it points at places outside of itself; build or copy "
          "it again");
    CHECK(inspected(fixture("no_note")) ==
          "23 FILE: not a Mneme plugin: it has no .note.mneme; build it with mneme_add_plugin");
    CHECK(inspected(fixture("wrong_major")) ==
          "25 FILE: built with SDK 2.0, this harness has SDK 1.0; build it with SDK 1");
    CHECK(inspected(fixture("newer_target")) ==
          "26 FILE: made for SDK 1.7 or newer, this harness has SDK 1.0; use a newer harness, or "
          "build it with MNEME_TARGET_MINOR=0");
    CHECK(inspected(fixture("unknown_flag")) ==
          "27 FILE: method unknown_flag has the unknown flag \"clairvoyant\"; known are "
          "needs_task_id, needs_task_boundaries, oracle, captures, batched, "
          "stores_examples, scores, single, eager");
    CHECK(inspected(fixture("needs_libtorch")) ==
          "28 FILE: a plugin of tier pure that needs libtorch_cpu.so; a plugin calls LibTorch "
          "through the host: "
          "include <mneme/mneme.hpp> and link without it");
    CHECK(inspected(fixture("no_entry")) ==
          "29 FILE: has no function mneme_plugin_v1; end its source with MNEME_METHOD, and build "
          "it with mneme_add_plugin");
}

TEST_CASE("a plugin for another machine is refused by its header and by its note") {
    const Folder folder;
    auto bytes = read(fixture("good_c"));
    const auto note = bytes.find("\narch=x86_64\n");
    const auto machine = bytes[18];
    bytes[18] = char(183);
    write(folder / "other.so", bytes);
    CHECK_THAT(inspected(folder / "other.so"),
               Catch::Matchers::StartsWith("22 FILE: built for aarch64, this machine is "));
    if (note == bytes.npos) return; // the rest is about x86_64
    bytes[18] = machine;
    bytes.replace(note, 13, "\narch=sparc64");
    bytes[note + 13] = '\n'; // eats the c of `compiler`
    write(folder / "noted.so", bytes);
    CHECK(inspected(folder / "noted.so") ==
          "22 FILE: built for sparc64, this machine is x86_64; build it on this machine");
    bytes[4] = 1; // ELFCLASS32
    write(folder / "small.so", bytes);
    CHECK(inspected(folder / "small.so") ==
          "20 FILE: not a shared object (64-bit ELF); build it with mneme_add_plugin");
}

TEST_CASE("what a table says is judged after loading") {
    CHECK(loaded("good_c") == "taken");
    CHECK(loaded("size_zero") ==
          "50 FILE: its table says that it has 0 bytes, SDK 1.0 has 48; set its size to sizeof, "
          "with the SDK's abi.h");
    CHECK(loaded("lying_major") ==
          "51 FILE: its table is of ABI 2, this harness has SDK 1.0; build it with SDK 1");
    CHECK(loaded("missing_interface") ==
          "54 FILE: needs the interface mneme.telepathy/1, which this harness does not have; use a "
          "harness that has it");
    CHECK(loaded("missing_operator") ==
          "55 FILE: needs the operator aten::nope, which LibTorch 2.11.0 does not have; use a "
          "plugin built for it");
    CHECK(loaded("null_slots") ==
          "58 FILE: its method null_slots has no observe (NULL); every slot of SDK 1.0 must be "
          "filled");
    CHECK(loaded("undefined_symbol") ==
          "42 FILE: uses mneme_fixture_nobody_has_this, which nobody defines; link it with "
          "mneme_add_plugin, which finds that out");
    CHECK(loaded("no_note") ==
          "23 FILE: not a Mneme plugin: it has no .note.mneme; build it with mneme_add_plugin");
}

TEST_CASE("those that only misbehave when they run are taken") {
    const auto* name =
        GENERATE("throws_in_create", "throws_int", "throws_across", "aborts", "segfaults",
                 "segfaults_in_create", "fails", "spins", "eats_memory", "leaks", "writes_stdout",
                 "changes_threads", "wrong_shape", "returns_nan");
    CHECK(loaded(name) == "taken");
}

TEST_CASE("the dynamic linker's words become one sentence") {
    using mneme::loader::in_our_words;
    CHECK(in_our_words("/s/a.so: undefined symbol: frob", "/s/a.so") ==
          "uses frob, which nobody defines; link it with mneme_add_plugin, which finds that out");
    CHECK(in_our_words("libfoo.so.3: cannot open shared object file: No such file or directory",
                       "/s/a.so") ==
          "needs libfoo.so.3, which is not found; install it, or build the plugin without it");
    CHECK(in_our_words("/lib/libc.so.6: version `GLIBC_2.99' not found (required by /s/a.so)",
                       "/s/a.so") ==
          "was built for a newer system (/lib/libc.so.6: version `GLIBC_2.99' not found); build it "
          "on this one");
    CHECK(in_our_words("/s/a.so: failed to map segment from shared object", "/s/a.so") ==
          "cannot be loaded (failed to map segment from shared object); build it on this system "
          "with mneme_add_plugin");
}

TEST_CASE("at the border a verdict becomes an exit code, and names the file") {
    try {
        inspect(fixture("no_note"));
        FAIL("was taken");
    } catch (const mneme::base::ExitError& e) {
        CHECK(e.code() == mneme::base::ExitCode::plugin_refused);
        CHECK(std::string(e.what()) ==
              fixture("no_note").string() +
                  ": not a Mneme plugin: it has no .note.mneme; build it with mneme_add_plugin");
    }
    CHECK_THROWS_AS(load(fixture("no_entry"), host()), mneme::base::ExitError);
}

TEST_CASE("what inspect tells of a plugin") {
    const auto plugin = inspect(fixture("good_c"));
    CHECK(plugin.path == fixture("good_c"));
    CHECK(plugin.sha256.size() == 64);
    CHECK(plugin.note.sdk_major == 1);
    CHECK(plugin.note.sdk_minor == 0);
    CHECK(plugin.note.tier == "pure");
    CHECK_THAT(plugin.note.text,
               Catch::Matchers::StartsWith("sdk=1.0\ntarget=1.0\ntier=pure\narch="));
    REQUIRE(plugin.methods.size() == 1);
    CHECK(plugin.methods[0].id == "good_c");
    CHECK(plugin.methods[0].version == "1.0");
    CHECK(plugin.methods[0].summary == "plain descent, written in C");
    CHECK(plugin.methods[0].paper.empty());
    CHECK(flag_names(plugin.methods[0].flags) == std::vector<std::string>{"captures", "batched"});
}

TEST_CASE("a stripped plugin says the same and loads") {
    const Folder store;
    Options options;
    options.store = store;
    const fs::path stripped = FIXTURE_STRIPPED;
    CHECK(fs::file_size(stripped) < fs::file_size(fixture("good_c")));
    CHECK(inspect(stripped).note.text == inspect(fixture("good_c")).note.text);
    CHECK(std::string((*load(stripped, host(), options).methods)->id) == "good_c");
}

TEST_CASE("a locked run takes what is on the list alone") {
    Options options;
    options.allowed = std::set<std::string>{inspect(fixture("good_c")).sha256};
    CHECK(said(refusal(fixture("good_c"), {}, options)) == "taken");
    CHECK(said(refusal(fixture("fails"), {}, options)) ==
          "10 FILE: not on the list of allowed plugins (its SHA-256 is " +
              inspect(fixture("fails")).sha256 + "); add it there, or use the file that is");
}
