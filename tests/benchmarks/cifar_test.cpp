// SPDX-License-Identifier: Apache-2.0
// CIFAR from small files in the same format, made here: what is read, and every message.
#include "catch.hpp"
#include "support.hpp"

#include <algorithm>
#include <cmath>

using namespace bench_test;

namespace {

// One entry of a tar file: a header of 512 bytes, and the content filled up to such blocks. `size`
// may lie.
std::string tar_entry(const std::string& name, const std::string& bytes, uint64_t size,
                      char type = '0') {
    std::string header(512, '\0');
    const auto put = [&](std::size_t at, const std::string& text) {
        header.replace(at, text.size(), text);
    };
    char octal[16];
    put(0, name);
    put(100, "0000644");
    std::snprintf(octal, sizeof octal, "%011llo", static_cast<unsigned long long>(size));
    put(124, octal);
    put(136, "00000000000");
    put(148, "        ");
    header[156] = type;
    if (type == '2') put(157, "elsewhere");
    put(257, std::string("ustar\00000", 8));
    unsigned sum = 0;
    for (unsigned char c : header) sum += c;
    std::snprintf(octal, sizeof octal, "%06o", sum);
    put(148, std::string(octal, 7));
    return header + bytes + std::string((512 - bytes.size() % 512) % 512, '\0');
}
std::string tar_entry(const std::string& name, const std::string& bytes) {
    return tar_entry(name, bytes, bytes.size());
}

// Records of 2 x 2 x 3 pixels: `count` of them, from `first` on, all different.
std::string records(int count, int first, bool two_labels) {
    std::string bytes;
    for (int i = first; i < first + count; ++i) {
        if (two_labels) bytes += '\7'; // the coarse label is not looked at
        bytes += char(i % 4);
        for (int p = 0; p < 12; ++p) bytes += char(i * 12 + p);
    }
    return bytes;
}

struct Cifar {
    Folder folder;
    DatasetInfo info;
    std::vector<std::string> bytes;

    explicit Cifar(bool two_labels = false) {
        info.name = "small";
        info.how_to_get = "make it";
        info.classes = 4;
        info.format = Format::cifar;
        info.shape = {3, 2, 2};
        info.folder = "small-binary";
        info.archive = "small.tar.gz";
        info.label_bytes = two_labels ? 2 : 1;
        info.this_copy = "the first copy", info.other_copy = "the second copy";
        add("a.bin", records(3, 0, two_labels));
        add("b.bin", records(2, 3, two_labels));
        add("t.bin", records(2, 9, two_labels));
    }
    void add(const std::string& name, const std::string& content) {
        info.files.push_back({name, content.size(), sha256(content), ""});
        bytes.push_back(content);
    }
    void write_files() const {
        for (std::size_t f = 0; f < bytes.size(); ++f) folder.write(info.files[f].name, bytes[f]);
    }
    std::string tar(const std::vector<std::size_t>& order) const {
        std::string all = tar_entry("small/readme", "hello");
        for (std::size_t f : order) all += tar_entry("small/" + info.files[f].name, bytes[f]);
        return all + std::string(1024, '\0');
    }
    Dataset read() const { return load(info, {folder.path()}); }
    std::string fault() const {
        return shorten(folder, fault_of([&] { read(); }));
    }
    std::string fault_with(const std::string& name, const std::string& content) const {
        write_files();
        folder.write(name, content);
        return fault();
    }
    std::string fault_of_tar(const std::string& content) const {
        write_gz(folder, "small.tar.gz", content);
        return fault();
    }
};

} // namespace

TEST_CASE(
    "CIFAR's records are read from a folder, from gz files and from an archive in any order "
    "alike") {
    for (bool two_labels : {false, true}) {
        const Cifar set(two_labels);
        set.write_files();
        const Dataset plain = set.read();
        CHECK(plain.train.count == 5);
        CHECK(plain.train.labels == std::vector<uint16_t>{0, 1, 2, 3, 0});
        CHECK(plain.test.labels == std::vector<uint16_t>{1, 2});
        CHECK(plain.train.channels == 3);
        CHECK(plain.train.rows == 2);
        bool same = plain.train.pixels.size() == 60;
        for (std::size_t i = 0; i < 60; ++i) same = same && plain.train.pixels[i] == i;
        CHECK(same);
        CHECK(plain.test.pixels[0] == 9 * 12);
        std::string digests;
        for (const auto& file : set.info.files) digests += file.sha256;
        CHECK(plain.payload_digest == sha256(digests));
        CHECK(plain.copy == "the first copy");

        const Cifar packed(two_labels), archived(two_labels);
        for (std::size_t f = 0; f < 3; ++f)
            write_gz(packed.folder, packed.info.files[f].name + ".gz", packed.bytes[f]);
        write_gz(archived.folder, "small.tar.gz", archived.tar({2, 1, 0}));
        CHECK(locate(archived.info, {archived.folder.path()}) ==
              archived.folder.path() / "small.tar.gz");
        for (const Dataset& other : {packed.read(), archived.read()}) {
            CHECK(other.train.pixels == plain.train.pixels);
            CHECK(other.train.labels == plain.train.labels);
            CHECK(other.test.pixels == plain.test.pixels);
            CHECK(other.payload_digest == plain.payload_digest);
        }
    }
}

