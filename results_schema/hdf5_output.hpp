// SPDX-License-Identifier: Apache-2.0
// An HDF5 file built in memory: nothing touches the disk until the image is complete, so a full
// disk never leaves HDF5 with a file that it can neither write nor close. Or, where it may be
// larger than the memory, behind a descriptor of a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mneme::results {

class Output final {
  public:
    explicit Output(const std::string& file); // the name is for messages
    Output(const std::string& file, int descriptor);
    ~Output();
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    void group(const std::string& path); // its parent must exist
    // T: std::int32_t, std::uint16_t, float, double, std::string. An empty shape is a scalar.
    // `fill` also becomes _FillValue.
    template <class T>
    void dataset(const std::string& path, const std::vector<std::size_t>& shape,
                 const std::vector<T>& values, std::optional<T> fill = std::nullopt);
    // Likewise, but filled part by part: `first` and `shape` say where the values lie in it; axes
    // that `first` does not name begin at 0.
    template <class T>
    void unfilled(const std::string& path, const std::vector<std::size_t>& shape,
                  std::optional<T> fill = std::nullopt);
    template <class T>
    void fill(const std::string& path, const std::vector<std::size_t>& first,
              const std::vector<std::size_t>& shape, const T* values);
    template <class T>
    void attribute(const std::string& path, const std::string& name, const T& value);
    void make_scale(const std::string& path, const std::string& name);
    void attach(const std::string& path, unsigned axis, const std::string& scale);

    void fixed_text(const std::string& path,
                    const std::string& text); // one ASCII string of fixed length
    void soft_link(const std::string& path, const std::string& target);

    void close();                       // the last call but image()
    std::span<std::byte> image() const; // the bytes of a file in memory, as long as this lives
    int error() const;                  // the errno of a write to the descriptor that failed, or 0

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// Bytes that are not UTF-8 become U+FFFD: readers elsewhere refuse such strings. Cut at a zero
// byte.
std::string valid_utf8(const std::string&);

} // namespace mneme::results
