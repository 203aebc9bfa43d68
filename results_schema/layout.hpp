// SPDX-License-Identifier: Apache-2.0
// The schema as data: which arrays a benchmark's group holds, over which axes. Writer, reader,
// merge and validator walk these tables.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include <results/block.hpp>

namespace mneme::results {

inline constexpr std::int32_t schema_major = 1, schema_minor = 3;
inline constexpr const char* schema_version = "1.3.0";
inline constexpr const char* schema_name = "mneme-results";
extern const char* const schema_text; // results_schema/schema.md, embedded by CMake

enum class Axis {
    method,
    seed,
    trained_task,
    evaluated_task,
    true_class,
    predicted_class,
    point,
    parameter,
    original_class,
    statistic,
    evaluation,
    bin,
    example,
    pair,
    line_point,
    plane,
    plane_row,
    plane_column
};
inline constexpr Axis all_axes[] = {Axis::method,         Axis::seed,       Axis::trained_task,
                                    Axis::evaluated_task, Axis::true_class, Axis::predicted_class,
                                    Axis::point,          Axis::parameter,  Axis::original_class,
                                    Axis::statistic,      Axis::evaluation, Axis::bin,
                                    Axis::example,        Axis::pair,       Axis::line_point,
                                    Axis::plane,          Axis::plane_row,  Axis::plane_column};
using Axes = std::vector<Axis>;

const char* scale_path(Axis);           // where its dimension scale lies in the benchmark's group
std::size_t length(const Block&, Axis); // 0: no array of this block uses it
std::vector<std::size_t> shape(const Block&, const Axes&);
const std::vector<std::string>* strings(
    const Block&, Axis); // the names along a string axis, null for a number axis
std::vector<std::int32_t> numbers(const Block&,
                                  Axis); // values of a number axis, or of a string axis's twin

template <class T> using Member = Array<T> Block::*;

struct Fact { // recorded by the run
    const char* path;
    Axes axes;
    std::variant<Member<std::int32_t>, Member<double>, Member<float>, Member<std::string>,
                 Member<std::uint16_t>>
        member;
    const char *units, *long_name; // units empty: strings
    bool required;
    bool minus_one_is_missing = false; // gets _FillValue; of uint16: 65535
};

struct Derived { // a formula over facts
    std::string path;
    Axes axes;
    std::string long_name;
    std::map<std::string, std::string>
        notes;         // string attributes: formula, reference, derived_from, missing_means
    const char* needs; // the fact without which it is left out
    std::function<Array<double>(const Block&)> value;
    std::function<bool(const Block&)> also_needs = {}; // what it is left out without, beside that
};

bool applies(const Derived&, const Block&);

const std::vector<Fact>& facts();
const std::vector<Derived>& derived();
const std::vector<const char*>& provenance_keys(); // that every file has
bool recorded(const Block&, const char* fact);

// The groups of arrays that the block has: metrics, timing, ...
std::vector<std::string> array_groups(const Block&);
inline constexpr const char* diagnostics_group = "diagnostics";
extern const Axes diagnostic_axes;

// Why some tasks have no counts, where the suite chose what is evaluated; empty: all are evaluated.
std::string not_evaluated_because(const Block&);

std::string joined(const std::vector<std::string>&); // by spaces: names in an attribute

std::vector<std::string> outcome_names(const Block&); // what `outcome` says for each `outcome_code`

// Children of the benchmark's group that hold no strings, groups included: what Octave can read.
std::vector<std::string> number_links(const Block&);

// Throws where a name cannot stand in a file or is there twice; `file` begins the message.
void require_names(const std::string& file, const Block&);

// Throws when names or shapes do not fit together.
void require_consistent(const std::string& file, const Block&);

} // namespace mneme::results
