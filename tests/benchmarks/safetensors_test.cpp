// SPDX-License-Identifier: Apache-2.0
// The reader of safetensors files: what a good one gives, and every way in which one is refused.
#include "catch.hpp"
#include "support.hpp"

#include <limits>

#include "../../benchmarks/safetensors.hpp"
#include "safetensors_bytes.hpp"

using namespace bench_test;

namespace {

std::string fault(const std::string& bytes) {
    const Folder folder;
    folder.write("w.safetensors", bytes);
    return shorten(folder, fault_of([&] { Safetensors(folder / "w.safetensors"); }));
}
std::string fault(const std::string& header, const std::string& bytes) {
    return fault(safetensors_bytes(header, bytes));
}

const std::string two =
    R"({"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
    R"("b":{"dtype":"F32","shape":[],"data_offsets":[8,12]},"__metadata__":{"format":"pt"}})";

} // namespace

TEST_CASE("safetensors: tensors by name, with their shapes and values") {
    const Folder folder;
    folder.write("w.safetensors", safetensors_bytes(two, bytes_of<float>({1.5f, -2, 3})));
    const Safetensors file(folder / "w.safetensors");
    REQUIRE(file.tensors().size() == 2);
    CHECK(file.find("a")->shape == std::vector<int64_t>{2, 1});
    CHECK(file.floats(*file.find("a")) == std::vector<float>{1.5f, -2});
    CHECK(file.floats(*file.find("b")) == std::vector<float>{3});
    CHECK(file.find("c") == nullptr);
    CHECK(file.find("__metadata__") == nullptr);
}

TEST_CASE("safetensors: a file that is cut, or whose tensors do not lie in it, is refused") {
    const std::string whole = "; expected a whole safetensors file",
                      none = "D/w.safetensors: has no header; expected a safetensors file";
    const auto entry = [](const std::string& type, const std::string& shape,
                          const std::string& offsets) {
        return R"({"a":{"dtype":")" + type + R"(","shape":)" + shape + R"(,"data_offsets":)" +
               offsets + "}}";
    };
    CHECK(fault("") == none);
    CHECK(fault("1234567") == none);
    CHECK(fault(std::string(8, '\xff')) == none); // a header of 2^64 bytes
    CHECK(fault(std::string("\x09\0\0\0\0\0\0\0{}", 10)) == none);
    CHECK(fault("[]", "") == "D/w.safetensors: has no header in JSON; expected a safetensors file");
    CHECK(fault(std::string(200000, '['), "") ==
          "D/w.safetensors: has no header in JSON; expected a safetensors file");
    for (const char* bad : {R"({"a":3})", R"({"a":{"dtype":"F32","shape":[1]}})",
                            R"({"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})",
                            R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})",
                            R"({"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}})",
                            R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}})",
                            R"({"a":{"dtype":4,"shape":[1],"data_offsets":[0,4]}})"})
        CHECK(fault(bad, bytes_of<float>({1})) ==
              "D/w.safetensors: tensor \"a\" has no dtype, shape and data_offsets; expected a "
              "safetensors file");
    CHECK(fault(entry("F31", "[1]", "[0,4]"), bytes_of<float>({1})) ==
          "D/w.safetensors: tensor \"a\" has the dtype \"F31\", which is not known; expected a "
          "safetensors file");
    for (const auto& [shape, offsets] :
         std::vector<std::pair<std::string, std::string>>{{"[1]", "[4,0]"},
                                                          {"[2]", "[0,8]"},
                                                          {"[2]", "[0,4]"},
                                                          {"[1]", "[18446744073709551612,4]"},
                                                          {"[4294967296,4294967296]", "[0,4]"},
                                                          {"[9223372036854775809]", "[0,4]"}})
        CHECK(fault(entry("F32", shape, offsets), bytes_of<float>({1})) ==
              "D/w.safetensors: tensor \"a\" does not fit the file" + whole);
    const auto pair = [](const std::string& a, const std::string& b) {
        return R"({"a":{"dtype":"F32","shape":[1],"data_offsets":)" + a +
               R"(},"b":{"dtype":"F32","shape":[1],"data_offsets":)" + b + "}}";
    };
    CHECK(fault(pair("[0,4]", "[4,8]"), bytes_of<float>({1, 2})).empty());
    CHECK(fault(pair("[0,4]", "[0,4]"), bytes_of<float>({1})) ==
          "D/w.safetensors: tensors \"a\" and \"b\" share bytes" + whole);
    CHECK(fault(pair("[0,4]", "[2,6]"), bytes_of<float>({1, 2})) ==
          "D/w.safetensors: tensors \"a\" and \"b\" share bytes" + whole);
    CHECK(fault(pair("[0,4]", "[8,12]"), bytes_of<float>({1, 2, 3})) ==
          "D/w.safetensors: has bytes at 120 that belong to no tensor" + whole);
    CHECK(fault(pair("[0,4]", "[4,8]"), bytes_of<float>({1, 2, 3})) ==
          "D/w.safetensors: has bytes at 123 that belong to no tensor" + whole);
    CHECK(fault(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
                bytes_of<float>({1})) == "D/w.safetensors: names the tensor \"a\" twice" + whole);
}

