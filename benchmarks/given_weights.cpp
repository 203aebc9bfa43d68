// SPDX-License-Identifier: Apache-2.0
#include "given_weights.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include <base/sha256.hpp>
#include <base/text.hpp>

#include "name_pattern.hpp"
#include "safetensors.hpp"

namespace mneme::bench {

namespace {

using Shape = std::vector<int64_t>;

const std::string head_name = "head";

std::string in_words_of(const Shape& shape) {
    std::string text;
    for (const int64_t size : shape) text += (text.empty() ? "" : " x ") + std::to_string(size);
    return text.empty() ? "a single number" : text;
}

Shape without_ones_in_front(const Shape& shape) {
    return {std::find_if(shape.begin(), shape.end(), [](int64_t size) { return size != 1; }),
            shape.end()};
}

// A few of them, and how many more there are.
std::string some_of(const std::vector<std::string>& all) {
    constexpr std::size_t most = 8;
    std::vector<std::string> few(all.begin(), all.begin() + std::min(most, all.size()));
    return base::joined(few) +
           (all.size() > most ? " and " + std::to_string(all.size() - most) + " more" : "");
}

std::string nearest_or_some(const std::string& word, const std::vector<std::string>& known) {
    const std::string near = base::nearest(word, known);
    return near.empty() ? "known are " + some_of(known)
                        : "the nearest known one is " + base::in_quotes(near);
}

[[noreturn]] void fail(const char* key, const std::string& what) {
    throw LayerFault(std::string("network.") + key, what);
}

class Matcher final {
  public:
    explicit Matcher(const NetworkSpec& spec)
        : spec_(spec), file_(spec.weights),
          name_(std::filesystem::path(spec.weights).filename().string()) {
        for (const auto& [ours, theirs] : spec.names)
            if (!theirs.empty() && stars(ours) != stars(theirs))
                fail("names", "names has " + base::in_quotes(ours) + " = " +
                                  base::in_quotes(theirs) +
                                  "; expected one * on both sides, or on neither");
    }

    // The counterpart of each tensor; null: none.
    std::vector<const StoredTensor*> match(const std::vector<Layer>& tensors) {
        std::vector<const StoredTensor*> found;
        for (const auto& tensor : tensors) found.push_back(match(tensor));
        return found;
    }

    // After all tensors of the network.
    void finish() {
        check_frozen();
        for (const auto& [ours, theirs] : spec_.names)
            if (!used_.count(ours))
                fail("names", "names has " + base::in_quotes(ours) +
                                  ", which is not a tensor of the network; " +
                                  nearest_or_some(ours, tensor_names_));
        for (const auto& pattern : spec_.unused) leave_out(pattern);
        std::vector<std::string> left_over, faults;
        for (const auto& stored : file_.tensors())
            if (!taken_.count(stored.name)) left_over.push_back(base::in_quotes(stored.name));
        if (!unlike_.empty()) faults.push_back(some_of(unlike_));
        if (!missing_.empty()) faults.push_back("it has no " + some_of(missing_));
        if (!left_over.empty())
            faults.push_back("the network has no place for " + some_of(left_over));
        if (!faults.empty())
            fail("weights", name_ + " does not fit the network: " + base::joined(faults, "; ") +
                                "; say in names where names differ (\"\": starts by init) and "
                                "in unused what is left out");
    }

    std::vector<std::vector<float>> values(const std::vector<const StoredTensor*>& found) const {
        std::vector<std::vector<float>> all;
        for (const auto* stored : found) {
            auto& values = all.emplace_back();
            if (!stored) continue;
            values = file_.floats(*stored);
            const auto bad = std::find_if(values.begin(), values.end(),
                                          [](float value) { return !std::isfinite(value); });
            if (bad != values.end())
                fail("weights", name_ + ": entry " + std::to_string(bad - values.begin()) +
                                    " of tensor " + base::in_quotes(stored->name) +
                                    " is not a finite float32; expected finite weights");
        }
        return all;
    }

  private:
    static std::ptrdiff_t stars(const std::string& pattern) {
        return std::count(pattern.begin(), pattern.end(), '*');
    }

