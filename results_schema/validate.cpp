// SPDX-License-Identifier: Apache-2.0
#include <results/results.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>
#include <sstream>
#include <stdexcept>

#include <base/child_read.hpp>
#include <base/concat.hpp>
#include <base/text.hpp>
#include "content_digest.hpp"
#include "ranges.hpp"
#include "read.hpp"

namespace mneme::results {

using base::concat;

namespace {

using Texts = std::map<std::string, std::string>;

class Validator final {
  public:
    explicit Validator(const MappedFile& whole) : in_(whole) { require_ours(in_); }

    std::vector<std::string> check() {
        attempt([&] { digest(); });
        attempt([&] { root(); });
        const auto names = benchmarks(in_);
        if (names.empty()) fault("holds no benchmark; expected at least one");
        for (const std::string& name : names) {
            base_ = "/" + name;
            const std::size_t before = faults_.size();
            attempt([&] { structure(); });
            if (faults_.size() ==
                before) // with objects missing or of another shape the numbers cannot be judged
                attempt([&] { numbers_of(read_block(in_, name)); });
        }
        return faults_;
    }
    const std::vector<std::string>& notes() const { return notes_; }

  private:
    template <class... Parts> void fault(const Parts&... parts) {
        faults_.push_back(concat(in_.file(), ": ", parts...));
    }

    template <class Check> void attempt(Check check) {
        try {
            check();
        } catch (const std::runtime_error& e) {
            faults_.push_back(e.what());
        }
    }

    std::string at(const std::string& path) const { return base_ + "/" + path; }

    void digest() {
        if (!require_content_digest(in_)) notes_.push_back(without_digest(in_.file()));
    }

    void root() {
        const auto minor = in_.attribute<std::int32_t>("/", "schema_minor");
        const auto version = in_.attribute<std::string>("/", "schema_version");
        newer_ = minor > schema_minor;
        if (minor < 0 || version.rfind(concat(schema_major, ".", minor, "."), 0) != 0)
            fault("schema_version is '", version, "', but schema_major and schema_minor say ",
                  schema_major, ".", minor, "; they must agree");
        if (const auto text = in_.attribute<std::string>("/", "Conventions");
            text != concat("Mneme-", schema_major, ".", minor))
            fault("Conventions is '", text, "'; expected Mneme-", schema_major, ".", minor);
        for (const char* name : {"title", "created_utc", "dimension_order_note"})
            attempt([&] { in_.attribute<std::string>("/", name); });
        attempt([&] {
            if (in_.kind("/schema/text") != Kind::dataset ||
                in_.read<std::string>("/schema/text").data.at(0).empty())
                fault("/schema/text: is not there; expected the text of the schema");
        });
    }

    void structure() {
        std::set<std::string> known{"metrics",    "timing",      "cost",     "curves",
                                    "provenance", "type",        "value",    "run",
                                    "continual",  "calibration", "geometry", diagnostics_group};
        for (Axis axis : all_axes) {
            lengths_[axis] = 0;
            attempt([&] { scale(axis, known); });
        }
        for (const Fact& fact : facts())
            if (fact.required || in_.kind(at(fact.path)) != Kind::absent)
                attempt([&] { fact_array(fact); }), known.insert(fact.path);
        for (const Derived& entry : derived())
            if (in_.kind(at(entry.needs)) != Kind::absent &&
                (!entry.also_needs || in_.kind(at(entry.path)) != Kind::absent))
                attempt([&] { array(entry.path, Type::float64, entry.axes, "1", entry.notes); }),
                    known.insert(entry.path);
        attempt([&] { array("outcome", Type::text, {Axis::method, Axis::seed}, "", {}); });
        known.insert("outcome");
        if (in_.kind(at(diagnostics_group)) == Kind::group)
            for (const std::string& name : in_.children(at(diagnostics_group)))
                attempt([&] {
                    array(std::string(diagnostics_group) + "/" + name, Type::float64,
                          diagnostic_axes, "", {{"units", ""}});
                });
        if (!newer_) unknown(known);
    }

