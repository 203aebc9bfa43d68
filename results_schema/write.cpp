// SPDX-License-Identifier: Apache-2.0
#include <results/results.hpp>

#include <algorithm>
#include <set>
#include <stdexcept>

#include <base/atomic_file.hpp>
#include <base/concat.hpp>
#include <base/system.hpp>
#include "content_digest.hpp"
#include "hdf5_output.hpp"
#include "layout.hpp"

namespace mneme::results {

using base::concat;

namespace {

std::string looks_text(const std::vector<std::int32_t>& looks) {
    std::string text;
    for (std::int32_t seeds : looks) text += (text.empty() ? "" : " ") + std::to_string(seeds);
    return text;
}

// One benchmark's group.
class BlockWriter final {
  public:
    BlockWriter(Output& out, const Block& block)
        : out_(out), block_(block), base_("/" + block.benchmark) {}

    void write() {
        head();
        for (Axis axis : all_axes)
            if (length(block_, axis) > 0) scale(axis);
        for (const Fact& fact : facts())
            if (recorded(block_, fact.path)) write(fact);
        for (const Derived& entry : derived())
            if (applies(entry, block_)) write(entry);
        for (const auto& [name, diagnostic] : block_.diagnostics)
            array(std::string(diagnostics_group) + "/" + name, diagnostic_axes,
                  diagnostic.values.data, diagnostic.units.empty() ? "1" : diagnostic.units,
                  diagnostic.help);
        array("outcome", {Axis::method, Axis::seed}, outcome_names(block_), "",
              "how the run ended");
        provenance();
        octave();
    }

  private:
    std::string at(const std::string& path) const { return base_ + "/" + path; }

    void head() {
        out_.group(base_);
        const std::pair<const char*, const std::string*> texts[] = {
            {"benchmark_version", &block_.version},
            {"benchmark_digest", &block_.digest},
            {"benchmark_toml", &block_.toml},
            {"scenario", &block_.scenario},
            {"evaluated_on", &block_.evaluated_on}};
        for (const auto& [name, text] : texts) out_.attribute(base_, name, *text);
        out_.attribute(base_, "chance_accuracy", block_.chance_accuracy);
        if (block_.limit_train > 0 || block_.limit_test > 0) {
            out_.attribute(base_, "limit_train", block_.limit_train);
            out_.attribute(base_, "limit_test", block_.limit_test);
        }
        if (!block_.looks.empty()) out_.attribute(base_, "looks", looks_text(block_.looks));
        if (block_.evaluate != "all") {
            out_.attribute(base_, "evaluate", block_.evaluate);
            out_.attribute<std::string>(base_, "not_evaluated_because",
                                        not_evaluated_because(block_));
        }
        if (!block_.network_layers.empty())
            out_.attribute(base_, "network_layers", block_.network_layers);
        if (!block_.added_metrics.empty())
            out_.attribute(base_, "added_metrics", joined(block_.added_metrics));
        for (const std::string& group : array_groups(block_)) out_.group(at(group));
        out_.group(at("provenance"));
    }

    // The scale, and for names also the numbers, for readers without strings.
    void scale(Axis axis) {
        const std::string path = scale_path(axis),
                          name = path.substr(path.find('/') + 1); // string::npos + 1 is 0
        if (const auto* texts = strings(block_, axis)) {
            out_.dataset(at(path), {texts->size()}, *texts);
            out_.make_scale(at(path), name);
            array(path + "_index", {axis}, numbers(block_, axis), "1",
                  "number on axis " + path + ", from 1");
        } else {
            out_.dataset(at(path), {length(block_, axis)}, numbers(block_, axis));
            out_.make_scale(at(path), name);
            out_.attribute<std::string>(at(path), "units", "1");
        }
    }

