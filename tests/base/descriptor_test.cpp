// SPDX-License-Identifier: Apache-2.0
#include <base/descriptor.hpp>
#include <base/temporary_folder.hpp>

#include <fcntl.h>

#include "catch.hpp"

using mneme::base::Descriptor;

namespace {

bool is_open(int number) { return fcntl(number, F_GETFD) >= 0; }

} // namespace

TEST_CASE("a descriptor is closed once, by its last owner") {
    int number = -1;
    {
        Descriptor first(open("/dev/null", O_RDONLY));
        number = first.number();
        const Descriptor second(std::move(first));
        CHECK_FALSE(first.open());
        CHECK(is_open(number));
    }
    CHECK_FALSE(is_open(number));
}

TEST_CASE("closing reports the errno and is harmless when repeated") {
    Descriptor file(open("/dev/null", O_RDONLY));
    CHECK(file.close() == 0);
    CHECK(file.close() == 0);
    CHECK(Descriptor(1 << 20).close() == EBADF);
}

TEST_CASE("a temporary folder ends with its object") {
    std::filesystem::path path;
    {
        const mneme::base::TemporaryFolder folder;
        path = folder.path();
        std::filesystem::create_directories(path / "a" / "b");
    }
    CHECK_FALSE(std::filesystem::exists(path));
}