    void unknown(const std::set<std::string>& known) {
        for (const std::string group : {"", "metrics/", "timing/", "cost/", "curves/", "run/",
                                        "continual/", "calibration/", "geometry/"}) {
            const std::string path = group.empty() ? base_ : at(group.substr(0, group.size() - 1));
            if (in_.kind(path) != Kind::group) continue;
            for (const std::string& name : in_.children(path))
                if (!known.count(group + name))
                    fault(at(group + name), ": is not in schema ", schema_version,
                          "; remove it or give it the schema's name");
        }
    }

    void scale(Axis axis, std::set<std::string>& known) {
        const std::string path = scale_path(axis);
        const bool text =
            axis == Axis::method || axis == Axis::trained_task || axis == Axis::evaluated_task;
        const bool optional = !text && axis != Axis::seed;
        const Kind kind = in_.kind(at(path));
        if (kind == Kind::absent && optional) return;
        known.insert(path);
        if (kind != Kind::dataset)
            return fault(at(path), ": is not there; expected a dimension scale");
        const Type wanted = text ? Type::text : Type::int32;
        if (const Type type = in_.type(at(path)); type != wanted)
            return fault(at(path), ": is ", name(type), "; expected ", name(wanted));
        const auto shape = in_.shape(at(path));
        if (shape.size() != 1 || shape[0] == 0)
            return fault(at(path), ": has shape ", shape_text(shape), "; expected one dimension");
        lengths_[axis] = shape[0];
        if (!in_.is_scale(at(path)))
            fault(at(path), ": is not a dimension scale; make it one (H5DSset_scale)");
        const std::string counted = text ? path + "_index" : path;
        if (text) {
            known.insert(counted);
            array(counted, Type::int32, {axis}, "1", {});
        }
        if (axis == Axis::seed) return;
        const bool is_class = axis == Axis::true_class || axis == Axis::predicted_class ||
                              axis == Axis::original_class;
        std::int32_t next = is_class ? 0 : 1;
        const std::int32_t first = next;
        for (const std::int32_t number : in_.read<std::int32_t>(at(counted)).data)
            if (number != next++)
                return fault(at(counted), ": does not count; expected ", first, ", ", first + 1,
                             ", ...");
    }

    void fact_array(const Fact& fact) {
        const Type types[] = {Type::int32, Type::float64, Type::float32, Type::text, Type::uint16};
        const Type type = types[fact.member.index()];
        array(fact.path, type, fact.axes, fact.units, {});
        if (!fact.minus_one_is_missing) return;
        if (type == Type::uint16) {
            if (in_.attribute<std::uint16_t>(at(fact.path), "_FillValue") != 65535)
                fault(at(fact.path), ": attribute _FillValue is not 65535");
        } else if (in_.attribute<std::int32_t>(at(fact.path), "_FillValue") != -1) {
            fault(at(fact.path), ": attribute _FillValue is not -1");
        }
    }

    void array(const std::string& path, Type type, const Axes& axes, const std::string& units,
               const Texts& notes) {
        if (in_.kind(at(path)) != Kind::dataset)
            return fault(at(path), ": is not there; expected an array of ", name(type));
        if (const Type found = in_.type(at(path)); found != type)
            return fault(at(path), ": is ", name(found), "; expected ", name(type));
        std::vector<std::size_t> wanted;
        for (Axis axis : axes) wanted.push_back(lengths_[axis]);
        if (const auto found = in_.shape(at(path)); found != wanted)
            return fault(at(path), ": has shape ", shape_text(found), "; expected ",
                         shape_text(wanted));
        for (unsigned i = 0; i < axes.size(); ++i)
            if (!in_.attached(at(path), i, at(scale_path(axes[i]))))
                fault(at(path), ": dimension ", i, " has no scale ", scale_path(axes[i]),
                      "; attach it (H5DSattach_scale)");
        if (!units.empty()) note(path, "units", units);
        note(path, "long_name", "");
        for (const auto& [name, text] : notes) note(path, name, newer_ ? "" : text);
    }

    // An empty text: any will do.
    void note(const std::string& path, const std::string& name, const std::string& text) {
        attempt([&] {
            const auto found = in_.attribute<std::string>(at(path), name);
            if (!text.empty() && found != text)
                fault(at(path), ": attribute ", name, " is '", found, "'; expected '", text, "'");
        });
    }