    template <class T>
    void array(const std::string& path, const Axes& axes, const std::vector<T>& values,
               const std::string& units, const std::string& long_name,
               std::optional<T> fill = std::nullopt) {
        out_.dataset(at(path), shape(block_, axes), values, fill);
        for (unsigned i = 0; i < axes.size(); ++i)
            out_.attach(at(path), i, at(scale_path(axes[i])));
        if (!units.empty()) out_.attribute(at(path), "units", units);
        out_.attribute(at(path), "long_name", long_name);
    }

    void write(const Fact& fact) {
        const auto one = [&]<class T>(Member<T> member) {
            std::optional<T> fill;
            if constexpr (std::is_integral_v<T>)
                if (fact.minus_one_is_missing) fill = static_cast<T>(-1);
            array(fact.path, fact.axes, (block_.*member).data, fact.units, fact.long_name, fill);
        };
        std::visit(one, fact.member);
    }

    void write(const Derived& entry) {
        array(entry.path, entry.axes, entry.value(block_).data, "1", entry.long_name);
        for (const auto& [name, text] : entry.notes) out_.attribute(at(entry.path), name, text);
    }

    void provenance() {
        for (const auto& [label, texts] : block_.provenance) {
            out_.group(at("provenance/" + label));
            for (const auto& [name, text] : texts)
                out_.attribute(at("provenance/" + label), name, text);
        }
    }

    // Octave gives up on a group at the first variable-length string. Marked as its own kind of
    // group it reads `value` instead, which links to everything without strings.
    void octave() {
        out_.attribute<std::int32_t>(base_, "OCTAVE_NEW_FORMAT", 1);
        out_.fixed_text(at("type"), "scalar struct");
        out_.group(at("value"));
        for (const std::string& name : number_links(block_))
            out_.soft_link(at("value/" + name), at(name));
    }

    Output& out_;
    const Block& block_;
    const std::string base_;
};

void require_consistent(const std::string& name, const File& file) {
    if (file.blocks.empty())
        throw std::runtime_error(
            concat(name, ": not written: it holds no benchmark; give at least one"));
    std::set<std::string> seen;
    for (const Block& block : file.blocks) {
        require_consistent(name, block);
        if (!seen.insert(block.benchmark).second)
            throw std::runtime_error(concat(name, ": benchmark '", block.benchmark,
                                            "' is there twice; merge the two first"));
        for (const auto& [label, texts] : block.provenance)
            if (std::find(block.methods.begin(), block.methods.end(), label) == block.methods.end())
                throw std::runtime_error(
                    concat(name, ": benchmark '", block.benchmark, "': provenance of '", label,
                           "', which is not a method here; give that of the methods alone"));
    }
}

} // namespace

void write(const std::filesystem::path& path, const File& file) {
    require_consistent(path.string(), file);
    Output out(path.string());
    out.attribute<std::string>("/", "mneme_schema", schema_name);
    out.attribute<std::string>("/", "schema_version", schema_version);
    out.attribute("/", "schema_major", schema_major);
    out.attribute("/", "schema_minor", schema_minor);
    out.attribute<std::string>("/", "Conventions", "Mneme-1.3");
    out.attribute("/", "title", file.title);
    out.attribute("/", "created_utc",
                  file.created_utc.empty() ? base::utc_now() : file.created_utc);
    out.attribute<std::string>("/", "dimension_order_note",
                               "Dimensions are in C order, the last varying fastest; Octave, "
                               "MATLAB, R and Julia show them reversed.");
    out.group("/schema");
    out.dataset<std::string>("/schema/text", {}, {schema_text});
    out.attribute<std::int32_t>("/schema", "OCTAVE_NEW_FORMAT",
                                1); // with a type that is not text, Octave passes over the group
    out.dataset<std::int32_t>("/schema/type", {}, {0});
    for (const Block& block : file.blocks) BlockWriter(out, block).write();
    out.attribute<std::string>("/", "status", "complete");
    const std::string placeholder = digest_placeholder();
    out.attribute("/", digest_attribute, placeholder); // the last
    const std::span<std::byte> image = out.close();
    put_content_digest(image, placeholder);
    base::replace_file(path, image);
}

} // namespace mneme::results
