// SPDX-License-Identifier: Apache-2.0
#include <results/results.hpp>

#include <set>
#include <stdexcept>

#include <base/atomic_file.hpp>
#include <base/concat.hpp>
#include <base/system.hpp>
#include "block_writer.hpp"
#include "content_digest.hpp"
#include "file_writer.hpp"

namespace mneme::results {

using base::concat;

namespace {

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
        const std::set<std::string> methods(block.methods.begin(), block.methods.end());
        for (const auto& [label, texts] : block.provenance)
            if (!methods.contains(label))
                throw std::runtime_error(
                    concat(name, ": benchmark '", block.benchmark, "': provenance of '", label,
                           "', which is not a method here; give that of the methods alone"));
    }
}

} // namespace

FileWriter::FileWriter(Output& out, const std::string& title, const std::string& created_utc)
    : out_(out), placeholder_(digest_placeholder()) {
    out_.attribute<std::string>("/", "mneme_schema", schema_name);
    out_.attribute<std::string>("/", "schema_version", schema_version);
    out_.attribute("/", "schema_major", schema_major);
    out_.attribute("/", "schema_minor", schema_minor);
    out_.attribute<std::string>("/", "Conventions", "Mneme-1.3");
    out_.attribute("/", "title", title);
    out_.attribute("/", "created_utc", created_utc.empty() ? base::utc_now() : created_utc);
    out_.attribute<std::string>("/", "dimension_order_note",
                                "Dimensions are in C order, the last varying fastest; Octave, "
                                "MATLAB, R and Julia show them reversed.");
    out_.group("/schema");
    out_.dataset<std::string>("/schema/text", {}, {schema_text});
    out_.attribute<std::int32_t>("/schema", "OCTAVE_NEW_FORMAT",
                                 1); // with a type that is not text, Octave passes over the group
    out_.dataset<std::int32_t>("/schema/type", {}, {0});
}

void FileWriter::close() {
    out_.attribute<std::string>("/", "status", "complete");
    out_.attribute("/", digest_attribute, placeholder_); // the last
    out_.close();
}

void write(const std::filesystem::path& path, const File& file) {
    require_consistent(path.string(), file);
    Output out(path.string());
    FileWriter writer(out, file.title, file.created_utc);
    for (const Block& block : file.blocks) BlockWriter(out, block).write();
    writer.close();
    const std::span<std::byte> image = out.image();
    put_content_digest(image, writer.placeholder());
    base::replace_file(path, image);
}

} // namespace mneme::results