TEST_CASE("another copy that is known is accepted, and it is said which was read") {
    Cifar set;
    set.write_files();
    const std::string first = set.read().payload_digest;
    for (auto& file : set.info.files) std::swap(file.sha256, file.another);
    CHECK(set.fault().find("is not the published file") ==
          std::string::npos); // `sha256` is empty now: any
    for (auto& file : set.info.files) file.sha256 = std::string(64, '0');
    CHECK(set.read().copy == "the second copy");
    CHECK(set.read().payload_digest == first);
    set.info.files[2].sha256 = set.info.files[2].another;
    set.info.files[2].another = "";
    CHECK(set.read().copy == "files of two copies");
}

TEST_CASE("bad records of CIFAR: cut off, too long, labels out of range, altered, missing") {
    const std::string good = records(3, 0, false);
    CHECK(Cifar().fault_with("a.bin", good.substr(0, 30)) ==
          "D/a.bin: ends after 30 bytes; expected 39 (3 records of 13 bytes)");
    CHECK(Cifar().fault_with("a.bin", good + "x") ==
          "D/a.bin: goes on after 39 bytes; expected an end there (3 records of 13 bytes)");
    std::string altered = good;
    altered[13] = 4;
    CHECK(Cifar().fault_with("a.bin", altered) ==
          "D/a.bin: label 1 (from 0) is 4; expected 0 to 3");
    altered = good;
    altered[20] ^= 1;
    CHECK(Cifar().fault_with("a.bin", altered) ==
          "D/a.bin: is not the published file (SHA-256 of its content " + sha256(altered) +
              "); expected " + sha256(good) + "; to get the set: make it");
    CHECK(Cifar().fault() ==
          "data set small: a.bin, b.bin, t.bin (plain or .gz), or else small.tar.gz, not found; "
          "looked in D, D/small, D/small-binary; to get "
          "the set: make it");
}

TEST_CASE(
    "bad archives: cut off, none at all, files missing or twice, paths that leave it, links, "
    "bombs") {
    const Cifar set;
    const std::string published = "; expected the archive as published", whole = set.tar({0, 1, 2});
    CHECK(set.fault_of_tar(set.tar({0, 2})) == "D/small.tar.gz: has no b.bin" + published);
    CHECK(set.fault_of_tar(set.tar({0, 0, 1, 2})) ==
          "D/small.tar.gz: has a.bin twice; list it once");
    CHECK(set.fault_of_tar(tar_entry("../a.bin", set.bytes[0]) + whole) ==
          "D/small.tar.gz: has an entry \"../a.bin\", which leaves the archive" + published);
    CHECK(set.fault_of_tar(tar_entry("/etc/a.bin", set.bytes[0]) + whole) ==
          "D/small.tar.gz: has an entry \"/etc/a.bin\", which leaves the archive" + published);
    CHECK(set.fault_of_tar(tar_entry("small/a.bin", "", 0, '2') + set.tar({1, 2})) ==
          "D/small.tar.gz: has no a.bin" + published);
    CHECK(set.fault_of_tar(tar_entry("small/filler", "", uint64_t{4} << 30) + whole) ==
          "D/small.tar.gz: unpacks to more than 1048667 bytes" + published);
    CHECK(set.fault_of_tar(whole.substr(0, 1550))
              .rfind("D/small.tar.gz, small/a.bin: cannot be read (", 0) == 0);
    CHECK(set.fault_of_tar("no archive").rfind("D/small.tar.gz: cannot be read (", 0) == 0);
    CHECK(set.fault_of_tar(tar_entry("small/a.bin", set.bytes[0] + "x") + set.tar({1, 2})) ==
          "D/small.tar.gz, small/a.bin: goes on after 39 bytes; expected an end there (3 records "
          "of 13 "
          "bytes)");
    set.folder.write("small.tar.gz", std::string("\x1f\x8b\x08\0\0\0\0\0\0\0rubbish", 17));
    CHECK(set.fault().rfind("D/small.tar.gz: cannot be read (", 0) == 0);
}

TEST_CASE("CIFAR-100 as it is here has the published means, and every class its images") {
    if (locate(built_in_dataset("cifar-100"), data_folders()).empty())
        mneme::test::skip("CIFAR-100 is not here: " + built_in_dataset("cifar-100").how_to_get);
    const Dataset data = load(built_in_dataset("cifar-100"), data_folders());
    CHECK(!data.copy.empty());
    CHECK(data.train.pixels.size() == 50000u * 3072);
    const double mean[] = {0.507075, 0.486549, 0.440918},
                 deviation[] = {0.267334, 0.256438, 0.276150};
    for (std::size_t channel = 0; channel < 3; ++channel) {
        double sum = 0, squares = 0;
        for (std::size_t i = 0; i < 50000; ++i)
            for (std::size_t p = 0; p < 1024; ++p) {
                const double v = data.train.pixels[i * 3072 + channel * 1024 + p] / 255.0;
                sum += v, squares += v * v;
            }
        const double n = 50000.0 * 1024, m = sum / n;
        CHECK(std::abs(m - mean[channel]) < 1e-6);
        CHECK(std::abs(std::sqrt(squares / n - m * m) - deviation[channel]) < 1e-6);
    }
    std::vector<int> count(100);
    for (uint16_t label : data.train.labels) ++count[label];
    CHECK(std::count(count.begin(), count.end(), 500) == 100);
}
