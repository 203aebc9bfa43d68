// SPDX-License-Identifier: Apache-2.0
// The ELF reader under hostile bytes, compiled with the address and undefined-behaviour sanitizers:
// it may refuse, never fall over.
#include "catch.hpp"

#include <cstring>
#include <functional>
#include <memory>

#include <elf.h>

#include <base/error.hpp>

#include "loader/elf.hpp"
#include "loader/examine.hpp"
#include "loader/fault.hpp"
#include "loader/note.hpp"
#include "support.hpp"

using namespace loader_test;

namespace {

// Everything that is asked of a file, but its hash. Returns the number of questions that had an
// answer.
int ask(std::string_view bytes) {
    const Elf elf(bytes);
    int answers = elf.health() == Elf::Health::sound;
    for (const auto note : elf.notes(MNEME_NOTE_OWNER, MNEME_NOTE_TYPE))
        answers += !refusal_of("f", [&] { parse_note(note, "f"); });
    answers += elf.needed().has_value() && !elf.needed()->empty();
    answers += elf.defines_function(MNEME_PLUGIN_ENTRY);
    return answers;
}

// A heap block of exactly that size, so that the sanitizer sees the first byte past it.
struct Exact {
    explicit Exact(std::string_view from) : size(from.size()), data(new char[from.size()]) {
        std::memcpy(data.get(), from.data(), size);
    }
    std::string_view view() const { return {data.get(), size}; }
    std::size_t size;
    std::unique_ptr<char[]> data;
};

template <class T> T at(const std::string& bytes, std::size_t place) {
    T out;
    std::memcpy(&out, &bytes.at(place), sizeof out);
    return out;
}

// The file with the dynamic symbol of its entry changed. Sections are there in an unstripped file.
std::string with_entry(std::string bytes, const std::function<void(Elf64_Sym&)>& change) {
    const auto head = at<Elf64_Ehdr>(bytes, 0);
    const auto section = [&](std::size_t k) {
        return at<Elf64_Shdr>(bytes, head.e_shoff + k * sizeof(Elf64_Shdr));
    };
    for (std::size_t k = 0; k < head.e_shnum; ++k) {
        const auto table = section(k);
        if (table.sh_type != SHT_DYNSYM) continue;
        const auto names = section(table.sh_link).sh_offset;
        for (auto place = table.sh_offset; place < table.sh_offset + table.sh_size;
             place += sizeof(Elf64_Sym)) {
            auto symbol = at<Elf64_Sym>(bytes, place);
            if (bytes.c_str() + names + symbol.st_name != std::string_view(MNEME_PLUGIN_ENTRY))
                continue;
            change(symbol);
            std::memcpy(&bytes[place], &symbol, sizeof symbol);
            return bytes;
        }
    }
    return "";
}

} // namespace

TEST_CASE("an entry that the dynamic linker would not find is none") {
    const auto whole = read(fixture("good_c"));
    const auto found = [&](const std::function<void(Elf64_Sym&)>& change) {
        const std::string bytes = with_entry(whole, change);
        REQUIRE(bytes.size() == whole.size());
        return Elf(bytes).defines_function(MNEME_PLUGIN_ENTRY);
    };
    const auto seen = [&](unsigned char visibility) {
        return found([=](Elf64_Sym& s) { s.st_other = visibility; });
    };
    CHECK(seen(STV_DEFAULT));
    CHECK(seen(STV_PROTECTED));
    CHECK_FALSE(seen(STV_HIDDEN));
    CHECK_FALSE(seen(STV_INTERNAL));
    const auto of = [&](unsigned char binding, unsigned char type) {
        return found([=](Elf64_Sym& s) { s.st_info = ELF64_ST_INFO(binding, type); });
    };
    CHECK(of(STB_WEAK, STT_FUNC));
    CHECK_FALSE(of(STB_LOCAL, STT_FUNC));
    CHECK_FALSE(of(STB_GLOBAL, STT_OBJECT));
    CHECK_FALSE(found([](Elf64_Sym& s) { s.st_shndx = SHN_UNDEF; }));
}

TEST_CASE("a file that was cut anywhere is refused") {
    for (const auto& path : {fixture("good_c"), fs::path(FIXTURE_STRIPPED)}) {
        const auto whole = read(path);
        REQUIRE(ask(whole) == 4);
        std::size_t taken = 0, cuts = 0;
        for (std::size_t size = 0; size < whole.size(); size += size < 1024 ? 1 : 64, ++cuts) {
            const Exact part(std::string_view(whole).substr(0, size));
            ask(part.view());
            const auto r = refusal_of("f", [&] { judge_bytes("f", std::string(part.view()), {}); });
            taken += !r || (r->fault != Fault::not_elf && r->fault != Fault::damaged);
        }
        CHECK(cuts > 1100);
        CHECK(taken == 0);
    }
}

TEST_CASE("a file with any byte changed is judged") {
    const Exact file(read(fixture("good_c")));
    std::size_t refused = 0, asked = 0;
    for (std::size_t at = 0; at < file.size; ++at)
        for (const unsigned char mask : {0x01, 0x80, 0xff}) {
            file.data[at] = char(file.data[at] ^ mask);
            refused += ask(file.view()) < 4;
            ++asked;
            file.data[at] = char(file.data[at] ^ mask);
        }
    CHECK(asked == 3 * file.size);
    CHECK(refused > 100);       // headers, names and note count
    CHECK(refused < asked / 2); // code does not
    CHECK(ask(file.view()) == 4);
}

TEST_CASE("offsets, sizes and counts from the ends of their range are judged") {
    const Exact file(read(fixture("good_c")));
    std::size_t refused = 0;
    const uint64_t extremes[] = {0,
                                 1,
                                 ~uint64_t{0},
                                 uint64_t{1} << 63,
                                 file.size,
                                 file.size - 1,
                                 0xffffffff,
                                 ~uint64_t{0} - 7};
    for (std::size_t at = 0; at + 8 <= file.size; at += 4)
        for (const auto value : extremes)
            for (const std::size_t width : {4u, 8u}) {
                char before[8];
                std::memcpy(before, file.data.get() + at, width);
                std::memcpy(file.data.get() + at, &value, width);
                refused += ask(file.view()) < 4;
                std::memcpy(file.data.get() + at, before, width);
            }
    CHECK(refused > 100);
    CHECK(ask(file.view()) == 4);
}

TEST_CASE("a refusal of a changed file names the file, the fault and the remedy") {
    const auto whole = read(fixture("good_c"));
    std::size_t refused = 0, wrong = 0;
    for (std::size_t at = 0; at < std::min<std::size_t>(whole.size(), 2048); ++at) {
        auto bytes = whole;
        bytes[at] = char(bytes[at] ^ 0xff);
        const auto r = refusal_of("f", [&] { judge_bytes("f", bytes, {}); });
        if (!r) continue;
        ++refused;
        wrong += r->message.rfind("f: ", 0) != 0 || r->message.find("; ") == std::string::npos ||
                 int(r->fault) < 20 || int(r->fault) > 30;
    }
    CHECK(refused > 50);
    CHECK(wrong == 0);
}
