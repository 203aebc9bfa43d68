// SPDX-License-Identifier: Apache-2.0
// CIFAR and Omniglot from small files in the same formats, made here: what is read, and every message.
#include "catch.hpp"
#include "support.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <thread>

#include <png.h>

#include <benchmarks/tasks.hpp>

using namespace bench_test;

namespace {

// One entry of a tar file: a header of 512 bytes, and the content filled up to such blocks. `size` may lie.
std::string tar_entry(const std::string& name, const std::string& bytes, uint64_t size, char type = '0') {
    std::string header(512, '\0');
    const auto put = [&](std::size_t at, const std::string& text) { header.replace(at, text.size(), text); };
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
std::string tar_entry(const std::string& name, const std::string& bytes) { return tar_entry(name, bytes, bytes.size()); }

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
        return folder.shorten(fault_of([&] { read(); }));
    }
    std::string fault_with(const std::string& name, const std::string& content) const {
        write_files();
        folder.write(name, content);
        return fault();
    }
    std::string fault_of_tar(const std::string& content) const {
        folder.write_gz("small.tar.gz", content);
        return fault();
    }
};

// A cache folder of the test's own.
class OwnCache final {
  public:
    OwnCache() : before_(std::getenv("XDG_CACHE_HOME") ? std::getenv("XDG_CACHE_HOME") : "") {
        setenv("XDG_CACHE_HOME", folder_.path().c_str(), 1);
    }
    ~OwnCache() { before_.empty() ? unsetenv("XDG_CACHE_HOME") : setenv("XDG_CACHE_HOME", before_.c_str(), 1); }
    OwnCache(const OwnCache&) = delete;
    OwnCache& operator=(const OwnCache&) = delete;
    std::vector<fs::path> files() const {
        std::vector<fs::path> found;
        for (const auto& entry : fs::recursive_directory_iterator(folder_.path()))
            if (entry.is_regular_file()) found.push_back(entry.path());
        return found;
    }

  private:
    Folder folder_;
    std::string before_;
};

int ink(int character, int drawing, int row, int column) { return (row * 7 + column * 3 + character * 31 + drawing) % 5 < 2 ? 0 : 255; }

void write_png(const fs::path& path, int character, int drawing, int side = 105) {
    std::vector<uint8_t> pixels;
    for (int r = 0; r < side; ++r)
        for (int c = 0; c < side; ++c) pixels.push_back(uint8_t(ink(character, drawing, r, c)));
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = image.height = png_uint_32(side);
    image.format = PNG_FORMAT_GRAY;
    fs::create_directories(path.parent_path());
    REQUIRE(png_image_write_to_file(&image, path.c_str(), 0, pixels.data(), 0, nullptr) != 0);
}

struct Drawings {
    Folder folder;
    DatasetInfo info;
    Drawings() {
        info.name = "omniglot";
        info.how_to_get = "make it";
        info.format = Format::omniglot;
        info.classes = 3;
        info.shape = {1, 28, 28};
        info.files = {{"tree", 0, "", ""}};
        const char* folders[] = {"images_background/Alpha/character01", "images_background/Alpha/character02",
                                 "images_evaluation/Beta/character01"};
        for (int c = 0; c < 3; ++c)
            for (int d = 0; d < 20; ++d) {
                char name[32];
                std::snprintf(name, sizeof name, "%04d_%02d.png", 900 - c, d + 1);
                write_png(folder.path() / folders[c] / name, c, d);
            }
    }
    Dataset read() const { return load(info, {folder.path()}); }
    std::string fault() const {
        return folder.shorten(fault_of([&] { read(); }));
    }
};

// The mean over the square that an output pixel covers, by sampling each of 28 x 28 parts of every source pixel.
double area_mean(int character, int drawing, int row, int column) {
    double sum = 0;
    for (int y = row * 105; y < (row + 1) * 105; ++y)
        for (int x = column * 105; x < (column + 1) * 105; ++x) sum += 255 - ink(character, drawing, y / 28, x / 28);
    return sum / (105 * 105);
}

} // namespace

TEST_CASE("CIFAR's records are read from a folder, from gz files and from an archive in any order alike") {
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
        for (std::size_t f = 0; f < 3; ++f) packed.folder.write_gz(packed.info.files[f].name + ".gz", packed.bytes[f]);
        archived.folder.write_gz("small.tar.gz", archived.tar({2, 1, 0}));
        CHECK(locate(archived.info, {archived.folder.path()}) == archived.folder.path() / "small.tar.gz");
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
    CHECK(set.fault().find("is not the published file") == std::string::npos); // `sha256` is empty now: any
    for (auto& file : set.info.files) file.sha256 = std::string(64, '0');
    CHECK(set.read().copy == "the second copy");
    CHECK(set.read().payload_digest == first);
    set.info.files[2].sha256 = set.info.files[2].another;
    set.info.files[2].another = "";
    CHECK(set.read().copy == "files of two copies");
}

