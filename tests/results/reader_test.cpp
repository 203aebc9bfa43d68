// SPDX-License-Identifier: Apache-2.0
// Many files in few children: a child costs more than the file of a run.
#include <fstream>

#include <results/reader.hpp>
#include <results/results.hpp>

#include "../folder.hpp"
#include "catch.hpp"
#include "sample.hpp"

using namespace mneme::results;

namespace {

struct Fixture {
    mneme::test::Folder folder;
    std::filesystem::path sound = folder / "sound.h5";
    Reader reader;

    Fixture() { write(sound, test::file_of({test::domain_block()})); }
};

} // namespace

TEST_CASE_METHOD(Fixture, "sound files are read by one child, as one alone is read") {
    const File alone = read(sound);
    for (int i = 0; i < 20; ++i) {
        const File file = reader.read(sound);
        CHECK(file.title == alone.title);
        CHECK(file.created_utc == alone.created_utc);
        CHECK(file.blocks.at(0).n_correct.data == alone.blocks.at(0).n_correct.data);
        CHECK(file.blocks.at(0).provenance == alone.blocks.at(0).provenance);
    }
    CHECK(reader.children() == 1);
}

TEST_CASE_METHOD(Fixture, "a file without a digest is the last that its child reads") {
    reader.read(sound);
    CHECK(reader.read(MNEME_OLD_RESULTS).notes.size() == 1);
    CHECK(reader.children() == 1);
    CHECK(reader.read(sound).notes.empty());
    CHECK(reader.children() == 2);
}

TEST_CASE_METHOD(Fixture, "an altered file does not come to HDF5") {
    reader.read(sound);
    const auto altered = folder / "altered.h5";
    std::filesystem::copy_file(sound, altered);
    std::fstream file(altered, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(1000) << "not what was written";
    file.close();
    CHECK_THROWS_AS(reader.read(altered), std::runtime_error);
    reader.read(sound);
    CHECK(reader.children() == 1);
}
