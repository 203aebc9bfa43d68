// SPDX-License-Identifier: Apache-2.0
// A user's own data as NumPy's .npy files: of training and of test examples one with their values,
// [count, features], [count, rows, columns] or [count, channels, rows, columns], and one with their
// labels, [count]. The format: a magic, a version, the length of a header, the header as a Python
// dictionary of three keys, the values (numpy.lib.format, versions 1.0 to 3.0).
#include <cstring>
#include <regex>
#include <stdexcept>

#include "classes.hpp"
#include "half.hpp"
#include "numbers.hpp"

namespace mneme::bench {

namespace {

constexpr uint64_t most_bytes = uint64_t{1} << 34;

struct Header {
    char kind = 0; // b 1-byte signed, B unsigned; i, u, f of `bytes` each
    std::size_t bytes = 0;
    std::vector<int64_t> shape;
    uint64_t count() const {
        uint64_t product = 1;
        for (int64_t size : shape) product *= uint64_t(size);
        return product;
    }
};

std::string header_text(Input& in) {
    unsigned char start[12] = {};
    const std::string magic = "\x93NUMPY";
    if (in.read(start, 8) != 8 || std::memcmp(start, magic.data(), magic.size()) != 0)
        in.fail("is no .npy file; expected one that numpy.save has written");
    if (start[6] < 1 || start[6] > 3)
        in.fail("is of version " + std::to_string(start[6]) + " of .npy; expected 1, 2 or 3");
    const std::size_t digits = start[6] == 1 ? 2 : 4;
    if (in.read(start + 8, digits) != digits) in.fail("ends in its header; expected a whole file");
    std::size_t length = 0;
    for (std::size_t i = digits; i-- > 0;) length = length << 8 | start[8 + i];
    if (length > 65535)
        in.fail("has a header of " + std::to_string(length) + " bytes; expected less");
    std::string text(length, '\0');
    if (in.read(text.data(), length) != length)
        in.fail("ends in its header; expected a whole file");
    return text;
}

std::string found_in(const std::string& text, const char* pattern) {
    std::smatch match;
    return std::regex_search(text, match, std::regex(pattern)) ? match[1].str() : "";
}

// What stands in words for a type as NumPy writes it: '<f4'.
Header header_of(Input& in) {
    const std::string text = header_text(in), type = found_in(text, "'descr': *'([^']{1,20})'"),
                      order = found_in(text, "'fortran_order': *(True|False)");
    const auto shape_at = text.find("'shape'");
    const std::string sizes =
        shape_at == std::string::npos
            ? ""
            : found_in(text.substr(shape_at, 200), "^'shape': *\\(([0-9, ]*)\\)");
    if (order.empty() || sizes.empty())
        in.fail(
            "has a header without one array's type and shape; expected a file that numpy.save "
            "has written of one array");
    if (order == "True") in.fail("lies column by column; save numpy.ascontiguousarray(x)");
    std::smatch match;
    Header header;
    if (!std::regex_match(type, match, std::regex("[<|=]([iuf])([1248])")))
        in.fail("holds values of the type \"" + in_words(type.empty() ? "?" : type) +
                "\"; expected plain numbers in this machine's byte order, as x.astype(\"float32\") "
                "or labels.astype(\"int64\") makes them");
    header.kind = match[1].str()[0];
    header.bytes = std::size_t(match[2].str()[0] - '0');
    const std::regex number("[0-9]+");
    uint64_t total = header.bytes;
    for (std::sregex_iterator at(sizes.begin(), sizes.end(), number), end; at != end; ++at) {
        const std::string digits = at->str();
        const uint64_t size = digits.size() > 12 ? 0 : std::stoull(digits);
        if (size == 0 || total > most_bytes / size)
            in.fail("has the shape (" + sizes +
                    "); expected sizes of at least 1 and at most 16 GiB in all");
        total *= size;
        header.shape.push_back(int64_t(size));
    }
    return header;
}

std::vector<uint8_t> values_of(Input& in, const Header& header) {
    const uint64_t wanted = header.count() * header.bytes;
    std::vector<uint8_t> bytes; // grows with what is there, not with what the header says
    while (bytes.size() < wanted) {
        const std::size_t before = bytes.size(),
                          chunk =
                              std::size_t(std::min<uint64_t>(wanted - before, uint64_t{1} << 24));
        bytes.resize(before + chunk);
        if (in.read(bytes.data() + before, chunk) != chunk)
            in.fail("ends after " + std::to_string(in.bytes()) + " bytes; expected " +
                    std::to_string(wanted) + " of values behind the header");
    }
    in.expect_end("its header says so");
    return bytes;
}

template <class From, class To> std::vector<uint8_t> converted(const std::vector<uint8_t>& bytes) {
    std::vector<uint8_t> out(bytes.size() / sizeof(From) * sizeof(To));
    for (std::size_t i = 0; i < bytes.size() / sizeof(From); ++i) {
        From from;
        std::memcpy(&from, bytes.data() + i * sizeof from, sizeof from);
        const To to = static_cast<To>(from);
        std::memcpy(out.data() + i * sizeof to, &to, sizeof to);
    }
    return out;
}

struct Half {
    uint16_t bits;
    explicit operator float() const { return float_of_half(bits); }
};

std::vector<uint8_t> read_values(const DatasetInfo& info, Input& in, const Header& header) {
    if (header.shape.size() < 2 || header.shape.size() > 4)
        in.fail("has " + std::to_string(header.shape.size()) +
                " dimensions; expected [count, features], [count, rows, columns] or [count, "
                "channels, rows, columns]");
    const bool real = header.kind == 'f', byte = header.kind == 'u' && header.bytes == 1;
    if (info.is_numbers() ? !real : !byte)
        in.fail(std::string("holds ") + (real ? "floats" : "integers") + " of " +
                std::to_string(header.bytes) + (header.bytes == 1 ? " byte" : " bytes") +
                "; expected " +
                (info.is_numbers()
                     ? "float16, float32 or float64, as x.astype(\"float32\") makes them"
                 : real ? "unsigned bytes, or type = \"float32\" in the description"
                        : "unsigned bytes, as x.astype(\"uint8\") makes them"));
    auto bytes = values_of(in, header);
    if (!info.is_numbers() || header.bytes == 4) return bytes;
    return header.bytes == 2 ? converted<Half, float>(bytes) : converted<double, float>(bytes);
}

std::vector<int64_t> read_labels(Input& in) {
    const Header header = header_of(in);
    if (header.kind == 'f' || header.shape.size() != 1)
        in.fail(
            "is not a list of integers; expected labels [count], as y.astype(\"int64\") makes "
            "them");
    const auto bytes = values_of(in, header);
    const bool is_signed = header.kind == 'i';
    std::vector<int64_t> labels(bytes.size() / header.bytes);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        uint64_t value = 0;
        std::memcpy(&value, bytes.data() + i * header.bytes, header.bytes);
        const auto unused = 64 - 8 * header.bytes; // bits above the value, for its sign
        labels[i] = is_signed ? int64_t(value << unused) >> unused : int64_t(value);
    }
    return labels;
}

} // namespace

std::vector<std::string> read_npy(const DatasetInfo& info, const Place& place, Dataset& into) {
    std::vector<std::string> digests;
    for (std::size_t f = 0; f < 4; f += 2) {
        const auto in = open_file(file_in(place.path, info.files[f].name), "a .npy file"),
                   labels_in =
                       open_file(file_in(place.path, info.files[f + 1].name), "a .npy file");
        const Header header = header_of(*in);
        ValueArray array{header.shape, read_values(info, *in, header)};
        const auto labels = read_labels(*labels_in);
        digests.push_back(checked_sha256(info, f, *in));
        digests.push_back(checked_sha256(info, f + 1, *labels_in));
        // A label that does not fit is that of the labels' file.
        for (std::size_t i = 0; i < labels.size(); ++i)
            check_label(info, *labels_in, "label ", i, labels[i]);
        append_array(info, *in, "x", std::move(array), labels, f == 0 ? into.train : into.test,
                     into.classes);
    }
    return digests;
}

} // namespace mneme::bench
