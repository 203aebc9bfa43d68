// SPDX-License-Identifier: Apache-2.0
// Data sets from files: what is read, and every message, word for word.
#include <base/sha256.hpp>
#include <benchmarks/fetch.hpp>

#include "catch.hpp"
#include "support.hpp"

#include <chrono>

using namespace bench_test;

namespace {

const std::string pixels(8, '\5'), labels("\0\1", 2);

// Two images of 2 x 2 and two labels for each half.
struct Tiny {
    Folder folder;
    DatasetInfo info;

    Tiny() {
        info.name = "tiny";
        info.how_to_get = "make it";
        info.classes = 2;
        put("a-images", image_file(2, 2, 2, pixels));
        put("a-labels", label_file(2, labels));
        put("b-images", image_file(2, 2, 2, std::string(8, '\7')));
        put("b-labels", label_file(2, labels));
    }
    void put(const std::string& name, const std::string& bytes) {
        folder.write(name, bytes);
        info.files.push_back({name, bytes.size(), sha256(bytes), ""});
    }
    std::string fault() const {
        return shorten(folder, fault_of([&] { load(info, {folder.path()}); }));
    }
    std::string fault_with(const std::string& name, const std::string& bytes) const {
        folder.write(name, bytes);
        return fault();
    }
};

} // namespace

TEST_CASE("idx files are read, plain and gz alike") {
    const Folder folder;
    const std::string bytes = image_file(2, 2, 2, "abcdefgh");
    const Idx plain = read_idx(folder.write("x", bytes)),
              packed = read_idx(write_gz(folder, "x.gz", bytes));
    CHECK(plain.shape == std::vector<int64_t>{2, 2, 2});
    CHECK(std::string(plain.data.begin(), plain.data.end()) == "abcdefgh");
    CHECK(plain.bytes == 24);
    CHECK(plain.sha256 == sha256(bytes));
    CHECK(packed.data == plain.data);
    CHECK(packed.sha256 == plain.sha256);
}

TEST_CASE("idx files that are none are told apart") {
    const Folder folder;
    const auto fault = [&](const std::string& bytes) {
        const auto path = folder.write("f", bytes);
        return shorten(folder, fault_of([&] { read_idx(path); }));
    };
    CHECK(
        shorten(folder, fault_of([&] { read_idx(folder.path() / "none"); })) ==
        "D/none: cannot be opened (No such file or directory); expected an idx file, plain or .gz");
    CHECK(fault("") == "D/f: ends after 0 bytes, within the header; expected an idx file");
    CHECK(fault(word(0x803) + word(2)) ==
          "D/f: ends after 8 bytes, within the header; expected an idx file");
    CHECK(
        fault("\x89PNG") ==
        "D/f: begins with 0x89504e47; expected 0x00000801 (idx labels) or 0x00000803 (idx images)");
    CHECK(fault(image_file(2, 2, 2, "abc")) ==
          "D/f: ends after 19 bytes; expected 24 (2 x 2 x 2 after the header)");
    CHECK(fault(image_file(2, 2, 2, "abcdefghi")) ==
          "D/f: goes on after 24 bytes; expected an end there (2 x 2 x 2 after the header)");
    CHECK(fault(image_file(2, 0, 2, "")) ==
          "D/f: has sizes 2 x 0 in its header; expected sizes of at least 1 and at most 4 GiB in "
          "all");
    CHECK(fault(image_file(0xffffffff, 0xffffffff, 28, "")) ==
          "D/f: has sizes 4294967295 x 4294967295 in its header; expected sizes of at least 1 and "
          "at most 4 "
          "GiB in all");
    CHECK(fault(image_file(0x10000, 28, 28, "")) ==
          "D/f: ends after 16 bytes; expected 51380240 (65536 x 28 x 28 after the header)");
}

TEST_CASE("a gz file that was cut off or damaged") {
    const Folder folder;
    const auto whole = write_gz(folder, "w.gz", label_file(1000, std::string(1000, '\1')));
    std::ifstream in(whole, std::ios::binary);
    const std::string packed((std::istreambuf_iterator<char>(in)), {});
    const auto cut = folder.write("c.gz", packed.substr(0, packed.size() - 12));
    const std::string message = shorten(folder, fault_of([&] { read_idx(cut); }));
    CHECK(message.rfind("D/c.gz: ends after ", 0) == 0);
    CHECK(message.find("1008 (1000 after the header)") != std::string::npos);
    std::string altered = packed;
    altered[altered.size() - 6] = char(altered[altered.size() - 6] ^ 1); // in the check sum
    const auto damaged = folder.write("d.gz", altered);
    CHECK(shorten(folder, fault_of([&] { read_idx(damaged); })) ==
          "D/d.gz: cannot be read (incorrect data check); expected the file as published");
}

