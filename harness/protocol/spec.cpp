// SPDX-License-Identifier: Apache-2.0
#include "protocol/spec.hpp"

#include <stdexcept>

#include <benchmarks/spec_json.hpp>

#include "protocol/codec.hpp"

namespace mneme::protocol {

Json to_json(const bench::Spec& spec) { return bench::json_of(spec); }

bench::Spec spec_from_json(const Json& json) {
    try {
        return bench::spec_from_json(json);
    } catch (const std::exception&) { // of nlohmann::json, or an unknown key
        throw FieldError("a benchmark as this version of mneme writes it is expected");
    }
}

} // namespace mneme::protocol
