// SPDX-License-Identifier: Apache-2.0
#include "protocol/worker_child.hpp"

#include "catch.hpp"

using mneme::protocol::ForkRequest;

TEST_CASE("a request to fork keeps every byte of its texts") {
    const ForkRequest request{"12.345.0000000007.",
                              std::uint64_t{5} << 30,
                              {{"CUDA_VISIBLE_DEVICES", ""}, {"NAME", "a = b\n"}},
                              {"--fd", "3", "run", "/data/\xff\xfe/cell.json", ""}};
    const auto read = ForkRequest::of_packet(request.packet());
    REQUIRE(read);
    CHECK(read->mark == request.mark);
    CHECK(read->address_space == request.address_space);
    CHECK(read->environment == request.environment);
    CHECK(read->arguments == request.arguments);
}

TEST_CASE("a packet that is cut off or not a request is refused") {
    const std::string packet = ForkRequest{"m.", 0, {{"A", "1"}}, {"run"}}.packet();
    // Whole without its arguments, of which there may be none.
    const std::size_t shortest = packet.size() - std::string("run").size() - 1;
    for (std::size_t size = 0; size < packet.size(); ++size)
        CHECK(ForkRequest::of_packet(packet.substr(0, size)).has_value() == (size == shortest));
    using std::string_literals::operator""s;
    CHECK_FALSE(ForkRequest::of_packet("m.\0many\0000\0"s));
    CHECK_FALSE(ForkRequest::of_packet("m.\0000\00099999999999999999999\0"s));
    CHECK_FALSE(ForkRequest::of_packet("m.\0000\0009\0A\0001\0"s));
}
