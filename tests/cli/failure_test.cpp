// SPDX-License-Identifier: Apache-2.0
// From an exception to an exit code: what may go away by itself is temporary, what will not is not.
#include <cerrno>
#include <filesystem>
#include <system_error>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "cli/failure.hpp"

using namespace mneme;

namespace {

template <class Exception> base::ExitCode code_of(const Exception& exception) {
    const cli::Console console(true);
    try {
        throw exception;
    } catch (...) {
        return cli::report_failure(console);
    }
}

base::ExitCode code_of_errno(int number) {
    return code_of(std::system_error(number, std::generic_category(), "file"));
}

} // namespace

TEST_CASE("a full disk is temporary, a folder without permission is not") {
    CHECK(code_of_errno(ENOSPC) == base::ExitCode::temporary);
    CHECK(code_of_errno(EDQUOT) == base::ExitCode::temporary);
    CHECK(code_of_errno(EACCES) == base::ExitCode::bad_input);
    CHECK(code_of_errno(EROFS) == base::ExitCode::bad_input);
    CHECK(code_of_errno(ENOENT) == base::ExitCode::bad_input);
}

TEST_CASE("an error that knows its exit code keeps it") {
    CHECK(code_of(base::ExitError(base::ExitCode::plugin_refused, "x")) ==
          base::ExitCode::plugin_refused);
    CHECK(code_of(std::logic_error("x")) == base::ExitCode::internal);
    CHECK(code_of(nlohmann::json::parse_error::create(101, 0, "x", nullptr)) ==
          base::ExitCode::bad_input);
}
