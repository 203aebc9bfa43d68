// SPDX-License-Identifier: Apache-2.0
// Writes one file that uses the whole schema, for foreign readers to judge.
#include <cstdio>
#include <exception>

#include "sample.hpp"

int main(int argc, char** argv) {
    using namespace mneme::results;
    if (argc != 2) return std::fprintf(stderr, "make_sample FILE.h5\n"), 64;
    try {
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
