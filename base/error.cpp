// SPDX-License-Identifier: Apache-2.0
#include <base/error.hpp>

namespace mneme::base {

ExitCode exit_code_from(int number) {
    switch (const auto code = static_cast<ExitCode>(number); code) {
        case ExitCode::done:
        case ExitCode::some_failed:
        case ExitCode::usage:
        case ExitCode::bad_input:
        case ExitCode::plugin_refused:
        case ExitCode::internal:
        case ExitCode::temporary:
        case ExitCode::interrupted: return code;
    }
    return ExitCode::internal;
}

} // namespace mneme::base