TEST_CASE("bad records of CIFAR: cut off, too long, labels out of range, altered, missing") {
    const std::string good = records(3, 0, false);
    CHECK(Cifar().fault_with("a.bin", good.substr(0, 30)) == "D/a.bin: ends after 30 bytes; 39 (3 records of 13 bytes) would be right");
    CHECK(Cifar().fault_with("a.bin", good + "x") ==
          "D/a.bin: goes on after 39 bytes; an end there (3 records of 13 bytes) would be right");
    std::string altered = good;
    altered[13] = 4;
    CHECK(Cifar().fault_with("a.bin", altered) == "D/a.bin: label 1 (from 0) is 4; 0 to 3 would be right");
    altered = good;
    altered[20] ^= 1;
    CHECK(Cifar().fault_with("a.bin", altered) == "D/a.bin: is not the published file (SHA-256 of its content " + sha256(altered) + "); " +
                                                      sha256(good) + " would be right; to get the set: make it");
    CHECK(
        Cifar().fault() ==
        "data set small: a.bin, b.bin, t.bin (plain or .gz), or else small.tar.gz, not found; looked in D, D/small, D/small-binary; to get "
        "the set: make it");
}

TEST_CASE("bad archives: cut off, none at all, files missing or twice, paths that leave it, links, bombs") {
    const Cifar set;
    const std::string published = "; the archive as published would be right", whole = set.tar({0, 1, 2});
    CHECK(set.fault_of_tar(set.tar({0, 2})) == "D/small.tar.gz: has no b.bin" + published);
    CHECK(set.fault_of_tar(set.tar({0, 0, 1, 2})) == "D/small.tar.gz: has a.bin twice; once would be right");
    CHECK(set.fault_of_tar(tar_entry("../a.bin", set.bytes[0]) + whole) ==
          "D/small.tar.gz: has an entry \"../a.bin\", which leaves the archive" + published);
    CHECK(set.fault_of_tar(tar_entry("/etc/a.bin", set.bytes[0]) + whole) ==
          "D/small.tar.gz: has an entry \"/etc/a.bin\", which leaves the archive" + published);
    CHECK(set.fault_of_tar(tar_entry("small/a.bin", "", 0, '2') + set.tar({1, 2})) == "D/small.tar.gz: has no a.bin" + published);
    CHECK(set.fault_of_tar(tar_entry("small/filler", "", uint64_t{4} << 30) + whole) ==
          "D/small.tar.gz: unpacks to more than 67108955 bytes" + published);
    CHECK(set.fault_of_tar(whole.substr(0, 1550)).rfind("D/small.tar.gz, small/a.bin: cannot be read (", 0) == 0);
    CHECK(set.fault_of_tar("no archive").rfind("D/small.tar.gz: cannot be read (", 0) == 0);
    CHECK(set.fault_of_tar(tar_entry("small/a.bin", set.bytes[0] + "x") + set.tar({1, 2})) ==
          "D/small.tar.gz, small/a.bin: goes on after 39 bytes; an end there (3 records of 13 bytes) would be right");
    set.folder.write("small.tar.gz", std::string("\x1f\x8b\x08\0\0\0\0\0\0\0rubbish", 17));
    CHECK(set.fault().rfind("D/small.tar.gz: cannot be read (", 0) == 0);
}

