// SPDX-License-Identifier: Apache-2.0
#include "plan/number_keys.hpp"

#include "plan/check.hpp"

namespace mneme::harness {

namespace {

using bench::Format;

void read_name(const Node& root, const char* key, std::string& name) {
    const Member* member = find(root, key);
    if (!member) return;
    name = want_text(*member);
    if (name.empty() || name.front() == '/' || name.back() == '/')
        fail(member->value.where, std::string(key) + " is " + in_quotes(name) +
                                      "; expected the name of a data set in the file, such as "
                                      "\"features\" or \"train/features\"");
}

void read_label(const Node& root, bench::ColumnRule& rule) {
    const Member& label = *find(root, "label");
    if (label.value.kind == Node::Kind::integer)
        rule.label_number = want_integer(label, 1, 1 << 20);
    else rule.label = want_text(label);
    if (const Member* separator = find(root, "separator")) {
        rule.separator = want_text(*separator);
        if (rule.separator.size() != 1 || rule.separator == "\"" || rule.separator == "\n")
            fail(separator->value.where, "separator is " + in_quotes(rule.separator) +
                                             "; expected one character, such as \";\" or \"\\t\"");
    }
    if (const Member* header = find(root, "header")) {
        take(*header, rule.header.emplace());
        if (!*rule.header && rule.label_number == 0)
            fail(label.value.where,
                 "label is the name of a column, and header = false says that "
                 "there are no names; expected its number from 1, as label = 5");
    }
}

} // namespace

bool may_be_features(Format format) {
    return format == Format::hdf5 || format == Format::npy || format == Format::table;
}

void read_number_keys(const Node& root, const DatasetLayout& layout, bench::DatasetInfo& info) {
    if (const Member* origin = find(root, "origin")) info.origin = want_text(*origin);
    if (layout.format == Format::table) {
        info.values = bench::ValueType::float32;
        read_label(root, info.columns);
    }
    if (const Member* type = find(root, "type"))
        if (want_choice(*type, {"uint8", "float32"}, "type") == "float32")
            info.values = bench::ValueType::float32;
    if (const Member* order = find(root, "order")) {
        info.channels_last = want_choice(*order, {"NCHW", "NHWC"}, "order") == "NHWC";
        if (info.channels_last && info.shape.size() != 3)
            fail(order->value.where,
                 "order is \"NHWC\", and shape has " + std::to_string(info.shape.size()) +
                     (info.shape.size() == 1 ? " size" : " sizes") +
                     "; expected shape = [channels, rows, columns], or no order");
    }
    read_name(root, "x", info.arrays[0]);
    read_name(root, "y", info.arrays[1]);
    info.arrays[2] = info.arrays[0], info.arrays[3] = info.arrays[1];
    read_name(root, "test_x", info.arrays[2]);
    read_name(root, "test_y", info.arrays[3]);
}

} // namespace mneme::harness
