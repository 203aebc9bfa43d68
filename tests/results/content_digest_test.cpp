// SPDX-License-Identifier: Apache-2.0
// Whatever is changed in a results file after it was written, no reader takes it for whole.
#include "catch.hpp"

#include <atomic>
#include <random>
#include <set>
#include <thread>

#include <base/sha256.hpp>

#include "../../results_schema/content_digest.hpp"
#include "alter.hpp"

using namespace mneme::results;
using namespace mneme::results::test;

namespace {

const std::string changed =
    ": its content is not what its content_digest says: it was changed or "
    "damaged after it was written; take another copy or run again";

std::string read_error(const std::filesystem::path& path) {
    try {
        read(path);
        return "";
    } catch (const std::runtime_error& error) {
        return error.what();
    }
}

// Where `values` of n_correct lie in the file's bytes.
std::size_t position_of(const std::string& bytes, const std::vector<std::int32_t>& values) {
    const std::string raw(reinterpret_cast<const char*>(values.data()),
                          values.size() * sizeof values[0]);
    const std::size_t at = bytes.find(raw);
    REQUIRE(at != std::string::npos);
    REQUIRE(bytes.find(raw, at + 1) == std::string::npos);
    return at;
}

// What is left of `positions` after those whose flipped bit is refused by the reader.
std::vector<std::size_t> accepted(const std::string& whole,
                                  const std::vector<std::size_t>& positions) {
    Folder folder;
    const auto path = folder / "r.h5";
    std::vector<std::size_t> left;
    for (const std::size_t bit : positions) {
        std::string damaged = whole;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
        put_bytes(path, damaged);
        if (read_error(path).rfind(path.string() + ": ", 0) != 0) left.push_back(bit);
    }
    return left;
}

} // namespace

TEST_CASE("the digest is SHA-256 of the file's bytes, its own digits taken as zeros") {
    Folder folder;
    const auto path = folder / "r.h5";
    write(path, file_of({domain_block(), class_block()}));
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
    const std::string digest = content_digest(file);
    H5Fclose(file);
    std::string bytes = bytes_of(path);
    const std::size_t at = bytes.find(digest);
    REQUIRE(at != std::string::npos);
    CHECK(bytes.find(digest, at + 1) == std::string::npos);
    bytes.replace(at, 64, 64, '0');
    CHECK(mneme::base::sha256_of(bytes) == digest);
    CHECK(read(path).notes.empty());
}

TEST_CASE("no flipped bit of the counts of a run's file, or of a results file, is accepted") {
    for (const Block& block : {domain_block({"er"}, {1}), domain_block()}) {
        Folder folder;
        write(folder / "r.h5", file_of({block}));
        const std::string whole = bytes_of(folder / "r.h5");
        const std::size_t at = position_of(whole, block.n_correct.data);
        std::vector<std::size_t> bits;
        for (std::size_t bit = 0; bit < block.n_correct.data.size() * 32; ++bit)
            bits.push_back(at * 8 + bit);
        CHECK(bits.size() >= 288);
        CHECK(accepted(whole, bits) == std::vector<std::size_t>{});
    }
}

TEST_CASE("no flipped bit anywhere in a file is accepted") {
    Folder folder;
    write(folder / "r.h5", file_of({domain_block()}));
    const std::string whole = bytes_of(folder / "r.h5");
    std::mt19937 random(1);
    std::vector<std::size_t> bits;
    for (int i = 0; i < 2000; ++i)
        bits.push_back(std::uniform_int_distribution<std::size_t>(0, whole.size() * 8 - 1)(random));
    CHECK(accepted(whole, bits) == std::vector<std::size_t>{});
}

TEST_CASE("damage is told from the bytes alone, in a moment, and a sound file passes") {
    Folder folder;
    const auto path = folder / "r.h5";
    write(path, file_of({domain_block(), class_block()}));
    const std::string whole = bytes_of(path);
    const std::string digest = refuse_damaged(MappedFile(path));
    CHECK(digest.size() == 64);
    CHECK(whole.find(digest) != std::string::npos);
    std::mt19937 random(3);
    int passed = 0;
    for (int i = 0; i < 200; ++i) {
        std::string damaged = whole;
        const std::size_t at = random() % whole.size();
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << random() % 8));
        put_bytes(path, damaged);
        try {
            refuse_damaged(MappedFile(path));
            ++passed;
        } catch (const std::runtime_error& error) {
            CHECK(error.what() == path.string() + changed);
        }
    }
    CHECK(passed <= 1); // one that hits the digest's name is left to HDF5
}

