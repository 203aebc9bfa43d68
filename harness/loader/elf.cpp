// SPDX-License-Identifier: Apache-2.0
#include "loader/elf.hpp"

#include <algorithm>
#include <cstring>

#include <elf.h>

namespace mneme::loader {
namespace {

// A plugin has a handful of each; the bounds keep hostile files cheap.
constexpr std::size_t most_segments = 1024, most_entries = 65536, most_needed = 1024,
                      longest_name = 4096;

uint64_t rounded_up(uint64_t size, uint64_t align) { return (size + align - 1) / align * align; }

} // namespace

Elf::Elf(std::string_view bytes) : bytes_(bytes) {
    const auto head = read<Elf64_Ehdr>(0);
    if (!head || std::memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 ||
        head->e_ident[EI_CLASS] != ELFCLASS64 || head->e_ident[EI_DATA] != ELFDATA2LSB ||
        head->e_type != ET_DYN)
        return;
    machine_ = head->e_machine;
    health_ = Health::damaged;
    if (head->e_phentsize != sizeof(Elf64_Phdr) || head->e_phnum == 0 ||
        head->e_phnum > most_segments)
        return;
    health_ = Health::sound;
    read_segments(head->e_phoff, head->e_phnum);
    read_dynamic();
    // A file that was cut loses its section headers first. They are not needed, but a file without
    // its end is not what was built.
    if (head->e_shoff != 0 && (head->e_shentsize != sizeof(Elf64_Shdr) ||
                               !part(head->e_shoff, uint64_t{head->e_shnum} * sizeof(Elf64_Shdr))))
        health_ = Health::damaged;
}

std::optional<std::string_view> Elf::part(uint64_t offset, uint64_t size) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset) return {};
    return bytes_.substr(offset, size);
}

template <class T> std::optional<T> Elf::read(uint64_t offset) const {
    const auto raw = part(offset, sizeof(T));
    if (!raw) return {};
    T out;
    std::memcpy(&out, raw->data(), sizeof out); // the file promises no alignment
    return out;
}

void Elf::read_segments(uint64_t offset, uint64_t count) {
    if (!part(offset, count * sizeof(Elf64_Phdr))) {
        health_ = Health::damaged;
        return;
    }
    for (uint64_t k = 0; k < count; ++k) {
        const auto raw = *read<Elf64_Phdr>(offset + k * sizeof(Elf64_Phdr));
        if ((raw.p_type == PT_LOAD || raw.p_type == PT_DYNAMIC || raw.p_type == PT_NOTE) &&
            !part(raw.p_offset, raw.p_filesz))
            health_ = Health::damaged;
        else
            segments_.push_back({raw.p_type, raw.p_offset, raw.p_vaddr, raw.p_filesz, raw.p_align});
    }
}

void Elf::read_dynamic() {
    const auto found = std::find_if(segments_.begin(), segments_.end(),
                                    [](const Segment& s) { return s.type == PT_DYNAMIC; });
    if (found == segments_.end()) {
        health_ = Health::damaged;
        return;
    }
    const uint64_t count = std::min<uint64_t>(found->size / sizeof(Elf64_Dyn), most_entries);
    for (uint64_t k = 0; k < count; ++k) {
        const auto entry = read<Elf64_Dyn>(found->offset + k * sizeof(Elf64_Dyn));
        if (!entry || entry->d_tag == DT_NULL) break;
        dynamic_.push_back({entry->d_tag, entry->d_un.d_val});
    }
    if (const auto address = value(DT_STRTAB)) strings_ = offset_of(*address);
    strings_size_ = value(DT_STRSZ);
    if (!strings_ || !strings_size_ || !part(*strings_, *strings_size_)) health_ = Health::damaged;
}

std::optional<uint64_t> Elf::offset_of(uint64_t address) const {
    for (const auto& s : segments_)
        if (s.type == PT_LOAD && address >= s.address && address - s.address < s.size)
            return s.offset + (address - s.address);
    return {};
}

std::optional<uint64_t> Elf::value(int64_t tag) const {
    for (const auto& e : dynamic_)
        if (e.tag == tag) return e.value;
    return {};
}

std::optional<std::string_view> Elf::text(uint64_t index) const {
    if (!strings_ || !strings_size_ || index >= *strings_size_) return {};
    const auto rest =
        part(*strings_ + index, std::min<uint64_t>(*strings_size_ - index, longest_name));
    if (!rest) return {};
    const auto end = rest->find('\0');
    if (end == rest->npos) return {};
    return rest->substr(0, end);
}

bool Elf::is_text(uint64_t index, std::string_view wanted) const {
    if (!strings_ || !strings_size_ || index >= *strings_size_ ||
        *strings_size_ - index <= wanted.size())
        return false;
    const auto there = part(*strings_ + index, wanted.size() + 1);
    return there && there->substr(0, wanted.size()) == wanted && there->back() == '\0';
}