TEST_CASE("CIFAR-100 as it is here has the published means, and every class its images") {
    if (locate(dataset("cifar-100"), data_folders()).empty())
        mneme::test::skip("CIFAR-100 is not here: " + dataset("cifar-100").how_to_get);
    const Dataset data = load(dataset("cifar-100"), data_folders());
    CHECK(!data.copy.empty());
    CHECK(data.train.pixels.size() == 50000u * 3072);
    const double mean[] = {0.507075, 0.486549, 0.440918}, deviation[] = {0.267334, 0.256438, 0.276150};
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

TEST_CASE("Omniglot's drawings become small pictures by area average, 16 of a character for training") {
    const OwnCache cache;
    const Drawings drawings;
    const Dataset data = drawings.read();
    CHECK(data.train.count == 48);
    CHECK(data.test.count == 12);
    CHECK(data.train.labels[0] == 0);
    CHECK(data.train.labels[47] == 2);
    CHECK(data.test.labels == std::vector<uint16_t>{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2});
    bool right = true;
    for (int r = 0; r < 28; r += 3)
        for (int c = 0; c < 28; ++c) {
            const int train = data.train.pixels[std::size_t((17 * 28 + r) * 28 + c)],
                      test = data.test.pixels[std::size_t((11 * 28 + r) * 28 + c)];
            right = right && train == int(std::floor(area_mean(1, 1, r, c) + 0.5)) && test == int(std::floor(area_mean(2, 19, r, c) + 0.5));
        }
    CHECK(right);
    auto larger = drawings.info;
    larger.shape = {1, 32, 32};
    CHECK(load(larger, {drawings.folder.path()}).train.pixels.size() == 48u * 1024);
}

TEST_CASE("what was decoded is kept, checked when it is used again, and may be built by two at once") {
    const OwnCache cache;
    const Drawings drawings;
    Dataset one, two;
    std::thread other([&] { two = drawings.read(); });
    one = drawings.read();
    other.join();
    CHECK(one.train.pixels == two.train.pixels);
    REQUIRE(cache.files().size() == 1); // and no draft
    const fs::path kept = cache.files()[0];
    const auto first_written = fs::last_write_time(kept);
    CHECK(drawings.read().train.pixels == one.train.pixels);
    CHECK(fs::last_write_time(kept) == first_written); // it was read, not built
    {
        std::fstream file(kept, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(5000);
        file.put('!');
    }
    CHECK(drawings.read().train.pixels == one.train.pixels);
    fs::resize_file(kept, 100);
    CHECK(drawings.read().test.pixels == one.test.pixels);
    CHECK(fs::file_size(kept) > 100);
    write_png(drawings.folder.path() / "images_background/Alpha/character01/0900_01.png", 2,
              5); // another drawing: what was kept is out of date
    CHECK(drawings.read().train.pixels != one.train.pixels);
}

TEST_CASE("bad folders of drawings: too few, of another size, no PNG, not the published ones") {
    const OwnCache cache;
    const std::string path = "images_background/Alpha/character01/0900_01.png";
    {
        const Drawings d;
        d.folder.write(path, "text");
        const std::string fault = d.fault();
        CHECK(fault.rfind("D/" + path + ": cannot be read as PNG (", 0) == 0);
        CHECK(fault.find("); a PNG file of 105 x 105 would be right") != std::string::npos);
    }
    {
        const Drawings d;
        write_png(d.folder.path() / path, 0, 0, 90);
        CHECK(d.fault() == "D/" + path + ": is of 90 x 90; 105 x 105 would be right");
    }
    {
        Drawings d;
        d.info.files[0].sha256 = std::string(64, '0');
        const std::string fault = d.fault();
        CHECK(fault.rfind("D: is not the published tree (SHA-256 of its files' sums ", 0) == 0);
        CHECK(fault.find("); " + std::string(64, '0') + " would be right; to get the set: make it") != std::string::npos);
    }
    Drawings d;
    d.info.classes = 4;
    CHECK(d.fault() == "D: has 3 characters; 4 would be right; to get the set: make it");
    fs::remove(d.folder.path() / path);
    CHECK(d.fault() == "D/images_background/Alpha/character01: has 19 drawings; 20 would be right; to get the set: make it");
    fs::remove_all(d.folder.path() / "images_evaluation");
    CHECK(d.fault() == "data set omniglot in D: images_evaluation not found; looked in D, D/omniglot; to get the set: make it");
}

TEST_CASE("Omniglot as it is here") {
    if (locate(dataset("omniglot"), data_folders()).empty()) mneme::test::skip("Omniglot is not here: " + dataset("omniglot").how_to_get);
    const OwnCache cache;
    const fs::path home = locate(dataset("omniglot"), {fs::path(std::getenv("HOME")) / ".cache" / "mneme-data"});
    if (home.empty()) mneme::test::skip("Omniglot is elsewhere than in the usual folder");
    const Dataset data = load(dataset("omniglot"), {home});
    CHECK(data.train.count == 1623 * 16);
    CHECK(data.test.count == 1623 * 4);
    CHECK(data.train.labels.back() == 1622);
    uint64_t sum = 0;
    for (uint8_t p : data.train.pixels) sum += p;
    const double mean = double(sum) / double(data.train.pixels.size()) / 255;
    CHECK(mean > 0.02); // thin bright ink on black
    CHECK(mean < 0.15);
}
