// SPDX-License-Identifier: Apache-2.0
// Descriptions of data sets: those that are built in, and what a user's own may say.
#include "catch.hpp"

#include <set>

#include "plan/dataset_file.hpp"
#include "plan/datasets.hpp"
#include "support.hpp"

using namespace mneme;
using namespace plan_test;

namespace {

const std::string colours =
    "format = \"cifar\"\nclasses = 2\nshape = [3, 1, 1]\n"
    "train = [\"a.bin\", \"b.bin\"]\ntest = \"t.bin\"\n"
    "bytes = [8, 8, 8]\n"; // 6 lines

bench::DatasetInfo read(const Folder& folder, const std::string& text) {
    return harness::read_dataset(folder.write("mine.dataset.toml", text));
}

std::string fault_in(const std::string& text) {
    const Folder folder;
    return folder.shorten(fault_of([&] { read(folder, text); }));
}

} // namespace

TEST_CASE("every description in benchmarks/datasets is built in, and no other") {
    std::set<std::string> files, built_in;
    for (const auto& entry : fs::directory_iterator(MNEME_SOURCE "/benchmarks/datasets"))
        files.insert(entry.path().stem().stem().string());
    for (const auto& info : harness::built_in_datasets()) built_in.insert(info.name);
    CHECK(files.size() == 12);
    CHECK(files == built_in);
}

TEST_CASE("a built-in set has sums where it has files, and says how it is got") {
    for (const auto& info : harness::built_in_datasets()) {
        CAPTURE(info.name);
        CHECK(info.how_to_get != "");
        CHECK(info.licence != "none stated");
        CHECK(info.classes >= 10);
        CHECK(!info.files.empty());
        // The archive of the one has the sum; the other is made on each machine.
        const bool none = info.name == "tiny-imagenet" || info.name == "cifar-100-features";
        for (const auto& file : info.files) {
            CHECK(file.sha256.size() == (none ? 0u : 64u));
            CHECK((file.bytes > 0) == !none);
        }
        for (const auto& source : info.sources) CHECK(source.url.starts_with("http"));
    }
    CHECK(harness::built_in_dataset("mnist").sources.size() == 8); // two places for each file
    CHECK(harness::built_in_dataset("cifar-100").files[1].another.size() == 64);
    CHECK(harness::built_in_dataset("cifar-100").label_bytes == 2);
    CHECK(harness::built_in_dataset("tiny-imagenet").sources[0].path == "tiny-imagenet-200.zip");
    CHECK(harness::built_in_dataset("banking77").files[2].name == "categories.json");
    CHECK(harness::built_in_dataset("clinc150").shape == std::vector<int64_t>{32, 128});
}

TEST_CASE("a user's set may be of any format that the built-in ones have") {
    const Folder folder;
    for (const char* name : {"a.bin", "b.bin", "t.bin"})
        folder.write(name, std::string("\0\1\2\3\1\4\5\6", 8));
    auto info = read(folder, colours);
    CHECK(info.how_to_get == "it is described in " + (folder / "mine.dataset.toml").string());
    const auto data = bench::load(info, {});
    CHECK(data.train.count == 4);
    CHECK(data.test.pixels == std::vector<uint8_t>{1, 2, 3, 4, 5, 6});
    CHECK(data.test.labels == std::vector<uint16_t>{0, 1});

    info = read(folder, colours +
                            "get = \"ask for it\"\n[[source]]\nbase = \"https://x/y\"\n"
                            "files = [\"all.zip\"]\ninto = \".\"\nunpack = true\n"
                            "md5 = [\"1\"]\n[[source]]\nbase = \"http://z/\"\n"
                            "files = [\"a.bin\"]\n");
    CHECK(info.how_to_get ==
          "ask for it (it is described in " + (folder / "mine.dataset.toml").string() + ")");
    REQUIRE(info.sources.size() == 2);
    CHECK(info.sources[0].path == "all.zip");
    CHECK(info.sources[0].url == "https://x/y/all.zip");
    CHECK(info.sources[0].unpack);
    CHECK(info.sources[0].md5 == "1");
    CHECK(info.sources[1].path == "mine/a.bin");
    CHECK(!info.sources[1].unpack);
}

