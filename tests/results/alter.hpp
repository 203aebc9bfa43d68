// SPDX-License-Identifier: Apache-2.0
// A good file, one thing altered behind its back with HDF5's own functions, and what validate()
// says of it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <hdf5.h>

#include "sample.hpp"

namespace mneme::results::test {

// One entry of an array, by its position in C order.
void set_int(hid_t file, const char* path, hsize_t position, std::int32_t value);
void set_double(hid_t file, const char* path, hsize_t position, double value);
double get_double(hid_t file, const char* path, std::size_t position);
void set_text(hid_t file, const char* path, hsize_t position, const char* value);

void set_attribute(hid_t file, const char* path, const char* name, const char* value);
void set_attribute(hid_t file, const char* path, const char* name, std::int32_t value);
void set_attribute(hid_t file, const char* path, const char* name, double value);
void remove_attribute(hid_t file, const char* path, const char* name);
void remove(hid_t file, const char* path);

// An empty array of that type and shape instead of the old one, without scales.
void replace(hid_t file, const char* path, hid_t type, std::vector<hsize_t> shape);

std::string content_digest(hid_t file); // what the attribute says
std::string bytes_of(const std::filesystem::path&);
void put_bytes(const std::filesystem::path&, const std::string&);
// The digest of schema.md, anew: an altered file that says that it is whole.
void set_content_digest(const std::filesystem::path&, const std::string& old);

using Change = std::function<void(hid_t file)>;

// Leaves the altered file, with a new content digest, as r.h5 in the folder; the sentences come
// without its name.
std::vector<std::string> faults_after(const Folder&, const Change&);

// The change gives this sentence among the faults.
void finds(const Change&, const std::string& wanted);

} // namespace mneme::results::test
