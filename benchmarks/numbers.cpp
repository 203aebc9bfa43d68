// SPDX-License-Identifier: Apache-2.0
#include "numbers.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace mneme::bench {

namespace {

float number_at(const std::vector<uint8_t>& bytes, std::size_t i) {
    float value = 0; // little-endian, as every machine that LibTorch is built for
    std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
    return value;
}

// "[3, 17]", of the value i of an array.
std::string place_of(const std::vector<int64_t>& shape, std::size_t i) {
    std::string text;
    for (std::size_t axis = shape.size(); axis-- > 0;) {
        const auto size = std::size_t(shape[axis]);
        text = std::to_string(i % size) + (text.empty() ? "" : ", ") + text;
        i /= size;
    }
    return "[" + text + "]";
}

std::vector<uint8_t> channels_first(const ValueArray& array, std::size_t each) {
    const auto count = std::size_t(array.shape[0]), channels = std::size_t(array.shape[3]),
               plane = std::size_t(array.shape[1] * array.shape[2]);
    std::vector<uint8_t> out(array.bytes.size());
    const uint8_t* from = array.bytes.data();
    for (std::size_t n = 0; n < count; ++n)
        for (std::size_t p = 0; p < plane; ++p)
            for (std::size_t c = 0; c < channels; ++c, from += each)
                std::memcpy(out.data() + ((n * channels + c) * plane + p) * each, from, each);
    return out;
}

struct Group { // of values that share a mean: a feature, or a channel
    double sum = 0, squares = 0, mean = 0, deviation = 1;
    float low = INFINITY, high = -INFINITY;
};

// `visit(group, value)` for each value of the part in order.
template <class Visit> void each_value(Images& part, bool features, Visit visit) {
    const auto plane = std::size_t(part.rows * part.columns), channels = std::size_t(part.channels);
    auto* bytes = part.pixels.data();
    for (int64_t n = 0; n < part.count; ++n)
        for (std::size_t c = 0; c < channels; ++c)
            for (std::size_t p = 0; p < plane; ++p, bytes += sizeof(float)) {
                float value = 0;
                std::memcpy(&value, bytes, sizeof value);
                visit(features ? p : c, value);
                std::memcpy(bytes, &value, sizeof value);
            }
}

} // namespace

void check_numbers(const Input& in, const std::string& name, const ValueArray& array) {
    for (std::size_t i = 0; i < array.bytes.size() / sizeof(float); ++i) {
        const float value = number_at(array.bytes, i);
        if (std::isfinite(value)) continue;
        const bool table = array.shape.size() == 2;
        const auto width = table ? std::size_t(array.shape[1]) : 1;
        in.fail(name + place_of(array.shape, i) + " is " +
                (std::isnan(value) ? "NaN"
                 : value > 0       ? "infinite"
                                   : "minus infinite") +
                " (" +
                (table ? "row " + std::to_string(i / width) + ", column " +
                             std::to_string(i % width) + ", "
                       : "") +
                "from 0); expected finite numbers: mend the value, or leave the example out");
    }
}

void append_array(const DatasetInfo& info, const Input& in, const std::string& name,
                  ValueArray array, const std::vector<int64_t>& labels, Images& part,
                  int64_t shift) {
    const int64_t count = array.shape[0];
    if (int64_t(labels.size()) != count)
        in.fail("has " + std::to_string(labels.size()) + " labels; expected " +
                std::to_string(count) + ", one for each " +
                (info.is_picture() ? "picture" : "example"));
    for (std::size_t i = 0; i < labels.size(); ++i) check_label(info, in, "label ", i, labels[i]);
    if (info.is_numbers()) check_numbers(in, name, array);
    std::vector<int64_t> shape(array.shape.begin() + 1, array.shape.end());
    if (info.channels_last && shape.size() == 3)
        std::rotate(shape.begin(), shape.end() - 1, shape.end());
    if (shape != info.shape) {
        auto turned = shape; // [rows, columns, channels] read as [channels, rows, columns]
        if (shape.size() == 3) std::rotate(turned.begin(), turned.end() - 1, turned.end());
        const bool other_order = shape.size() == 3 && !info.channels_last && turned == info.shape;
        in.fail(std::string("has ") + (info.is_picture() ? "images" : "examples") + " of " +
                times(shape) + "; expected " + times(info.shape) +
                (other_order ? ", or order = \"NHWC\" in the description" : ""));
    }
    if (info.channels_last && shape.size() == 3)
        array.bytes = channels_first(array, value_bytes(info.values));
    append_images(part, shape, count, std::move(array.bytes));
    for (int64_t label : labels) part.labels.push_back(uint16_t(label + shift));
}

void normalise_numbers(Dataset& data, bool features) {
    Images& train = data.train;
    std::vector<Group> groups(std::size_t(features ? train.columns : train.channels));
    const double each = double(train.count) * (features ? 1.0 : double(train.rows * train.columns));
    each_value(train, features, [&](std::size_t g, float value) {
        groups[g].sum += double(value);
        groups[g].low = std::min(groups[g].low, value);
        groups[g].high = std::max(groups[g].high, value);
    });
    for (Group& group : groups) group.mean = group.sum / each;
    each_value(train, features, [&](std::size_t g, float value) {
        const double off = double(value) - groups[g].mean;
        groups[g].squares += off * off;
    });
    for (Group& group : groups) {
        const bool one_value = group.low == group.high;
        if (one_value) group.mean = double(group.low); // the sum may be rounded
        const double deviation = std::sqrt(group.squares / each);
        group.deviation = one_value || deviation == 0 ? 1 : deviation;
    }
    const auto normalise = [&](std::size_t g, float& value) {
        value = float((double(value) - groups[g].mean) / groups[g].deviation);
    };
    each_value(train, features, normalise);
    each_value(data.test, features, normalise);
}

} // namespace mneme::bench