TEST_CASE("what is wrong with a description of a data set is said with its place") {
    const std::string at = "65 mine.dataset.toml:7:";
    CHECK(fault_in(colours + "sha256 = [\"00\"]\n") ==
          at + "10: sha256 holds \"00\"; expected 64 digits of 0-9 and a-f");
    CHECK(fault_in(colours + "other_sha256 = [\"" + std::string(64, '0') + "\"]\n") ==
          at + "16: other_sha256 has 1 sums; expected 3, in the order a.bin, b.bin, t.bin");
    const auto sized = [](const std::string& sizes) {
        return fault_in(colours.substr(0, colours.find("bytes")) + "bytes = " + sizes + "\n");
    };
    CHECK(sized("[1, 2]") ==
          "65 mine.dataset.toml:6:9: bytes has 2 sizes; expected 3, in the order a.bin, b.bin, "
          "t.bin");
    CHECK(sized("[4, 6, 4]") ==
          "65 mine.dataset.toml:6:9: bytes has 6 for b.bin; expected a "
          "multiple of 4, the size of a record");
    CHECK(sized("[1, 0, 1]") ==
          "65 mine.dataset.toml:6:9: bytes holds 0; expected the size of a file's content, 1 or "
          "more");
    CHECK(fault_in(colours + "source = \"ftp://x\"\n") ==
          at + "10: source is \"ftp://x\"; expected an address from http:// or https:// on");
    CHECK(fault_in(colours + "source = [1]\n").starts_with(at + "11: "));
    CHECK(fault_in(colours + "[[source]]\nfiles = [\"a.bin\"]\n") ==
          at + "1: the data set has no base; expected base = \"https://...\"");
    CHECK(fault_in(colours + "[[source]]\nbase = \"http://x\"\nfiles = [\"../a\"]\n")
              .find(":9:9: files is \"../a\"; expected the name of a file in ") !=
          std::string::npos);
    CHECK(fault_in(colours + "[[source]]\nbase = \"http://x\"\nfiles = [\"a\"]\ninto = \"../b\"\n")
              .find(":10:8: into is \"../b\"; expected the name of a file in ") !=
          std::string::npos);
    CHECK(fault_in(colours + "[[source]]\nbase = \"http://x\"\nfiles = [\"a\"]\nmd5 = []\n")
              .ends_with(":10:7: md5 has 0 sums; expected one for each of files"));
    CHECK(fault_in(colours + "[[source]]\nbase = \"http://x\"\nfile = \"a\"\n")
              .find("unknown key \"file\"") != std::string::npos);
    CHECK(fault_in("format = \"cifar\"\nclasses = 2\nshape = [3, 1, 1]\ntest = \"t.bin\"\n") ==
          "65 mine.dataset.toml:1:1: the data set has no train; expected train = "
          "[\"train.bin\"]");
    CHECK(fault_in("format = \"cifar\"\nclasses = 2\nshape = [3, 1, 1]\ntrain = []\n"
                   "test = \"t.bin\"\n") ==
          "65 mine.dataset.toml:4:9: train is empty; expected one file or more");
    CHECK(
        fault_in("format = \"folders\"\nclasses = 2\nshape = [8, 8]\ntrain = \"a\"\ntest = \"b\"\n"
                 "bytes = [1, 1]\n")
            .find("unknown key \"bytes\"") != std::string::npos);
}

TEST_CASE("pictures in folders may be resized, and have 16 bits") {
    const std::string pictures = "format = \"folders\"\nclasses = 2\nshape = [8, 8]\n"
                                 "train = \"a\"\ntest = \"b\"\n";
    const Folder folder;
    const auto read = [&](const std::string& more) {
        return harness::read_dataset(folder.write("mine.dataset.toml", pictures + more)).pictures;
    };
    CHECK(!read("").resize);
    CHECK(read("").bits == 8);
    CHECK(read("resize = \"area\"\nbits = 16\n").resize);
    CHECK(read("resize = \"area\"\nbits = 16\n").bits == 16);
    CHECK(fault_in(pictures + "resize = \"bicubic\"\n") ==
          "65 mine.dataset.toml:6:10: unknown resize \"bicubic\"; known are none, area");
    CHECK(fault_in(pictures + "bits = 12\n") ==
          "65 mine.dataset.toml:6:8: bits is 12; expected 8 or 16");
}

TEST_CASE("a user's set cannot take a built-in set's name") {
    const Folder folder;
    const auto path = folder.write("mnist.dataset.toml", colours);
    CHECK(folder.shorten(fault_of([&] { harness::read_dataset(path); })) ==
          "65 mnist.dataset.toml: the name \"mnist\" is that of a built-in data set; use another "
          "name");
}