TEST_CASE("any bytes give an idx file or a sentence") {
    const Folder folder;
    const std::string good = image_file(3, 4, 5, std::string(60, '\3'));
    uint64_t state = 1;
    int sound = 0, refused = 0;
    for (int i = 0; i < 500; ++i) {
        std::string bytes = good;
        for (int flips = 0; flips < 3; ++flips) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            bytes[std::size_t(state >> 33) % 20] = char(state >> 56);
        }
        const auto path = folder.write("f", bytes);
        const std::string fault = fault_of([&] {
            const Idx idx = read_idx(path);
            int64_t product = 1;
            for (int64_t size : idx.shape) product *= size;
            CHECK(product == int64_t(idx.data.size()));
        });
        ++(fault.empty() ? sound : refused);
        if (!fault.empty()) CHECK(fault.find("; ") != std::string::npos);
    }
    CHECK(sound + refused == 500);
    CHECK(refused > 400);
}

TEST_CASE("a set is found in a folder, in its own folder below, as .gz, and complete only") {
    const Tiny tiny;
    const auto& home = tiny.folder.path();
    CHECK(locate(tiny.info, {home}) == home);
    CHECK(locate(tiny.info, {"/nowhere"}).empty());
    const Dataset data = load(tiny.info, {"/nowhere", home});
    CHECK(data.train.count == 2);
    CHECK(data.train.rows == 2);
    CHECK(data.test.pixels == std::vector<uint8_t>(8, 7));
    CHECK(data.train.labels == std::vector<uint16_t>{0, 1});
    std::string digests;
    for (const auto& file : tiny.info.files) digests += file.sha256;
    CHECK(data.payload_digest == sha256(digests));
    CHECK(verify(tiny.info, {home}) == data.payload_digest);

    fs::create_directory(home / "tiny");
    for (const auto& file : tiny.info.files) {
        std::ifstream in(home / file.name, std::ios::binary);
        write_gz(tiny.folder, "tiny/" + file.name + ".gz",
                 std::string((std::istreambuf_iterator<char>(in)), {}));
        in.close();
        fs::remove(home / file.name);
    }
    CHECK(locate(tiny.info, {home}) == home / "tiny");
    CHECK(load(tiny.info, {home}).payload_digest == data.payload_digest);
    auto by_default = tiny.info;
    by_default.default_folders = {(home / "tiny").string()};
    CHECK(locate(by_default, {}) == home / "tiny");
}

TEST_CASE("a missing set: which files, where they were looked for, and how to get them") {
    Tiny tiny;
    CHECK(fault_of([&] { load(tiny.info, {"/nowhere"}); }) ==
          "data set tiny: a-images, a-labels, b-images, b-labels (plain or .gz) not found; looked "
          "in /nowhere, /nowhere/tiny; to get the "
          "set: make it");
    fs::remove(tiny.folder.path() / "b-images");
    CHECK(tiny.fault() ==
          "data set tiny in D: b-images (plain or .gz) not found; looked in D, D/tiny; to get the "
          "set: make it");
    CHECK(fault_of([&] { load(tiny.info, {}); }) ==
          "data set tiny: a-images, a-labels, b-images, b-labels (plain or .gz) not found; looked "
          "in no folder; to get the set: make it");
}

TEST_CASE("a set that has a source is got by the command that fetches it") {
    std::size_t fetched = 0;
    for (const auto& info : built_in_datasets()) {
        if (info.sources.empty() || info.name == "fashion-mnist")
            continue; // Fashion-MNIST is a package, too
        CHECK(info.how_to_get == "mneme data fetch " + info.name);
        ++fetched;
    }
    CHECK(fetched == 7);
    const Folder empty;
    const std::string here = empty.path().string();
    CHECK(fault_of([&] { load(built_in_dataset("banking77"), {empty.path()}); }) ==
          "data set banking77: train.csv, test.csv, categories.json (plain or .gz) not found; "
          "looked in " +
              here + ", " + here + "/banking77; to get the set: mneme data fetch banking77");
}

