// SPDX-License-Identifier: Apache-2.0
// An HDF5 file opened for reading. Paths are absolute. Every call throws std::runtime_error with
// the file's name when HDF5 cannot.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <results/block.hpp>

#include "mapped_file.hpp"

namespace mneme::results {

enum class Kind { absent, group, dataset, other }; // other: a named type, or a link out of the file
enum class Type { int32, uint16, float32, float64, text, other }; // text: variable-length UTF-8
const char* name(Type);

class Input final {
  public:
    explicit Input(const MappedFile&); // which stays where it is for as long; require_whole first
    ~Input();
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    const std::string& file() const;
    std::string_view bytes() const; // of the whole file
    Kind kind(const std::string& path) const;
    std::vector<std::string> children(
        const std::string& group) const; // in the order they were made

    Type type(const std::string& dataset) const;
    std::vector<std::size_t> shape(const std::string& dataset) const;
    bool is_scale(const std::string& dataset) const;
    bool attached(const std::string& dataset, unsigned axis, const std::string& scale) const;
    // T: std::int32_t, std::uint16_t, float, double, std::string; another type in the file is an
    // error.
    template <class T> Array<T> read(const std::string& dataset) const;

    std::vector<std::string> attributes(const std::string& path) const;
    bool has_attribute(const std::string& path, const std::string& name) const;
    Type attribute_type(const std::string& path, const std::string& name) const;
    template <class T>
    T attribute(const std::string& path,
                const std::string& name) const; // int32, double, string; one value

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace mneme::results
