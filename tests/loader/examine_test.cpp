// SPDX-License-Identifier: Apache-2.0
// What is said of the bytes of a file before any of them is run.
#include "loader/examine.hpp"

#include <cstring>

#include <elf.h>

#include "catch.hpp"
#include "loader/elf.hpp"
#include "loader/fault.hpp"
#include "loader/note.hpp"
#include "support.hpp"

using namespace loader_test;

namespace {

// The same file with a second segment that points at its note, in place of PT_GNU_STACK.
std::string with_two_notes(const std::string& bytes) {
    Elf64_Ehdr head;
    std::memcpy(&head, bytes.data(), sizeof head);
    const auto place = [&](std::size_t k) { return head.e_phoff + k * sizeof(Elf64_Phdr); };
    for (std::size_t to = 0; to < head.e_phnum; ++to)
        for (std::size_t from = 0; from < head.e_phnum; ++from) {
            Elf64_Phdr old, note;
            std::memcpy(&old, &bytes[place(to)], sizeof old);
            std::memcpy(&note, &bytes[place(from)], sizeof note);
            if (old.p_type != PT_GNU_STACK || note.p_type != PT_NOTE) continue;
            std::string changed = bytes;
            std::memcpy(&changed[place(to)], &note, sizeof note);
            if (Elf(changed).notes(MNEME_NOTE_OWNER, MNEME_NOTE_TYPE).size() == 2) return changed;
        }
    return "";
}

} // namespace

TEST_CASE("a file with two notes is refused, not read by the first of them") {
    const std::string whole = read(fixture("good_c")), twice = with_two_notes(whole);
    REQUIRE_FALSE(twice.empty());
    const fs::path file = "p.so";
    CHECK(judge_bytes(file, whole, {}).methods.size() == 1);
    CHECK(said(refusal_of(file, [&] { judge_bytes(file, twice, {}); })) ==
          "24 FILE: its .note.mneme cannot be used: there are 2 of them; build it with "
          "mneme_add_plugin");
}
