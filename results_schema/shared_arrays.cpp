// SPDX-License-Identifier: Apache-2.0
#include "shared_arrays.hpp"

#include <algorithm>

namespace mneme::results {

namespace {

// Shorter where a file knows less: its beginning is that of the others.
constexpr auto numbers_of_beginnings = {&Block::continual_evaluated,  &Block::geometry_evaluated,
                                        &Block::geometry_pair_from,   &Block::geometry_pair_to,
                                        &Block::geometry_plane_first, &Block::geometry_plane_second,
                                        &Block::geometry_plane_third};
constexpr auto positions = {&Block::geometry_position, &Block::geometry_plane_position};
constexpr auto where_known = {&Block::n_evaluated, &Block::task_of_point}; // -1: not

template <class T> void take_beginning(const std::vector<T>& from, std::vector<T>& to) {
    to.resize(std::max(to.size(), from.size()));
    std::copy(from.begin(), from.end(), to.begin());
}

template <class T> void give_beginning(const std::vector<T>& from, std::vector<T>& to) {
    std::copy(from.begin(), from.end(), to.begin());
}

template <class T, class Rows, class Known>
void take_rows(const std::vector<std::int32_t>& seeds, const Array<T>& from, Rows& rows,
               const Known& is_known) {
    if (from.empty()) return;
    const std::size_t size = from.shape[1];
    for (std::size_t n = 0; n < seeds.size(); ++n) {
        auto& row = rows[seeds[n]];
        row.resize(std::max(row.size(), size));
        for (std::size_t i = 0; i < size; ++i)
            if (const T& value = from.data[n * size + i]; is_known(value)) row[i] = value;
    }
}

template <class T, class Rows>
void give_rows(const std::vector<std::int32_t>& seeds, const Rows& rows, Array<T>& to) {
    for (std::size_t n = 0; n < seeds.size(); ++n)
        if (const auto row = rows.find(seeds[n]); row != rows.end())
            std::copy(row->second.begin(), row->second.end(),
                      to.data.begin() + static_cast<std::ptrdiff_t>(n * to.shape[1]));
}

constexpr auto always = [](const auto&) { return true; };
constexpr auto not_empty = [](const std::string& text) { return !text.empty(); };

} // namespace

void SharedArrays::take(const Block& from) {
    if (!from.network_layers.empty()) all_.network_layers = from.network_layers;
    for (auto member : numbers_of_beginnings)
        take_beginning((from.*member).data, (all_.*member).data);
    for (auto member : positions) take_beginning((from.*member).data, (all_.*member).data);
    for (auto member : where_known) {
        auto& known = (all_.*member).data;
        known.resize(std::max(known.size(), (from.*member).data.size()), -1);
        for (std::size_t i = 0; i < (from.*member).data.size(); ++i)
            if ((from.*member).data[i] != -1) known[i] = (from.*member).data[i];
    }
    take_rows(from.seeds, from.data_digest, data_digest_, not_empty);
    take_rows(from.seeds, from.class_map, class_map_, always);
    take_rows(from.seeds, from.geometry_pair_seed, pair_seed_, always);
    take_rows(from.seeds, from.labels, labels_, always);
}

void SharedArrays::give(Block& to) const {
    to.network_layers = all_.network_layers;
    for (auto member : numbers_of_beginnings)
        give_beginning((all_.*member).data, (to.*member).data);
    for (auto member : positions) give_beginning((all_.*member).data, (to.*member).data);
    for (auto member : where_known)
        for (std::size_t i = 0; i < (all_.*member).data.size(); ++i)
            if ((all_.*member).data[i] != -1) (to.*member).data[i] = (all_.*member).data[i];
    give_rows(to.seeds, data_digest_, to.data_digest);
    give_rows(to.seeds, class_map_, to.class_map);
    give_rows(to.seeds, pair_seed_, to.geometry_pair_seed);
    give_rows(to.seeds, labels_, to.labels);
}

} // namespace mneme::results
