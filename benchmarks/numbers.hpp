// SPDX-License-Identifier: Apache-2.0
// Arrays out of files, as bytes or as 32-bit floats: what readers of them share. Private to this
// room.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "input.hpp"

namespace mneme::bench {

// [count, sizes of an example], row by row; `bytes` has one byte a value, or four of a float.
struct ValueArray {
    std::vector<int64_t> shape;
    std::vector<uint8_t> bytes;
};

inline std::size_t value_bytes(ValueType type) { return type == ValueType::byte ? 1 : 4; }

// Appends a file's examples, which `name` stands for in messages. Throws where a number is not
// finite, where the examples are not of the description's shape, and where the labels are not as
// many or not of its classes.
void append_array(const DatasetInfo&, const Input&, const std::string& name, ValueArray,
                  const std::vector<int64_t>& labels, Images& part, int64_t shift);

// Throws where a number is NaN or infinite, with its place from 0.
void check_numbers(const Input&, const std::string& name, const ValueArray&);

// In place: of each feature, or of each channel of a picture ([rows, columns]: one channel), minus
// the mean of the training examples, divided by their standard deviation (of the population). A
// feature that has one value in all training examples has that value subtracted and is divided by
// 1. Sums are made in double in the order of the files, so that the floats are the same on every
// machine.
void normalise_numbers(Dataset&, bool features);

} // namespace mneme::bench
