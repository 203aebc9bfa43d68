// SPDX-License-Identifier: Apache-2.0
// Decoded pictures are kept by content: a change of a byte is seen whatever a file's time says, and
// two sets of one name do not get each other's pictures.
#include "../../benchmarks/picture_cache.hpp"

#include "catch.hpp"
#include "support.hpp"

using namespace bench_test;

namespace {

// Pictures of one byte: the file's first.
struct OneByte {
    Folder folder;
    int decoded = 0;

    DecodedPictures decode(const std::string& rule = "rule 1") {
        return decode_pictures({"set", rule, folder.path(), {"a", "b"}, 1},
                               [&](const std::string& bytes, const std::string&) {
                                   ++decoded;
                                   return std::vector<uint8_t>{uint8_t(bytes.at(0))};
                               });
    }
};

} // namespace

TEST_CASE("picture cache: decoded once for one content; the digest is that of sha256sum's lines") {
    const OwnCache cache;
    OneByte set;
    set.folder.write("a", "A");
    set.folder.write("b", "B");
    const auto first = set.decode(), second = set.decode();
    CHECK(first.pixels == std::vector<uint8_t>{'A', 'B'});
    CHECK(second.pixels == first.pixels);
    CHECK(set.decoded == 2);
    CHECK(first.sha256 == sha256(sha256("A") + "  a\n" + sha256("B") + "  b\n"));
    CHECK(second.sha256 == first.sha256);
    CHECK(cache.files().size() == 1);
    set.decode("rule 2");
    CHECK(set.decoded == 4);
}

TEST_CASE("picture cache: a byte that changes while size and time stay is seen") {
    const OwnCache cache;
    OneByte set;
    set.folder.write("a", "A");
    const fs::path b = set.folder.write("b", "B");
    const auto time = fs::last_write_time(b);
    const std::string before = set.decode().sha256;
    set.folder.write("b", "C");
    fs::last_write_time(b, time);
    CHECK(set.decode().pixels == std::vector<uint8_t>{'A', 'C'});
    CHECK(set.decode().sha256 != before);
}

TEST_CASE("picture cache: two sets of one name, size and time have their own pictures") {
    const OwnCache cache;
    OneByte one, two;
    for (const char* name : {"a", "b"}) {
        const fs::path left = one.folder.write(name, "1"), right = two.folder.write(name, "2");
        fs::last_write_time(right, fs::last_write_time(left));
    }
    CHECK(one.decode().pixels == std::vector<uint8_t>{'1', '1'});
    CHECK(two.decode().pixels == std::vector<uint8_t>{'2', '2'});
    CHECK(one.decode().pixels == std::vector<uint8_t>{'1', '1'});
}

TEST_CASE("picture cache: a damaged, exchanged or linked file is not used, and is written anew") {
    const OwnCache cache;
    OneByte set, other;
    for (const char* name : {"a", "b"}) set.folder.write(name, "1"), other.folder.write(name, "2");
    set.decode();
    const fs::path kept = cache.files().at(0);
    const auto whole = fs::file_size(kept);
    for (std::uintmax_t at = 0; at < whole; at += 13) {
        std::fstream file(kept, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(std::streamoff(at));
        file.put('#');
        file.close();
        CHECK(set.decode().pixels == std::vector<uint8_t>{'1', '1'});
    }
    fs::resize_file(kept, whole - 1);
    CHECK(set.decode().pixels == std::vector<uint8_t>{'1', '1'});
    other.decode();
    for (const auto& file : cache.files())
        if (file != kept) fs::copy_file(file, kept, fs::copy_options::overwrite_existing);
    CHECK(set.decode().pixels == std::vector<uint8_t>{'1', '1'});
    fs::remove(kept);
    const std::string target = other.folder.write("target", "untouched").string();
    fs::create_symlink(target, kept);
    CHECK(set.decode().pixels == std::vector<uint8_t>{'1', '1'});
    CHECK(!fs::is_symlink(kept));
    CHECK(fs::file_size(target) == 9);
}

TEST_CASE("picture cache: of one name's old contents a few stay; a folder that cannot be written") {
    const OwnCache cache;
    OneByte set;
    set.folder.write("b", "B");
    for (char content = 'a'; content < 'k'; ++content) {
        set.folder.write("a", std::string(1, content));
        set.decode();
    }
    CHECK(cache.files().size() == 4);
    setenv("XDG_CACHE_HOME", "/dev/null", 1); // put back by OwnCache
    CHECK(set.decode().pixels == std::vector<uint8_t>{'j', 'B'});
}
