// SPDX-License-Identifier: Apache-2.0
#include "safetensors.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>

#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include <base/read_at.hpp>
#include <base/regular_file.hpp>
#include <base/text.hpp>

#include "half.hpp"

namespace mneme::bench {

namespace {

using Json = nlohmann::json;

constexpr uint64_t longest_header = 100'000'000; // the format's own limit
constexpr const char* expected = "expected a whole safetensors file";

uint64_t bytes_of(const std::string& type) { // 0: not known
    static const std::map<std::string, uint64_t> known{
        {"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"F8_E4M3", 1}, {"F8_E5M2", 1},
        {"I16", 2},  {"U16", 2}, {"F16", 2}, {"BF16", 2},    {"I32", 4},
        {"U32", 4},  {"F32", 4}, {"I64", 8}, {"U64", 8},     {"F64", 8}};
    const auto at = known.find(type);
    return at == known.end() ? 0 : at->second;
}

// Whether the sizes and the type give so many bytes.
bool fills(const StoredTensor& t, uint64_t bytes) {
    uint64_t product = bytes_of(t.type);
    for (const int64_t size : t.shape) {
        if (size < 0) return false;
        if (size > 0 && product > UINT64_MAX / uint64_t(size)) return false;
        product *= uint64_t(size);
    }
    return product == bytes;
}

std::vector<uint64_t> whole_numbers(const Json& json) {
    if (!json.is_array()) throw std::invalid_argument("not a list");
    std::vector<uint64_t> numbers;
    for (const auto& each : json) {
        if (!each.is_number_unsigned()) throw std::invalid_argument("not a whole number");
        numbers.push_back(each.get<uint64_t>());
    }
    return numbers;
}

template <class Stored, class Convert>
std::vector<float> converted(const std::vector<char>& bytes, const Convert& convert) {
    std::vector<float> values(bytes.size() / sizeof(Stored));
    for (std::size_t i = 0; i < values.size(); ++i) {
        Stored stored;
        std::memcpy(&stored, bytes.data() + i * sizeof stored, sizeof stored);
        values[i] = convert(stored);
    }
    return values;
}

float nearest_float(double value) {
    constexpr double largest = std::numeric_limits<float>::max();
    if (value > largest) return std::numeric_limits<float>::infinity();
    if (value < -largest) return -std::numeric_limits<float>::infinity();
    return float(value);
}

std::string quoted(const StoredTensor& t) { return base::in_quotes(t.name); }

} // namespace

Safetensors::Safetensors(const std::filesystem::path& path)
    : name_(path.string()), file_(base::open_regular(path, base::Links::follow)) {
    struct stat status {};
    if (::fstat(file_.number(), &status) != 0)
        fail(std::string("cannot be read: ") + std::strerror(errno));
    const auto size = uint64_t(status.st_size);
    uint64_t length = 0;
    if (size < sizeof length) fail("has no header; expected a safetensors file");
    read(&length, sizeof length, 0); // little-endian, as this machine
    if (length > size - sizeof length || length > longest_header)
        fail("has no header; expected a safetensors file");
    std::string text(std::size_t(length), '\0');
    read(text.data(), length, sizeof length);
    data_ = sizeof length + length;

    std::set<std::string> names;
    std::string twice;
    const auto note = [&](int depth, Json::parse_event_t event, Json& parsed) {
        if (event == Json::parse_event_t::key && depth == 1 &&
            !names.insert(parsed.get<std::string>()).second)
            twice = parsed.get<std::string>();
        return true;
    };
    const Json header = Json::parse(text, note, false);
    if (!header.is_object()) fail("has no header in JSON; expected a safetensors file");
    if (!twice.empty()) fail("names the tensor " + base::in_quotes(twice) + " twice; " + expected);
    for (const auto& [name, entry] : header.items()) {
        if (name == "__metadata__") continue;
        StoredTensor t{name, "", {}, 0, 0};
        try {
            t.type = entry.at("dtype").get<std::string>();
            for (const uint64_t size : whole_numbers(entry.at("shape")))
                t.shape.push_back(int64_t(size));
            const auto offsets = whole_numbers(entry.at("data_offsets"));
            t.begin = offsets.at(0), t.end = offsets.at(1);
        } catch (const std::exception&) {
            fail("tensor " + quoted(t) +
                 " has no dtype, shape and data_offsets; expected a safetensors file");
        }
        if (bytes_of(t.type) == 0)
            fail("tensor " + quoted(t) + " has the dtype " + base::in_quotes(t.type) +
                 ", which is not known; expected a safetensors file");
        tensors_.push_back(std::move(t));
    }
    check_places(size - data_);
}

void Safetensors::check_places(uint64_t room) const {
    std::vector<const StoredTensor*> by_place;
    for (const auto& t : tensors_) {
        if (t.begin > t.end || t.end > room || !fills(t, t.end - t.begin))
            fail("tensor " + quoted(t) + " does not fit the file; " + expected);
        by_place.push_back(&t);
    }
    std::sort(by_place.begin(), by_place.end(), [](const auto* a, const auto* b) {
        return std::pair(a->begin, a->end) < std::pair(b->begin, b->end);
    });
    uint64_t at = 0;
    for (std::size_t t = 0; t < by_place.size(); ++t) {
        if (by_place[t]->begin < at)
            fail("tensors " + quoted(*by_place[t - 1]) + " and " + quoted(*by_place[t]) +
                 " share bytes; " + expected);
        if (by_place[t]->begin > at) break;
        at = by_place[t]->end;
    }
    if (at != room)
        fail("has bytes at " + std::to_string(data_ + at) + " that belong to no tensor; " +
             expected);
}

void Safetensors::read(void* to, uint64_t bytes, uint64_t at) const {
    const ssize_t n = base::read_at(file_.number(), to, bytes, at);
    if (n < 0) fail(std::string("cannot be read: ") + std::strerror(errno));
    if (uint64_t(n) < bytes) fail(std::string("cannot be read to its end; ") + expected);
}

const StoredTensor* Safetensors::find(const std::string& name) const {
    const auto at = std::lower_bound(
        tensors_.begin(), tensors_.end(), name,
        [](const StoredTensor& t, const std::string& wanted) { return t.name < wanted; });
    return at != tensors_.end() && at->name == name ? &*at : nullptr;
}

std::vector<float> Safetensors::floats(const StoredTensor& t) const {
    std::vector<char> bytes(std::size_t(t.end - t.begin));
    read(bytes.data(), bytes.size(), data_ + t.begin);
    if (t.type == "F32") return converted<float>(bytes, [](float value) { return value; });
    if (t.type == "F64") return converted<double>(bytes, nearest_float);
    if (t.type == "F16") return converted<uint16_t>(bytes, float_of_half);
    if (t.type == "BF16") return converted<uint16_t>(bytes, float_of_brain);
    fail("tensor " + quoted(t) + " is of dtype " + t.type + "; expected one of " +
         base::joined(float_types));
}

void Safetensors::fail(const std::string& what) const {
    throw std::runtime_error(name_ + ": " + what);
}

} // namespace mneme::bench