TEST_CASE("safetensors: folders, missing files and other types are refused") {
    const Folder folder;
    CHECK(shorten(folder, fault_of([&] { Safetensors(folder.path()); })) ==
          "D: is a folder; a file was expected");
    CHECK(shorten(folder, fault_of([&] { Safetensors(folder / "none"); })) ==
          "D/none: does not exist");
    folder.write("i", safetensors_bytes(R"({"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}})",
                                        "1234"));
    const Safetensors whole_numbers(folder / "i");
    CHECK(shorten(folder, fault_of([&] { whole_numbers.floats(*whole_numbers.find("a")); })) ==
          "D/i: tensor \"a\" is of dtype I32; expected one of F32, F16, BF16, F64");
}

TEST_CASE("safetensors: floats of 16 and 64 bits have the value of the nearest float") {
    const Folder folder;
    const auto one = [&](const std::string& type, const std::string& bytes, std::size_t count) {
        folder.write("w", safetensors_bytes(R"({"a":{"dtype":")" + type + R"(","shape":[)" +
                                                std::to_string(count) + R"(],"data_offsets":[0,)" +
                                                std::to_string(bytes.size()) + "]}}",
                                            bytes));
        const Safetensors file(folder / "w");
        return file.floats(*file.find("a"));
    };
    const float infinity = std::numeric_limits<float>::infinity();
    // 1, -2, the smallest subnormal, the largest, infinity
    CHECK(one("F16", bytes_of<uint16_t>({0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00}), 5) ==
          std::vector<float>{1, -2, 0x1p-24f, 65504, infinity});
    CHECK(one("BF16", bytes_of<uint16_t>({0x3f80, 0xc000, 0x0001, 0x7f80}), 4) ==
          std::vector<float>{1, -2, 0x1p-133f, infinity});
    CHECK(one("F64", bytes_of<double>({1, -0.1, 1e300, -1e300}), 4) ==
          std::vector<float>{1, -0.1f, infinity, -infinity});
}

TEST_CASE("safetensors: any bytes give tensors or a sentence") {
    uint64_t state = 1;
    int refused = 0;
    const std::string good = safetensors_bytes(two, bytes_of<float>({1, 2, 3}));
    for (int i = 0; i < 2000; ++i) {
        std::string bytes = good;
        for (int flips = 0; flips < 3; ++flips) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            bytes[std::size_t(state >> 33) % bytes.size()] = char(state >> 56);
        }
        const std::string said = fault(bytes);
        if (said.empty()) continue;
        ++refused;
        CHECK(said.find("; expected a ") != std::string::npos);
    }
    CHECK(refused > 1000);
}