    void numbers_of(const Block& block) {
        for (std::string& sentence : range_faults(in_.file(), block))
            faults_.push_back(std::move(sentence));
        for (const Derived& entry : derived())
            if (applies(entry, block) && in_.kind(at(entry.path)) != Kind::absent)
                attempt([&] { compare(entry, entry.value(block)); });
        const auto said = in_.read<std::string>(at("outcome")).data, wanted = outcome_names(block);
        for (std::size_t i = 0; i < wanted.size(); ++i)
            if (said[i] != wanted[i])
                fault(at("outcome"), ": entry ", i, " is '", said[i], "'; outcome_code ",
                      block.outcome.data[i], " means '", wanted[i], "'");
        provenance(block);
        octave(block);
    }

    // Any NaN equals any other; everything else must have equal bits.
    void compare(const Derived& entry, const Array<double>& wanted) {
        const Array<double> found = in_.read<double>(at(entry.path));
        std::size_t differ = 0, first = 0;
        for (std::size_t i = 0; i < wanted.data.size(); ++i) {
            const double x = found.data[i], y = wanted.data[i];
            if (std::isnan(x) && std::isnan(y)) continue;
            if (std::bit_cast<std::uint64_t>(x) != std::bit_cast<std::uint64_t>(y) && differ++ == 0)
                first = i;
        }
        if (differ > 0)
            fault(at(entry.path), ": ", differ, differ == 1 ? " value differs" : " values differ",
                  " from the counts, first entry ", first, ": it is ", found.data[first],
                  "; expected ", wanted.data[first]);
    }

    void provenance(const Block& block) {
        const std::size_t seeds = block.seeds.size();
        for (std::size_t m = 0; m < block.methods.size(); ++m) {
            const auto begin = block.outcome.data.begin() + static_cast<std::ptrdiff_t>(m * seeds);
            if (std::all_of(begin, begin + static_cast<std::ptrdiff_t>(seeds),
                            [](auto code) { return code == 5; }))
                continue; // nobody ran it
            if (is_imported(block, m)) continue;
            const auto found = block.provenance.find(block.methods[m]);
            for (const char* key : provenance_keys())
                if (found == block.provenance.end() || !found->second.count(key))
                    fault(at("provenance/" + block.methods[m]), ": has no string attribute ", key,
                          "; say how the numbers came about");
        }
    }

    void octave(const Block& block) {
        std::vector<std::string> links;
        if (in_.kind(at("value")) == Kind::group) links = in_.children(at("value"));
        for (const std::string& name : number_links(block))
            if (std::find(links.begin(), links.end(), name) == links.end())
                return fault(at("value"), ": has no link to ", name,
                             ", so Octave cannot see it; link it");
        if (!in_.has_attribute(base_, "OCTAVE_NEW_FORMAT") || in_.kind(at("type")) != Kind::dataset)
            fault(base_,
                  ": lacks the attribute OCTAVE_NEW_FORMAT or the array type, without which Octave "
                  "cannot read it");
    }

    const Input in_;
    std::string base_;
    bool newer_ = false; // a higher minor: it may hold more than we know, and word it otherwise
    std::map<Axis, std::size_t> lengths_;
    std::vector<std::string> faults_, notes_;
};

} // namespace

// Faults begin with '-', notes with '+', one a line.
std::vector<std::string> validate(const std::filesystem::path& path,
                                  std::vector<std::string>* notes) {
    try {
        std::istringstream lines(base::read_in_child(path, [&] {
            const MappedFile whole(path);
            require_whole(whole);
            Validator validator(whole);
            std::string text;
            for (const std::string& sentence : validator.check())
                text += "-" + base::one_line(sentence) + "\n";
            for (const std::string& sentence : validator.notes())
                text += "+" + base::one_line(sentence) + "\n";
            return text;
        }));
        std::vector<std::string> faults, ignored;
        for (std::string line; std::getline(lines, line);)
            (line[0] == '-' ? faults : notes ? *notes : ignored).push_back(line.substr(1));
        return faults;
    } catch (const std::runtime_error& e) {
        return {e.what()};
    }
}

} // namespace mneme::results
