// SPDX-License-Identifier: Apache-2.0
// Requests as files.
#include <unistd.h>

#include "../folder.hpp"
#include "catch.hpp"
#include "protocol/requests.hpp"
#include "support.hpp"

using namespace mneme::protocol;
using namespace protocol_test;

TEST_CASE("requests survive their files") {
    const mneme::test::Folder folder;
    const auto path = folder.path() / "r.json";
    const Cell cell = full_cell();
    write_request(path, cell);
    CHECK(to_json(read_request<Cell>(path)) == to_json(cell));

    write_request(path, ConstructRequest{true,
                                         {{"/p/ewc.so", "77", "ewc", cell.spec(),
                                           cell.runs[0].options, cell.runs[0].train}}});
    const auto construct = read_request<ConstructRequest>(path);
    CHECK(construct.gpu);
    REQUIRE(construct.entries.size() == 1);
    CHECK(construct.entries[0].spec.stream.tasks == 3);
    CHECK(construct.entries[0].options[1].first == "fisher");

    write_request(path, CheckRequest{"/p/ewc.so", "77", "/tmp/x", {{"ewc", "resume"}}});
    CHECK(read_request<CheckRequest>(path).checks.at(0).check == "resume");
    write_request(path, NetworksRequest{{cell.spec(), cell.spec()}});
    CHECK(read_request<NetworksRequest>(path).specs.size() == 2);
}

TEST_CASE("files that are not the request") {
    const mneme::test::Folder folder;
    const auto fault = [&](const std::filesystem::path& path) {
        return folder.shorten(fault_of([&] { read_request<CheckRequest>(path); }));
    };
    const std::string remedy = "; give the file that this version of mneme wrote";
    CHECK(fault(folder.path() / "none") == "65 none: does not exist");
    CHECK(fault(folder.write("a", "{")) == "65 a: is not the JSON of a request" + remedy);
    CHECK(fault(folder.write("b", "[]")) == "65 b: an object is expected" + remedy);
    CHECK(fault(folder.write("c", "{}")) == "65 c: plugin: is missing" + remedy);
    std::filesystem::create_symlink(folder.path() / "a", folder.path() / "link");
    CHECK(fault(folder.path() / "link") ==
          "65 link: is a symbolic link; remove it, a regular file was expected");
}
