// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string_view>

#include <base/atomic_file.hpp>
#include <base/error.hpp>
#include <base/regular_file.hpp>
#include <base/sha256.hpp>

#include "plan/benchmark.hpp"
#include "plan/plan_text.hpp"
#include "plan/planner.hpp"
#include "protocol/codec.hpp"

namespace mneme::harness {

namespace {

constexpr int plan_format = 3;
constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30;

// SHA-256 of the file's text, with its own digits taken as zeros.
const std::string no_digest(64, '0');

// Where the digits stand in the text; npos where they do not.
std::size_t digits_in(const std::string& text, const std::string& digest) {
    const std::string key = "\"content_digest\": \"";
    const std::size_t at = text.find(key + digest + '"');
    return at == std::string::npos ? at : at + key.size();
}

// What the file holds, in its order.
struct PlanFields {
    int format = plan_format;
    Plan plan = {};
    std::string content_digest = no_digest;

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("mneme_plan", self.format);
        visit("content_digest", self.content_digest);
        visit("suite", self.plan.suite);
        visit("title", self.plan.title);
        visit("benchmarks", self.plan.benchmarks);
        visit("labels", self.plan.labels);
        visit("seeds", self.plan.seeds);
        visit("cells", self.plan.cells);
    }
};

[[noreturn]] void refuse(const std::string& file, const std::string& why) {
    throw base::ExitError(base::ExitCode::bad_input,
                          file + ": is not a plan (" + why +
                              "); use the file that `mneme plan SUITE.toml -o DIR` writes");
}

// The digest of a run covers that of its benchmark, which covers the keys and the data.
void require_own_digest(const Benchmark& benchmark, const std::string& file) {
    if (benchmark_digest(benchmark.spec, benchmark.payload) == benchmark.digest &&
        to_toml(benchmark.spec) == benchmark.toml)
        return;
    throw base::ExitError(base::ExitCode::bad_input,
                          file + ": benchmark " + benchmark.spec.name +
                              ": the keys are not those that its digest was made of; the file was "
                              "changed after it was written: make the plan again");
}

// What no other digest covers: labels, limits, folders.
void require_content_digest(const std::string& text, const std::string& digest,
                            const std::string& file) {
    const std::string_view all = text;
    const std::size_t at = digits_in(text, digest);
    base::Sha256 sha;
    if (at != std::string::npos) {
        sha.add(all.substr(0, at));
        sha.add(no_digest);
        sha.add(all.substr(at + digest.size()));
    }
    if (at == std::string::npos || digest.size() != no_digest.size() || sha.hex() != digest)
        throw base::ExitError(base::ExitCode::bad_input,
                              file +
                                  ": its content is not what its content_digest says; the file "
                                  "was changed after it was written: make the plan again");
}

void require_format(const Json& json, const std::string& file) {
    if (!json.is_object() || !json.contains("mneme_plan")) refuse(file, "no key mneme_plan");
    if (json.at("mneme_plan") != plan_format)
        refuse(file, "format " + json.at("mneme_plan").dump() + ", this program reads " +
                         std::to_string(plan_format));
}

void require_own_digests(const Plan& plan, const std::string& file) {
    for (const Cell& cell : plan.cells) {
        require_own_digest(cell.data.benchmark, file);
        protocol::require_own_digests(cell, file);
    }
}

// Takes the cells out of a plan while it is parsed: as JSON they are many times as large as in the
// file, and a plan has as many as it has runs.
class CellsTaken final {
  public:
    // `first`: the number of the first of them in the plan.
    CellsTaken(std::vector<Cell>& cells, std::size_t first) : cells_(cells), first_(first) {}

    // What nlohmann's parser asks: whether a value is kept.
    bool operator()(int depth, Json::parse_event_t event, const Json& value) {
        using Event = Json::parse_event_t;
        if (depth == 1 && event == Event::key) within_ = value == "cells";
        const bool ends =
            event == Event::object_end || event == Event::array_end || event == Event::value;
        if (depth != 2 || !within_ || !ends) return true;
        if (!fault_) take(value);
        return false;
    }
    void require_sound() const { // throws the first fault
        if (fault_) throw *fault_;
    }