    // By the entry of names that fits with the most letters, or by its own name.
    std::string name_in_file(const std::string& name) {
        const std::pair<const std::string, std::string>* best = nullptr;
        for (const auto& entry : spec_.names) {
            if (!fitted(entry.first, name)) continue;
            used_.insert(entry.first);
            if (!best || entry.first.size() > best->first.size()) best = &entry;
        }
        return best ? filled(best->second, *fitted(best->first, name)) : name;
    }

    const StoredTensor* match(const Layer& tensor) {
        tensor_names_.push_back(tensor.name);
        const std::string theirs = name_in_file(tensor.name);
        if (theirs.empty() && tensor.frozen)
            fail("frozen", tensor.name +
                               " is frozen and starts by init; take it out of frozen, or out of "
                               "names");
        if (theirs.empty()) return nullptr;
        const StoredTensor* stored = file_.find(theirs);
        const std::string both =
            tensor.name + (theirs == tensor.name ? "" : " (" + base::in_quotes(theirs) + " there)");
        if (!stored) {
            if (layer_of(tensor.name) != head_name) missing_.push_back(both);
            return nullptr;
        }
        const auto [taken, first] = taken_.emplace(stored->name, tensor.name);
        if (!first)
            fail("names", "names gives " + taken->second + " and " + tensor.name +
                              " the same tensor, " + base::in_quotes(stored->name) +
                              "; expected one for each");
        if (std::find(float_types.begin(), float_types.end(), stored->type) == float_types.end())
            unlike_.push_back(both + " is of dtype " + stored->type + ", not one of " +
                              base::joined(float_types));
        else if (without_ones_in_front(stored->shape) != without_ones_in_front(tensor.shape))
            unlike_.push_back(both + " is " + in_words_of(stored->shape) + " there and " +
                              in_words_of(tensor.shape) + " in the network");
        return stored;
    }

    // Each pattern has met a layer, and none of them the head.
    void check_frozen() const {
        std::vector<std::string> layers;
        for (const auto& tensor : tensor_names_)
            if (layers.empty() || layers.back() != layer_of(tensor))
                layers.push_back(layer_of(tensor));
        for (const auto& pattern : spec_.frozen) {
            if (fits_layer(pattern, head_name))
                fail("frozen", "frozen has " + base::in_quotes(pattern) +
                                   ", which the head fits; expected patterns of other layers: the "
                                   "head is always trained");
            if (!std::any_of(layers.begin(), layers.end(),
                             [&](const std::string& layer) { return fits_layer(pattern, layer); }))
                fail("frozen", "frozen has " + base::in_quotes(pattern) +
                                   ", which is not a layer with weights; " +
                                   nearest_or_some(pattern, layers));
        }
    }

    void leave_out(const std::string& pattern) {
        bool fits = false;
        std::vector<std::string> names;
        for (const auto& stored : file_.tensors()) {
            names.push_back(stored.name);
            if (!fitted(pattern, stored.name)) continue;
            fits = true;
            if (const auto taken = taken_.find(stored.name);
                taken != taken_.end() && !taken->second.empty())
                fail("unused", "unused has " + base::in_quotes(pattern) + ", and " + taken->second +
                                   " starts from " + base::in_quotes(stored.name) +
                                   "; expected patterns of tensors that are left out");
            taken_.emplace(stored.name, "");
        }
        if (!fits)
            fail("unused", "unused has " + base::in_quotes(pattern) +
                               ", which is not a tensor of " + name_ + "; " +
                               nearest_or_some(pattern, names));
    }

    const NetworkSpec& spec_;
    const Safetensors file_;
    const std::string name_;
    std::set<std::string> used_;               // keys of names
    std::map<std::string, std::string> taken_; // tensors of the file, and ours that take them
    std::vector<std::string> tensor_names_, unlike_, missing_;
};

} // namespace

GivenWeights given_weights(const NetworkSpec& spec, const std::vector<Layer>& tensors,
                           const std::vector<Layer>& stats) {
    if (base::file_sha256(spec.weights) != spec.weights_sha256)
        fail("weights", spec.weights + " has changed since its SHA-256 was " + spec.weights_sha256 +
                            "; make the plan again, or restore the file");
    Matcher matcher(spec);
    const auto own = matcher.match(tensors), kept = matcher.match(stats);
    matcher.finish();
    return {matcher.values(own), matcher.values(kept)};
}

} // namespace mneme::bench