TEST_CASE(
    "a bad file of a set: truncated, altered, the wrong kind, counts that disagree, labels out of "
    "range") {
    const std::string b_images = sha256(image_file(2, 2, 2, std::string(8, '\7')));
    CHECK(Tiny().fault_with("a-images", image_file(2, 2, 2, "abc")) ==
          "D/a-images: ends after 19 bytes; expected 24 (2 x 2 x 2 after the header)");
    CHECK(Tiny().fault_with("b-images", image_file(2, 2, 2, std::string(8, '\6'))) ==
          "D/b-images: is not the published file (SHA-256 of its content " +
              sha256(image_file(2, 2, 2, std::string(8, '\6'))) + "); expected " + b_images +
              "; to get the set: make it");
    CHECK(Tiny().fault_with("a-images", label_file(2, labels)) ==
          "D/a-images: holds labels; expected images (0x00000803)");
    CHECK(Tiny().fault_with("a-labels", image_file(2, 2, 2, pixels)) ==
          "D/a-labels: holds images; expected labels (0x00000801)");
    CHECK(Tiny().fault_with("b-labels", label_file(1, "\1")) ==
          "D/b-labels: has 1 labels; expected 2, one for each image of b-images");
    CHECK(Tiny().fault_with("b-labels", label_file(2, "\1\2")) ==
          "D/b-labels: label 1 (from 0) is 2; expected 0 to 1");
}

TEST_CASE("an altered copy of real data is refused") {
    const Folder folder;
    const auto& info = built_in_dataset("fashion-mnist");
    const fs::path home = locate(info, data_folders());
    if (home.empty()) mneme::test::skip("Fashion-MNIST is not installed: " + info.how_to_get);
    for (const auto& file : info.files)
        fs::create_symlink(home / (file.name + ".gz"), folder.path() / (file.name + ".gz"));
    CHECK(locate(info, {folder.path()}) == folder.path());
    const Idx labels_read = read_idx(folder.path() / (info.files[3].name + ".gz"));
    std::string altered(labels_read.data.begin(), labels_read.data.end());
    altered[5000] = char((altered[5000] + 1) % 10);
    const std::string bytes = label_file(10000, altered);
    folder.write(info.files[3].name, bytes); // the plain file goes before the .gz
    CHECK(shorten(folder, fault_of([&] { load(info, {folder.path()}); })) ==
          "D/t10k-labels-idx1-ubyte: is not the published file (SHA-256 of its content " +
              sha256(bytes) + "); expected " + info.files[3].sha256 +
              "; to get the set: apt install dataset-fashion-mnist");
}

TEST_CASE("the registered sets are read and checked") {
    for (const auto& info : built_in_datasets()) {
        if (info.format != Format::idx) continue;
        CHECK(info.files.size() == 4);
        if (locate(info, data_folders()).empty()) continue;
        const Dataset data = load(info, data_folders());
        std::string digests;
        for (const auto& file : info.files) digests += file.sha256;
        CHECK(data.payload_digest == sha256(digests));
        CHECK(data.train.count == (info.name == "usps" ? 7291 : 60000));
        CHECK(data.test.count == (info.name == "usps" ? 2007 : 10000));
        CHECK(data.train.rows == (info.name == "usps" ? 16 : 28));
        CHECK(uint64_t(data.test.pixels.size()) + 16 == info.files[2].bytes);
    }
}

TEST_CASE("MNIST is read where it is") {
    if (locate(built_in_dataset("mnist"), data_folders()).empty())
        mneme::test::skip("MNIST is not here: " + built_in_dataset("mnist").how_to_get);
    const Dataset data = load(built_in_dataset("mnist"), data_folders());
    CHECK(std::vector<uint16_t>(data.train.labels.begin(), data.train.labels.begin() + 5) ==
          std::vector<uint16_t>{5, 0, 4, 1, 9});
}

TEST_CASE("the digest of a file's content, packed or not, is taken of no more than it may hold") {
    const Folder folder;
    CHECK(payload_sha256(folder.write("plain", "abc"), 3) == sha256("abc"));
    CHECK(payload_sha256(write_gz(folder, "packed.gz", "abc"), 3) == sha256("abc"));
    CHECK(shorten(folder, fault_of([&] { payload_sha256(folder / "packed.gz", 2); })) ==
          "D/packed.gz: goes on after 2 bytes; expected that many at most");
    // Zeros that unpack to 256 MB take a quarter of a second to unpack; a thousandth is read here.
    const auto bomb = write_gz(folder, "bomb.gz", std::string(std::size_t{1} << 28, '\0'));
    const auto begin = std::chrono::steady_clock::now();
    CHECK(!fault_of([&] { payload_sha256(bomb, 1000); }).empty());
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(100));
}

TEST_CASE("what a set may unpack to follows from what is known of it") {
    CHECK(most_unpacked_bytes(built_in_dataset("omniglot")) == 8182295 + 8182295 / 4 + (1 << 20));
    CHECK(most_unpacked_bytes(built_in_dataset("tiny-imagenet")) ==
          uint64_t{2457600000} + 2457600000 / 4 + (1 << 20)); // 2 x 100,000 x 64 x 64 x 3
}
