// SPDX-License-Identifier: Apache-2.0
// The digest over a whole results file, which its root attribute `content_digest` holds: SHA-256 of
// all the file's bytes, with the attribute's own 64 digits taken as zeros (schema.md).
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "hdf5_input.hpp"

namespace mneme::results {

inline constexpr const char* digest_attribute = "content_digest";

// Sixty-four digits that stand nowhere else in a file; they are written in the digest's place.
std::string digest_placeholder();

// Puts the digest where the placeholder stands. The second reads a file piece by piece; throws
// std::system_error.
void put_content_digest(std::span<std::byte> file, const std::string& placeholder);
void put_content_digest(int descriptor, const std::string& placeholder);

// Throws where the bytes of a file with a digest are not those it was made of, before HDF5 sees
// them: on a damaged file the library may search for ever. What cannot be told in a moment passes.
// Returns the digest that the bytes have; empty: it was not found.
std::string refuse_damaged(const MappedFile&);

// Throws where the file is not what its digest says, and where it has none although its schema
// asks for one. False: the file is older than the digest (schema 1.0), so nothing can be said.
// `found`: what refuse_damaged returned of it.
bool require_content_digest(const Input&, const std::string& found = {});
std::string without_digest(const std::string& file); // the sentence that tells a reader so

} // namespace mneme::results
