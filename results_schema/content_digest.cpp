// SPDX-License-Identifier: Apache-2.0
#include "content_digest.hpp"

#include <algorithm>
#include <cerrno>
#include <random>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <vector>

#include <unistd.h>

#include <base/concat.hpp>
#include <base/read_at.hpp>
#include <base/sha256.hpp>

namespace mneme::results {

namespace {

constexpr std::size_t digits = 64, piece = std::size_t{1} << 20;
constexpr std::size_t most_hashed = std::size_t{1} << 29; // bytes, over all digests in a file

std::size_t count(std::string_view bytes, std::string_view text) {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = bytes.find(text, at)) != std::string_view::npos; ++at) ++found;
    return found;
}

// Of the bytes, with zeros where `text` stands.
std::string digest_without(std::string_view bytes, std::string_view text) {
    base::Sha256 sha;
    for (std::size_t at; (at = bytes.find(text)) != std::string_view::npos;
         bytes.remove_prefix(at + digits)) {
        sha.add(bytes.substr(0, at));
        sha.add(std::string(digits, '0'));
    }
    sha.add(bytes);
    return sha.hex();
}

[[noreturn]] void refuse_place() {
    throw std::logic_error("put_content_digest: the placeholder must stand in the file once");
}

// Calls visit(bytes, where they begin) for one piece of a file after another; each begins with the
// last `again` bytes of the one before.
template <class Visit> void for_each_piece(int file, std::size_t again, const Visit& visit) {
    std::string bytes;
    for (std::size_t begin = 0;;) {
        const std::size_t old = std::min(bytes.size(), again);
        bytes.erase(0, bytes.size() - old);
        bytes.resize(old + piece);
        const ssize_t n = base::read_at(file, bytes.data() + old, piece, begin);
        if (n < 0) throw std::system_error(errno, std::generic_category());
        bytes.resize(old + static_cast<std::size_t>(n));
        if (n == 0) return;
        visit(std::string_view(bytes), begin - old);
        begin += bytes.size() - old;
    }
}

[[noreturn]] void refuse(const std::string& file) {
    throw std::runtime_error(base::concat(
        file, ": its content is not what its ", digest_attribute,
        " says: it was changed or damaged after it was written; take another copy or run again"));
}

bool is_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

// Where 64 digits stand that no digit precedes, the last first: ours is written last.
std::vector<std::size_t> places_of_digests(std::string_view bytes) {
    std::vector<std::size_t> places;
    std::size_t run = 0;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        run = is_digit(bytes[at]) ? run + 1 : 0;
        if (run == digits) places.push_back(at + 1 - digits);
    }
    std::reverse(places.begin(), places.end());
    return places;
}

} // namespace

std::string refuse_damaged(const MappedFile& file) {
    const std::string_view bytes = file.bytes();
    const std::string name = std::string(digest_attribute) + '\0';
    if (bytes.find(name) == std::string_view::npos)
        return {}; // of schema 1.0, or the name is damaged
    std::size_t left = most_hashed;
    for (const std::size_t place : places_of_digests(bytes)) {
        if (left < bytes.size()) return {};
        left -= bytes.size();
        const std::string digest(bytes.substr(place, digits));
        if (count(bytes, digest) == 1 && digest_without(bytes, digest) == digest) return digest;
    }
    refuse(file.name());
}

std::string digest_placeholder() {
    std::random_device random;
    std::string text;
    while (text.size() < digits) text += "0123456789abcdef"[random() & 15];
    return text;
}

void put_content_digest(std::span<std::byte> file, const std::string& placeholder) {
    const std::string_view bytes(reinterpret_cast<const char*>(file.data()), file.size());
    if (placeholder.size() != digits || count(bytes, placeholder) != 1) refuse_place();
    const std::string digest = digest_without(bytes, placeholder);
    std::transform(digest.begin(), digest.end(),
                   file.begin() + static_cast<std::ptrdiff_t>(bytes.find(placeholder)),
                   [](char digit) { return static_cast<std::byte>(digit); });
}

void put_content_digest(int descriptor, const std::string& placeholder) {
    std::vector<std::size_t> places;
    for_each_piece(descriptor, digits - 1, [&](std::string_view bytes, std::size_t begin) {
        for (std::size_t at = 0; (at = bytes.find(placeholder, at)) != bytes.npos; ++at)
            places.push_back(begin + at);
    });
    if (placeholder.size() != digits || places.size() != 1) refuse_place();
    base::Sha256 sha;
    for_each_piece(descriptor, 0, [&](std::string_view bytes, std::size_t begin) {
        std::string zeroed(bytes);
        for (std::size_t i = 0; i < digits; ++i)
            if (const std::size_t at = places[0] + i; at >= begin && at - begin < bytes.size())
                zeroed[at - begin] = '0';
        sha.add(zeroed);
    });
    const std::string digest = sha.hex();
    const ssize_t n = ::pwrite(descriptor, digest.data(), digits, static_cast<off_t>(places[0]));
    if (n != static_cast<ssize_t>(digits))
        throw std::system_error(n < 0 ? errno : EIO, std::generic_category());
}

bool require_content_digest(const Input& in, const std::string& found) {
    if (!in.has_attribute("/", digest_attribute)) {
        if (in.attribute<std::int32_t>("/", "schema_minor") == 0) return false;
        throw std::runtime_error(base::concat(
            in.file(), ": has no ", digest_attribute,
            ", which every file since schema 1.1 has; take another copy or run again"));
    }
    const auto digest = in.attribute<std::string>("/", digest_attribute);
    if (!found.empty() && digest == found) return true;
    if (!base::is_sha256(digest) || count(in.bytes(), digest) != 1 ||
        digest_without(in.bytes(), digest) != digest)
        refuse(in.file());
    return true;
}

std::string without_digest(const std::string& file) {
    return file +
           ": without a content digest (schema 1.0): a number that was changed after it was "
           "written would not be noticed";
}

} // namespace mneme::results
