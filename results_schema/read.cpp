// SPDX-License-Identifier: Apache-2.0
#include "read.hpp"

#include <algorithm>
#include <optional>
#include <sstream>
#include <stdexcept>

#include <results/reader.hpp>
#include <results/results.hpp>

#include <base/child_read.hpp>
#include <base/concat.hpp>
#include "content_digest.hpp"
#include "pack.hpp"

namespace mneme::results {

using base::concat;

void require_ours(const Input& in) {
    const auto refuse = [&](const std::string& why) {
        throw std::runtime_error(in.file() + ": " + why);
    };
    if (!in.has_attribute("/", "mneme_schema") ||
        in.attribute_type("/", "mneme_schema") != Type::text ||
        in.attribute<std::string>("/", "mneme_schema") != schema_name)
        refuse(
            "is not a Mneme results file (no attribute mneme_schema = \"mneme-results\"); give one "
            "that mneme wrote");
    const std::int32_t major = in.attribute<std::int32_t>("/", "schema_major");
    if (major > schema_major)
        refuse(concat("schema major ", major, " is newer than this program's ", schema_major,
                      "; use a newer mneme"));
    if (major < schema_major)
        refuse(concat("schema major ", major, " is unknown; expected ", schema_major));
    if (in.attribute<std::string>("/", "status") != "complete")
        refuse("status is not \"complete\": writing it was not finished; run again");
}

std::vector<std::string> benchmarks(const Input& in) {
    std::vector<std::string> names;
    for (const std::string& name : in.children("/"))
        if (name != "schema" && in.kind("/" + name) == Kind::group &&
            in.has_attribute("/" + name, "benchmark_digest"))
            names.push_back(name);
    return names;
}

std::vector<std::int32_t> read_looks(const Input& in, const std::string& base) {
    const std::string text = in.attribute<std::string>(base, "looks");
    std::istringstream words(text);
    std::vector<std::int32_t> looks;
    bool ascending = true;
    for (std::int32_t seeds = 0; words >> seeds;) {
        ascending = ascending && seeds > (looks.empty() ? 0 : looks.back());
        looks.push_back(seeds);
    }
    if (!words.eof() || looks.empty() || !ascending)
        throw std::runtime_error(concat(in.file(), ": attribute looks of ", base, " is '", text,
                                        "'; expected ascending numbers of seeds, as \"5 10 20\""));
    return looks;
}

Block read_block(const Input& in, const std::string& benchmark) {
    const std::string base = "/" + benchmark;
    const auto at = [&](const std::string& path) { return base + "/" + path; };
    Block block;
    block.benchmark = benchmark;
    block.version = in.attribute<std::string>(base, "benchmark_version");
    block.digest = in.attribute<std::string>(base, "benchmark_digest");
    block.toml = in.attribute<std::string>(base, "benchmark_toml");
    block.scenario = in.attribute<std::string>(base, "scenario");
    block.evaluated_on = in.attribute<std::string>(base, "evaluated_on");
    block.chance_accuracy = in.attribute<double>(base, "chance_accuracy");
    for (auto [name, to] :
         {std::pair("limit_train", &block.limit_train), std::pair("limit_test", &block.limit_test)})
        if (in.has_attribute(base, name)) *to = in.attribute<std::int32_t>(base, name);
    if (in.has_attribute(base, "looks")) block.looks = read_looks(in, base);
    if (in.has_attribute(base, "added_metrics")) {
        std::istringstream words(in.attribute<std::string>(base, "added_metrics"));
        for (std::string word; words >> word;) block.added_metrics.push_back(word);
    }
    for (auto [name, to] : {std::pair("evaluate", &block.evaluate),
                            std::pair("network_layers", &block.network_layers)})
        if (in.has_attribute(base, name)) *to = in.attribute<std::string>(base, name);
    block.methods = in.read<std::string>(at("method")).data;
    block.seeds = in.read<std::int32_t>(at("seed")).data;
    block.tasks = in.read<std::string>(at("trained_task")).data;
    if (in.read<std::string>(at("evaluated_task")).data != block.tasks)
        throw std::runtime_error(concat(in.file(), ": ", at("evaluated_task"),
                                        " differs from trained_task; they must be equal"));
    for (const Fact& fact : facts()) {
        const auto one = [&]<class T>(Member<T> member) {
            if (fact.required || in.kind(at(fact.path)) != Kind::absent)
                block.*member = in.read<T>(at(fact.path));
        };
        std::visit(one, fact.member);
    }
    if (in.kind(at(diagnostics_group)) == Kind::group)
        for (const std::string& name : in.children(at(diagnostics_group))) {
            const std::string path = at(std::string(diagnostics_group) + "/" + name);
            block.diagnostics[name] = {in.attribute<std::string>(path, "units"),
                                       in.attribute<std::string>(path, "long_name"),
                                       in.read<double>(path)};
        }
    for (const std::string& label : block.methods) {
        const std::string group = at("provenance/" + label);
        if (label.find('/') != std::string::npos || in.kind(group) != Kind::group) continue;
        for (const std::string& name : in.attributes(group))
            if (in.attribute_type(group, name) == Type::text)
                block.provenance[label][name] = in.attribute<std::string>(group, name);
    }
    require_consistent(in.file(), block);
    return block;
}

namespace {

// A file's bytes, judged before HDF5 sees them.
struct Judged {
    explicit Judged(const std::filesystem::path& path) : whole(path) {
        require_whole(whole);
        digest = refuse_damaged(whole);
    }
    const MappedFile whole;
    std::string digest; // empty: not found
};

File content(const Judged& judged) {
    const Input in(judged.whole);
    require_ours(in);
    File file;
    if (!require_content_digest(in, judged.digest)) file.notes.push_back(without_digest(in.file()));
    file.title = in.attribute<std::string>("/", "title");
    file.created_utc = in.attribute<std::string>("/", "created_utc");
    for (const std::string& name : benchmarks(in)) file.blocks.push_back(read_block(in, name));
    return file;
}

// The last character of an answer says what it is: a file, or why its bytes were refused, which
// does the child no harm.
constexpr char is_file = '+', is_refusal = '-';

base::ChildReader::Answer answer(const std::filesystem::path& path) {
    std::optional<Judged> judged;
    try {
        judged.emplace(path);
    } catch (const std::runtime_error& error) {
        return {error.what() + std::string(1, is_refusal), true};
    }
    const File file = content(*judged);
    return {pack(file) + is_file, file.notes.empty()};
}

} // namespace

// HDF5 that survived a damaged file once may not survive it a second time, so nothing is read in
// this process.
File read(const std::filesystem::path& path) {
    return unpack(base::read_in_child(path, [&] { return pack(content(Judged(path))); }));
}

std::set<std::string> requests_in(const std::filesystem::path& path) {
    std::istringstream digests(base::read_in_child(path, [&] {
        const Judged judged(path);
        const Input in(judged.whole);
        require_ours(in);
        require_content_digest(in, judged.digest);
        std::string text;
        for (const std::string& name : benchmarks(in)) {
            const std::string requests = "/" + name + "/run/request_digest";
            if (in.kind(requests) == Kind::absent) continue;
            const auto asked = in.read<std::string>(requests).data;
            const auto ended = in.read<std::int32_t>("/" + name + "/outcome_code").data;
            for (std::size_t run = 0; run < std::min(asked.size(), ended.size()); ++run)
                if (ended[run] != static_cast<std::int32_t>(Outcome::missing))
                    text += asked[run] + "\n";
        }
        return text;
    }));
    std::set<std::string> requests;
    for (std::string digest; digests >> digest;) requests.insert(digest);
    return requests;
}

Reader::Reader() : child_(answer) {}

File Reader::read(const std::filesystem::path& path) {
    std::string text = child_.read(path);
    const char kind = text.back();
    text.pop_back();
    if (kind == is_refusal) throw std::runtime_error(text);
    return unpack(text);
}

} // namespace mneme::results
