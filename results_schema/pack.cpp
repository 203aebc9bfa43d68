// SPDX-License-Identifier: Apache-2.0
#include "pack.hpp"

#include <cstring>
#include <type_traits>

#include "layout.hpp"

namespace mneme::results {

namespace {

class Packer final {
  public:
    template <class T> void plain(T* values, std::size_t count) {
        bytes_.append(reinterpret_cast<const char*>(values), count * sizeof(T));
    }
    std::string take() { return std::move(bytes_); }

  private:
    std::string bytes_;
};

class Unpacker final {
  public:
    explicit Unpacker(const std::string& bytes) : next_(bytes.data()) {}
    template <class T> void plain(T* values, std::size_t count) {
        if (count > 0) std::memcpy(values, next_, count * sizeof(T));
        next_ += count * sizeof(T);
    }

  private:
    const char* next_;
};

// One walk for both directions: packing reads what unpacking fills.
template <class Direction> class Walk final {
  public:
    explicit Walk(Direction& direction) : direction_(direction) {}

    void operator()(double& x) { direction_.plain(&x, 1); }
    void operator()(std::int32_t& x) { direction_.plain(&x, 1); }

    void operator()(std::string& text) {
        text.resize(size(text.size()));
        direction_.plain(text.data(), text.size());
    }

    template <class T> void operator()(std::vector<T>& values) {
        values.resize(size(values.size()));
        if constexpr (std::is_arithmetic_v<T>) direction_.plain(values.data(), values.size());
        else
            for (T& value : values) (*this)(value);
    }

    template <class T> void operator()(std::map<std::string, T>& entries) {
        std::vector<std::pair<std::string, T>> list(entries.begin(), entries.end());
        list.resize(size(list.size()));
        for (auto& [key, value] : list) (*this)(key), (*this)(value);
        entries = {list.begin(), list.end()};
    }

    void operator()(Diagnostic& diagnostic) {
        (*this)(diagnostic.units);
        (*this)(diagnostic.help);
        (*this)(diagnostic.values.shape);
        (*this)(diagnostic.values.data);
    }

    void operator()(Block& block) {
        for (auto member :
             {&Block::benchmark, &Block::version, &Block::digest, &Block::toml, &Block::scenario,
              &Block::evaluated_on, &Block::evaluate, &Block::network_layers})
            (*this)(block.*member);
        (*this)(block.chance_accuracy);
        (*this)(block.limit_train);
        (*this)(block.limit_test);
        (*this)(block.looks);
        (*this)(block.added_metrics);
        (*this)(block.methods);
        (*this)(block.seeds);
        (*this)(block.tasks);
        for (const Fact& fact : facts())
            std::visit(
                [&](auto member) { (*this)((block.*member).shape), (*this)((block.*member).data); },
                fact.member);
        (*this)(block.diagnostics);
        (*this)(block.provenance);
    }

    void operator()(File& file) {
        (*this)(file.title), (*this)(file.created_utc), (*this)(file.blocks), (*this)(file.notes);
    }

  private:
    std::size_t size(std::size_t count) {
        direction_.plain(&count, 1);
        return count;
    }

    Direction& direction_;
};

template <class T> std::string packed(T& thing) {
    Packer packer;
    Walk walk(packer);
    walk(thing);
    return packer.take();
}

template <class T> T unpacked(const std::string& bytes) {
    T thing;
    Unpacker unpacker(bytes);
    Walk walk(unpacker);
    walk(thing);
    return thing;
}

} // namespace

std::string pack(File file) { return packed(file); }
std::string pack(Block block) { return packed(block); }
File unpack(const std::string& bytes) { return unpacked<File>(bytes); }
Block unpack_block(const std::string& bytes) { return unpacked<Block>(bytes); }

} // namespace mneme::results