  private:
    void take(const Json& value) {
        try {
            protocol::decode(value, cells_.emplace_back());
        } catch (const protocol::FieldError& fault) {
            fault_ = fault.inside("[" + std::to_string(first_ + cells_.size() - 1) + "]")
                         .inside("cells");
        }
    }

    std::vector<Cell>& cells_;
    const std::size_t first_;
    bool within_ = false;
    std::optional<protocol::FieldError> fault_;
};

// `taken`: the cells that were taken out of it, if they were.
PlanFields fields_from(const Json& json, const std::string& file, const CellsTaken* taken) {
    require_format(json, file);
    PlanFields content;
    try {
        protocol::decode(json, content);
        if (taken) taken->require_sound();
    } catch (const protocol::FieldError& fault) {
        refuse(file, fault.what());
    }
    return content;
}

void require_cell(std::size_t index, std::size_t cells) {
    if (index < cells) return;
    throw base::ExitError(
        base::ExitCode::usage,
        "--index " + std::to_string(index) + ": the plan has " + std::to_string(cells) +
            " cells; " +
            (cells == 0 ? "nothing is left to run" : "use 0 to " + std::to_string(cells - 1)));
}

// `cells`: the text of the plan with the cells that are wanted, the first of which has the number
// `first`; `text`: all of it.
Plan plan_from_text(const std::string& cells, std::size_t first, const std::string& text,
                    const std::string& file) {
    std::vector<Cell> found;
    CellsTaken taken(found, first);
    const Json json = Json::parse(
        cells,
        [&](int depth, Json::parse_event_t event, Json& value) {
            return taken(depth, event, value);
        },
        false);
    if (json.is_discarded()) refuse(file, "it is not JSON");
    PlanFields content = fields_from(json, file, &taken);
    content.plan.cells = std::move(found);
    require_own_digests(content.plan, file);
    require_content_digest(text, content.content_digest, file);
    return std::move(content.plan);
}

} // namespace

Json to_json(const Plan& plan) { return protocol::encode(PlanFields{plan_format, plan}); }

Plan plan_from_json(const Json& json, const std::string& file) {
    PlanFields content = fields_from(json, file, nullptr);
    require_own_digests(content.plan, file);
    return std::move(content.plan);
}

// The text of to_json(plan), without all of its JSON in memory at once.
void write_plan(const std::filesystem::path& path, const Plan& plan) {
    const auto text_of = [](const Json& json) { // a folder's name need not be UTF-8; JSON must be
        return json.dump(1, ' ', false, Json::error_handler_t::replace);
    };
    std::string text =
        text_of(to_json({plan.suite, plan.title, plan.benchmarks, plan.labels, plan.seeds, {}})) +
        "\n";
    if (!plan.cells.empty()) {
        const std::string empty = "\n \"cells\": []"; // within a string a line never ends
        const std::size_t after = text.find(empty) + empty.size() - 1;
        const std::string rest = text.substr(after);
        text.resize(after);
        for (const Cell& cell : plan.cells) {
            text += &cell == &plan.cells.front() ? "\n  " : ",\n  ";
            for (const char c : text_of(protocol::encode(cell))) {
                text += c;
                if (c == '\n') text += "  ";
            }
        }
        text += "\n " + rest;
    }
    text.replace(digits_in(text, no_digest), no_digest.size(), base::sha256_of(text));
    base::replace_file(path, text);
}

Plan read_plan(const std::filesystem::path& path) {
    const std::string text = base::read_file(path, most_bytes, base::Links::follow);
    return plan_from_text(text, 0, text, path.string());
}

Plan read_plan(const std::filesystem::path& path, CellRange range) {
    const std::string text = base::read_file(path, most_bytes, base::Links::follow);
    const auto some = some_cells(text, range);
    if (!some) refuse(path.string(), "it is not JSON");
    Plan plan = plan_from_text(some->text, range.first, text, path.string());
    require_cell(range.first, some->count);
    require_cell(range.last, some->count);
    return plan;
}

} // namespace mneme::harness
