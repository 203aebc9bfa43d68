// SPDX-License-Identifier: Apache-2.0
#include "protocol/requests.hpp"

#include <base/atomic_file.hpp>
#include <base/error.hpp>
#include <base/regular_file.hpp>

#include "protocol/cell.hpp"
#include "protocol/codec.hpp"

namespace mneme::protocol {

namespace {

constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30;

} // namespace

template <class Request>
void write_request(const std::filesystem::path& path, const Request& request) {
    base::replace_file(path, one_line_json(encode(request)));
}

template <class Request> Request read_request(const std::filesystem::path& path) {
    const auto refuse = [&](const std::string& why) -> base::ExitError {
        return {base::ExitCode::bad_input,
                path.string() + ": " + why + "; give the file that this version of mneme wrote"};
    };
    const Json json = Json::parse(base::read_file(path, most_bytes), nullptr, false);
    if (json.is_discarded()) throw refuse("is not the JSON of a request");
    try {
        return decoded<Request>(json);
    } catch (const FieldError& fault) {
        throw refuse(fault.what());
    }
}

template void write_request(const std::filesystem::path&, const Cell&);
template void write_request(const std::filesystem::path&, const ConstructRequest&);
template void write_request(const std::filesystem::path&, const NetworksRequest&);
template void write_request(const std::filesystem::path&, const CheckRequest&);
template void write_request(const std::filesystem::path&, const GeometryRequest&);
template void write_request(const std::filesystem::path&, const Data&);
template Data read_request(const std::filesystem::path&);
template GeometryRequest read_request(const std::filesystem::path&);
template Cell read_request(const std::filesystem::path&);
template ConstructRequest read_request(const std::filesystem::path&);
template NetworksRequest read_request(const std::filesystem::path&);
template CheckRequest read_request(const std::filesystem::path&);

} // namespace mneme::protocol