std::vector<std::string_view> Elf::notes(std::string_view owner, uint32_t type) const {
    std::vector<std::string_view> out;
    for (const auto& s : segments_) {
        if (s.type != PT_NOTE) continue;
        const uint64_t align = s.align == 8 ? 8 : 4;
        for (uint64_t at = s.offset, end = s.offset + s.size; end - at >= sizeof(Elf64_Nhdr);) {
            const auto head = *read<Elf64_Nhdr>(at);
            const uint64_t name = at + sizeof head, body = name + rounded_up(head.n_namesz, align),
                           next = body + rounded_up(head.n_descsz, align);
            if (body > end || head.n_descsz > end - body)
                break; // sizes are 32 bits wide: the sums cannot wrap
            const auto named = *part(name, head.n_namesz);
            if (head.n_type == type && named.substr(0, named.find('\0')) == owner)
                out.push_back(*part(body, head.n_descsz));
            if (next >= end) break;
            at = next;
        }
    }
    return out;
}

std::optional<std::vector<std::string_view>> Elf::needed() const {
    std::vector<std::string_view> out;
    for (const auto& e : dynamic_) {
        if (e.tag != DT_NEEDED) continue;
        const auto name = text(e.value);
        if (!name || out.size() == most_needed) return {};
        out.push_back(*name);
    }
    return out;
}

// The symbol table does not say its own length; the hash tables, by which the dynamic linker finds
// names, do.
std::optional<uint64_t> Elf::symbols() const {
    if (const auto address = value(DT_HASH))
        if (const auto at = offset_of(*address))
            if (const auto count = read<uint32_t>(*at + 4)) return *count;
    if (const auto address = value(DT_GNU_HASH))
        if (const auto at = offset_of(*address)) return symbols_by_gnu_hash(*at);
    return {};
}

// Buckets hold the first symbol of a chain; the last link of a chain has its lowest bit set. The
// longest reach is the count.
std::optional<uint64_t> Elf::symbols_by_gnu_hash(uint64_t at) const {
    struct Head {
        uint32_t buckets, first, bloom_words, shift;
    };
    const auto head = read<Head>(at);
    if (!head) return {};
    const uint64_t buckets = at + sizeof(Head) + uint64_t{head->bloom_words} * 8,
                   chains = buckets + uint64_t{head->buckets} * 4;
    if (!part(buckets, uint64_t{head->buckets} * 4)) return {};
    uint32_t last = 0;
    for (uint32_t k = 0; k < head->buckets; ++k)
        last = std::max(last, *read<uint32_t>(buckets + uint64_t{k} * 4));
    if (last < head->first) return head->first; // nothing is exported
    for (uint64_t symbol = last;; ++symbol) {
        const auto link = read<uint32_t>(chains + (symbol - head->first) * 4);
        if (!link) return {};
        if (*link & 1) return symbol + 1;
    }
}

std::optional<std::vector<std::string_view>> Elf::exported() const {
    const auto address = value(DT_SYMTAB);
    const auto table = address ? offset_of(*address) : std::nullopt;
    const auto count = symbols();
    if (!table || !count) return {};
    std::vector<std::string_view> out;
    for (uint64_t k = 0; k < *count; ++k) {
        const auto s = read<Elf64_Sym>(*table + k * sizeof(Elf64_Sym));
        if (!s) return {};
        const auto seen = ELF64_ST_VISIBILITY(s->st_other);
        if (s->st_shndx == SHN_UNDEF || ELF64_ST_BIND(s->st_info) == STB_LOCAL ||
            (seen != STV_DEFAULT && seen != STV_PROTECTED))
            continue;
        const auto name = text(s->st_name);
        if (!name || out.size() == most_entries) return {};
        out.push_back(*name);
    }
    return out;
}

bool Elf::defines_function(std::string_view name) const {
    const auto address = value(DT_SYMTAB);
    const auto table = address ? offset_of(*address) : std::nullopt;
    const auto count = symbols();
    if (!table || !count) return false;
    for (uint64_t k = 0; k < *count; ++k) {
        const auto s = read<Elf64_Sym>(*table + k * sizeof(Elf64_Sym));
        if (!s) return false;
        const auto kind = ELF64_ST_TYPE(s->st_info), binding = ELF64_ST_BIND(s->st_info),
                   seen = ELF64_ST_VISIBILITY(s->st_other);
        if (s->st_shndx == SHN_UNDEF || kind != STT_FUNC ||
            (binding != STB_GLOBAL && binding != STB_WEAK))
            continue;
        if (seen != STV_DEFAULT && seen != STV_PROTECTED) continue;
        if (is_text(s->st_name, name)) return true;
    }
    return false;
}

} // namespace mneme::loader
