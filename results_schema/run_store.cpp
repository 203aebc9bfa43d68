// SPDX-License-Identifier: Apache-2.0
#include "run_store.hpp"

#include <cerrno>
#include <span>

#include <base/read_at.hpp>

#include "layout.hpp"
#include "pack.hpp"

namespace mneme::results {

namespace {

template <class T> Array<T> of_run(const Array<T>& all, std::size_t run) {
    Array<T> one;
    if (all.empty()) return one;
    one.shape = all.shape;
    one.shape[0] = one.shape[1] = 1;
    const std::size_t size = all.data.size() / (all.shape[0] * all.shape[1]);
    const auto begin = all.data.begin() + static_cast<std::ptrdiff_t>(run * size);
    one.data.assign(begin, begin + static_cast<std::ptrdiff_t>(size));
    return one;
}

Block one_run(const Block& all, std::size_t run) {
    Block one;
    for (const Fact& fact : facts())
        if (fact.axes.front() == Axis::method)
            std::visit([&](auto member) { one.*member = of_run(all.*member, run); }, fact.member);
    for (const auto& [name, from] : all.diagnostics)
        one.diagnostics[name] = {from.units, from.help, of_run(from.values, run)};
    return one;
}

} // namespace

RunStore::RunStore(const std::filesystem::path& beside) { file_.emplace(beside); }

std::uint64_t RunStore::put(const Block& block, std::size_t method, std::size_t seed) {
    std::string bytes = pack(one_run(block, method * block.seeds.size() + seed));
    if (!file_) {
        memory_.push_back(std::move(bytes));
        return memory_.size() - 1;
    }
    const std::uint64_t place = end_, size = bytes.size();
    bytes.insert(0, reinterpret_cast<const char*>(&size), sizeof size);
    file_->append(std::as_bytes(std::span(bytes)));
    end_ += bytes.size();
    return place;
}

Block RunStore::get(std::uint64_t place) const {
    if (!file_) return unpack_block(memory_.at(place));
    const auto read = [&](void* to, std::size_t size) {
        const ssize_t n = base::read_at(file_->number(), to, size, place);
        if (n < 0 || static_cast<std::size_t>(n) < size) file_->fail(n < 0 ? errno : EIO);
        place += size;
    };
    std::uint64_t size = 0;
    read(&size, sizeof size);
    std::string bytes(size, '\0');
    read(bytes.data(), bytes.size());
    return unpack_block(bytes);
}

} // namespace mneme::results
