// SPDX-License-Identifier: Apache-2.0
#include <results/block.hpp>

#include <limits>
#include <stdexcept>

namespace mneme::results {

template <class T>
Array<T>::Array(std::vector<std::size_t> sizes, T fill) : shape(std::move(sizes)) {
    std::size_t count = 1;
    for (std::size_t size : shape) count *= size;
    data.assign(count, fill);
}

template <class T> std::size_t Array<T>::offset(std::initializer_list<std::size_t> index) const {
    if (index.size() != shape.size())
        throw std::out_of_range("Array::at: " + std::to_string(index.size()) + " indices for " +
                                std::to_string(shape.size()) + " axes");
    std::size_t position = 0, axis = 0;
    for (std::size_t i : index) {
        if (i >= shape[axis])
            throw std::out_of_range("Array::at: index " + std::to_string(i) + " on axis " +
                                    std::to_string(axis) + " of size " +
                                    std::to_string(shape[axis]));
        position = position * shape[axis++] + i;
    }
    return position;
}

template <class T> T& Array<T>::at(std::initializer_list<std::size_t> index) {
    return data[offset(index)];
}

template <class T> const T& Array<T>::at(std::initializer_list<std::size_t> index) const {
    return data[offset(index)];
}

std::string shape_text(const std::vector<std::size_t>& shape) {
    std::string text;
    for (std::size_t size : shape) text += (text.empty() ? "" : ",") + std::to_string(size);
    return "[" + text + "]";
}

template struct Array<std::int32_t>;
template struct Array<std::uint16_t>;
template struct Array<double>;
template struct Array<float>;
template struct Array<std::string>;

const char* name(Outcome outcome) {
    switch (outcome) {
        case Outcome::complete: return "complete";
        case Outcome::diverged: return "diverged";
        case Outcome::failed: return "failed";
        case Outcome::timeout: return "timeout";
        case Outcome::refused: return "refused";
        case Outcome::missing: return "missing";
    }
    return "unknown";
}

Block Block::blank(std::vector<std::string> methods, std::vector<std::int32_t> seeds,
                   std::vector<std::string> tasks, std::size_t classes, std::size_t points) {
    const std::size_t M = methods.size(), N = seeds.size(), T = tasks.size();
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    Block block;
    block.methods = std::move(methods);
    block.seeds = std::move(seeds);
    block.tasks = std::move(tasks);
    block.n_correct = {{M, N, T, T}, -1};
    block.n_evaluated = {{T}, -1};
    block.initial_correct = {{M, N, T}, -1};
    block.loss = {{M, N, T, T}, nan};
    if (classes > 0) block.confusion = {{M, N, T, classes, classes}, -1};
    block.outcome = {{M, N}, static_cast<std::int32_t>(Outcome::missing)};
    block.outcome_message = {{M, N}, std::string()};
    for (auto member : {&Block::train_seconds, &Block::evaluate_seconds, &Block::end_task_seconds,
                        &Block::train_samples, &Block::optimizer_steps, &Block::kept_bytes,
                        &Block::peak_rss_bytes, &Block::peak_device_bytes})
        block.*member = {{M, N, T}, nan};
    block.shared_by_replicas = {{M, N}, -1};
    if (points > 0) {
        block.task_of_point = {{points}, -1};
        if (T > 0 && points % T == 0)
            for (std::size_t k = 0; k < points; ++k)
                block.task_of_point.data[k] = static_cast<std::int32_t>(k / (points / T)) + 1;
        block.train_loss = {{M, N, points}, nan};
    }
    block.data_digest = {{N, T}, std::string()};
    for (auto member :
         {&Block::request_digest, &Block::run_host, &Block::run_device, &Block::job_id})
        block.*member = {{M, N}, std::string()};
    block.restart_count = {{M, N}, -1};
    return block;
}

bool is_imported(const Block& block, std::size_t method) {
    const auto texts = block.provenance.find(block.methods.at(method));
    if (texts == block.provenance.end()) return false;
    const auto origin = texts->second.find("origin");
    return origin != texts->second.end() && origin->second == "imported";
}

std::string request_mismatch(const Block& block, const std::string& digest, std::int32_t seed) {
    if (block.methods.size() != 1 || block.seeds.size() != 1) return "it holds more than one run";
    if (block.seeds[0] != seed)
        return "it holds seed " + std::to_string(block.seeds[0]) + ", not seed " +
               std::to_string(seed);
    const std::string answered = block.request_digest.empty() ? "" : block.request_digest.data[0];
    if (answered.empty() || answered == digest) return "";
    return "it answers the request " + answered.substr(0, 12) + ", not " + digest.substr(0, 12);
}

} // namespace mneme::results
