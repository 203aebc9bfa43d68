// SPDX-License-Identifier: Apache-2.0
// Writes one file that uses the whole schema, for foreign readers to judge; with --merge as a merge
// of two, in a stream.
#include <cstdio>
#include <exception>
#include <string>

#include <results/merge.hpp>

#include "sample.hpp"

namespace {

using namespace mneme::results;

void write_merged(const std::string& path) {
    Merge merge(path);
    merge.add(test::file_of({test::domain_block(), test::class_block()}), "a.h5");
    merge.add(test::file_of({test::inside_block()}), "b.h5");
    merge.write();
}

} // namespace

int main(int argc, char** argv) {
    const bool merges = argc == 3 && std::string(argv[2]) == "--merge";
    if (argc != 2 && !merges) return std::fprintf(stderr, "make_sample FILE.h5 [--merge]\n"), 64;
    try {
        if (merges) write_merged(argv[1]);
        else
            write(argv[1],
                  test::file_of({test::domain_block(), test::class_block(), test::inside_block()}));
        int faults = 0;
        for (const std::string& sentence : validate(argv[1]))
            std::fprintf(stderr, "%s\n", sentence.c_str()), faults = 1;
        return faults;
    } catch (const std::exception& e) {
        return std::fprintf(stderr, "%s\n", e.what()), 1;
    }
}
