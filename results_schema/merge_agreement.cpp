// SPDX-License-Identifier: Apache-2.0
#include "merge_agreement.hpp"

#include "layout.hpp"

namespace mneme::results {

template <class... Parts> void Agreement::refuse(const Told& part, const Parts&... parts) const {
    results::refuse(part.source, part.block.benchmark, parts...);
}

void Agreement::agree_on_head(const Told& part) {
    const Block& a = part.block;
    Block& b = first_.value;
    if (!first_.source) {
        first_.source = &part.source;
        for (auto member : {&Block::digest, &Block::evaluated_on, &Block::evaluate})
            b.*member = a.*member;
        b.tasks = a.tasks;
    }
    if (a.digest != b.digest)
        refuse(part, "its digest ", a.digest, " differs from ", b.digest, " in ", *first_.source,
               "; two benchmarks of one name cannot be merged, collect them apart");
    if (a.evaluated_on != b.evaluated_on)
        refuse(part, "it is evaluated on ", a.evaluated_on, ", that of ", *first_.source, " on ",
               b.evaluated_on, "; collect them apart");
    if (a.evaluate != b.evaluate)
        refuse(part, "it evaluates ", a.evaluate, " tasks, that of ", *first_.source, " ",
               b.evaluate, "; collect them apart");
    if (a.tasks != b.tasks)
        refuse(part, "its tasks differ from those in ", *first_.source, "; collect them apart");
}

void Agreement::require(const Told& part) {
    const Block& a = part.block;
    agree_on_head(part);
    for (const auto& [path, axis] :
         {std::pair("classes", Axis::true_class), std::pair("curve points", Axis::point),
          std::pair("original classes", Axis::original_class),
          std::pair("bins of confidence", Axis::bin), std::pair("test examples", Axis::example),
          std::pair("points of a line", Axis::line_point), std::pair("planes", Axis::plane),
          std::pair("points of a plane's side", Axis::plane_column)})
        if (length(a, axis) > 0) agree_on_length(part, path, length(a, axis));
    if (!a.class_map.empty()) agree_on_class_map(part);
    if (!a.network_layers.empty()) agree_on_network(part);
    agree_on_lines(part);
    for (std::size_t t = 0; t < a.tasks.size(); ++t) {
        agree(part, "n_evaluated", 0, t, std::to_string(a.n_evaluated.data[t]),
              a.n_evaluated.data[t] == -1);
        if (!a.continual_evaluated.empty())
            agree(part, "continual/n_evaluated", 0, t,
                  std::to_string(a.continual_evaluated.data[t]),
                  a.continual_evaluated.data[t] == -1);
        if (!a.geometry_evaluated.empty())
            agree(part, "geometry/n_evaluated", 0, t, std::to_string(a.geometry_evaluated.data[t]),
                  false);
        for (std::size_t n = 0; n < a.seeds.size(); ++n) {
            const std::string& digest = a.data_digest.data[n * a.tasks.size() + t];
            agree(part, "data_digest", a.seeds[n], t, digest, digest.empty());
        }
    }
}

void Agreement::agree_on_class_map(const Told& part) {
    const auto& map = part.block.class_map;
    for (std::size_t n = 0; n < map.shape[0]; ++n) {
        const auto begin = map.data.begin() + static_cast<std::ptrdiff_t>(n * map.shape[1]);
        const std::vector<std::int32_t> row(begin,
                                            begin + static_cast<std::ptrdiff_t>(map.shape[1]));
        const std::int32_t seed = part.block.seeds[n];
        const auto [said, is_new] = class_maps_.try_emplace(seed, row, &part.source);
        if (!is_new && said->second.value != row)
            refuse(part, "its class_map of seed ", seed, " differs from that in ",
                   *said->second.source, "; only runs over equal data can be compared");
    }
}

void Agreement::agree_on_length(const Told& part, const std::string& what, std::size_t size) {
    const auto [said, is_new] = lengths_.try_emplace(what, size, &part.source);
    if (!is_new && said->second.value != size)
        refuse(part, "it has ", size, " ", what, ", that of ", *said->second.source, " has ",
               said->second.value, "; collect them apart");
}

void Agreement::agree(const Told& part, const std::string& what, std::int32_t seed,
                      std::size_t task, const std::string& value, bool unknown) {
    if (unknown) return;
    const auto [said, is_new] = said_.try_emplace({what, seed, task}, value, &part.source);
    if (!is_new && said->second.value != value)
        refuse(part, what, " of task '", part.block.tasks[task], "'",
               what == "data_digest" ? base::concat(", seed ", seed) : "", " is ", value, ", in ",
               *said->second.source, " it is ", said->second.value,
               "; only runs over equal data can be compared");
}

// One may have fewer of them; those that it has are the first of the other's.
void Agreement::agree_on_lines(const Told& part) {
    const auto &from = part.block.geometry_pair_from.data, &to = part.block.geometry_pair_to.data;
    for (std::size_t k = 0; k < from.size(); ++k) {
        const auto [said, is_new] = lines_.try_emplace(k, std::pair(from[k], to[k]), &part.source);
        if (!is_new && said->second.value != std::pair(from[k], to[k]))
            refuse(part, "it has lines between other minima than ", *said->second.source,
                   "; collect them apart");
    }
}

void Agreement::agree_on_network(const Told& part) {
    if (network_.value.empty()) network_ = {part.block.network_layers, &part.source};
    if (network_.value != part.block.network_layers)
        refuse(part, "it holds weights of another network than ", *network_.source,
               "; collect them apart");
}

} // namespace mneme::results
