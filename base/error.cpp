// SPDX-License-Identifier: Apache-2.0
#include <base/error.hpp>

#include <cerrno>

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

ExitCode exit_code_for(int error_number) {
    switch (error_number) {
        case ENOSPC:
        case EDQUOT:
        case EIO:
        case EAGAIN:
        case ENOMEM:
        case EMFILE:
        case ENFILE: return ExitCode::temporary;
        default: return ExitCode::bad_input;
    }
}

} // namespace mneme::base
