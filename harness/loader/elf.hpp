// SPDX-License-Identifier: Apache-2.0
// A bounded reader of 64-bit ELF shared objects: what a stripped plugin still says of itself. Never
// looks outside of the bytes it is given.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mneme::loader {

class Elf final {
  public:
    enum class Health {
        sound,
        not_elf,
        damaged
    }; // damaged: something it points at is not in the file

    explicit Elf(std::string_view bytes); // which must outlive the reader

    Health health() const { return health_; }
    uint16_t machine() const { return machine_; } // EM_X86_64, ...

    // Descriptions of the notes with that owner and type.
    std::vector<std::string_view> notes(std::string_view owner, uint32_t type) const;
    // DT_NEEDED. Empty optional: the dynamic section is damaged.
    std::optional<std::vector<std::string_view>> needed() const;
    // Names that another library could bind to. Empty optional: the symbol table is damaged.
    std::optional<std::vector<std::string_view>> exported() const;
    // Is there a function of that name that dlsym would find?
    bool defines_function(std::string_view name) const;

  private:
    struct Segment {
        uint32_t type;
        uint64_t offset, address, size, align;
    };
    struct Entry {
        int64_t tag;
        uint64_t value;
    };

    std::optional<std::string_view> part(uint64_t offset, uint64_t size) const;
    template <class T> std::optional<T> read(uint64_t offset) const;
    std::optional<uint64_t> offset_of(uint64_t address) const;
    std::optional<std::string_view> text(uint64_t index) const; // of the dynamic string table
    bool is_text(uint64_t index, std::string_view wanted) const;
    std::optional<uint64_t> value(int64_t tag) const; // of the dynamic section
    std::optional<uint64_t> symbols() const;          // how many, by the hash tables
    std::optional<uint64_t> symbols_by_gnu_hash(uint64_t at) const;
    void read_segments(uint64_t offset, uint64_t count);
    void read_dynamic();

    const std::string_view bytes_;
    Health health_ = Health::not_elf;
    uint16_t machine_ = 0;
    std::vector<Segment> segments_;
    std::vector<Entry> dynamic_;
    std::optional<uint64_t> strings_, strings_size_; // offset and size of the dynamic string table
};

} // namespace mneme::loader