TEST_CASE("the validator refuses what the reader refuses, and never crashes") {
    Folder folder;
    const auto path = folder / "r.h5";
    write(path, file_of({domain_block()}));
    const std::string whole = bytes_of(path);
    std::mt19937 random(2);
    for (int i = 0; i < 300; ++i) {
        std::string damaged = whole;
        const std::size_t at = random() % whole.size();
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << random() % 8));
        put_bytes(path, damaged);
        const auto faults = validate(path);
        if (faults.empty()) FAIL("byte " << at << " is valid");
        for (const std::string& sentence : faults)
            if (sentence.rfind(path.string() + ": ", 0) != 0) FAIL(sentence);
    }
    put_bytes(path, whole);
    CHECK(validate(path).empty());
}

TEST_CASE("what another program changes is refused, numbers and texts alike") {
    const std::string r = "/rotated-mini";
    const Change changes[] = {
        [&](hid_t f) { set_double(f, (r + "/cost/kept_bytes").c_str(), 0, 1e6); },
        [&](hid_t f) { set_double(f, (r + "/curves/train_loss").c_str(), 3, 0.5); },
        [&](hid_t f) { set_text(f, (r + "/outcome_message").c_str(), 0, "all is well"); },
        [&](hid_t f) { set_attribute(f, r.c_str(), "benchmark_toml", "[stream]"); },
        [&](hid_t f) { set_attribute(f, (r + "/provenance/finetune").c_str(), "host", "other"); },
        [&](hid_t f) { set_attribute(f, (r + "/accuracy").c_str(), "long_name", "share"); },
        [&](hid_t f) { set_attribute(f, "/", "title", "another"); },
        [&](hid_t f) { set_text(f, "/schema/text", 0, "another schema"); },
        [&](hid_t f) { replace(f, "/extra", H5T_NATIVE_DOUBLE, {2}); },
        [&](hid_t f) { remove(f, (r + "/value/loss").c_str()); },
    };
    for (std::size_t i = 0; i < std::size(changes); ++i) {
        Folder folder;
        const auto path = folder / "r.h5";
        write(path, file_of({domain_block()}));
        const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
        changes[i](file);
        REQUIRE(H5Fclose(file) >= 0);
        INFO("change " << i);
        CHECK(read_error(path) == path.string() + changed);
        CHECK(validate(path).at(0) == path.string() + changed);
    }
}

TEST_CASE("a file of schema 1.0 is read and valid, and said to be without a digest") {
    const std::filesystem::path path = MNEME_OLD_RESULTS;
    const std::string note = path.string() +
                             ": without a content digest (schema 1.0): a number "
                             "that was changed after it was written would not be "
                             "noticed";
    const File file = read(path);
    CHECK(file.notes == std::vector<std::string>{note});
    const Block sample = domain_block();
    CHECK(file.blocks.at(0).n_correct.data == sample.n_correct.data);
    CHECK(file.blocks.at(0).loss.data == sample.loss.data);
    CHECK(file.blocks.at(0).provenance == sample.provenance);
    std::vector<std::string> notes;
    CHECK(validate(path, &notes) == std::vector<std::string>{});
    CHECK(notes == std::vector<std::string>{note});
}

TEST_CASE("a file of schema 1.1 whose digest was taken away is refused") {
    Folder folder;
    const auto path = folder / "r.h5";
    write(path, file_of({domain_block()}));
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    remove_attribute(file, "/", "content_digest");
    REQUIRE(H5Fclose(file) >= 0);
    CHECK(read_error(path) == path.string() + changed); // its name is still among the bytes
    CHECK(validate(path).at(0) == path.string() +
                                      ": has no content_digest, which every file since schema 1.1 "
                                      "has; take another copy or run again");
}

TEST_CASE("a file that is replaced while it is read is the one or the other, not refused") {
    Folder folder;
    const auto path = folder / "r.h5";
    write(folder / "short.h5", file_of({domain_block()}));
    write(folder / "long.h5", file_of({domain_block(), class_block()}));
    std::filesystem::create_hard_link(folder / "short.h5", path);
    std::atomic<bool> stop = false;
    std::thread others([&] {
        for (bool turn = false; !stop; turn = !turn) {
            std::filesystem::create_hard_link(folder / (turn ? "short.h5" : "long.h5"),
                                              folder / "next.h5");
            std::filesystem::rename(folder / "next.h5", path);
            std::this_thread::yield();
        }
    });
    std::set<std::size_t> blocks;
    std::string refused;
    for (int i = 0; i < 100 && refused.empty(); ++i) {
        try {
            blocks.insert(read(path).blocks.size());
        } catch (const std::runtime_error& error) {
            refused = error.what();
        }
    }
    stop = true;
    others.join();
    CHECK(refused == "");
    for (const std::size_t count : blocks) CHECK((count == 1 || count == 2));
}
