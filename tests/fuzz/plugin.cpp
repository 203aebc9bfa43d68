// SPDX-License-Identifier: Apache-2.0
// What a shared object says of itself before any of it runs: the ELF reader and the note.
#include "fuzz.hpp"

#include "loader/elf.hpp"
#include "loader/examine.hpp"
#include "loader/note.hpp"

using namespace mneme;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    fuzz::refuse_or_read([&] { loader::parse_note(bytes, "f"); });
    fuzz::refuse_or_read([&] { loader::judge_bytes("f", bytes, {}); });
    const loader::Elf elf(bytes);
    elf.notes("mneme", 1);
    elf.needed();
    elf.exported();
    elf.defines_function("mneme_plugin_entry");
    return 0;
}
