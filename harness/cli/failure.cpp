// SPDX-License-Identifier: Apache-2.0
#include "cli/failure.hpp"

#include <filesystem>
#include <new>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace mneme::cli {
namespace {

using base::ExitCode;

} // namespace

ExitCode report_failure(const Console& console) {
    try {
        throw;
    } catch (const base::ExitError& error) {
        console.fault(error.what());
        return error.code();
    } catch (const std::filesystem::filesystem_error& error) {
        console.fault(fmt::format("{}: {}; give a path that can be read or written",
                                  error.path1().string(), error.code().message()));
        return base::exit_code_for(error.code().value());
    } catch (const std::system_error& error) { // a file that cannot be read or written
        console.fault(error.what());
        return base::exit_code_for(error.code().value());
    } catch (const nlohmann::json::exception&) { // its text speaks of a library
        console.fault(
            "mneme: a file or an answer does not hold the JSON that is expected; make it "
            "anew, or report this");
        return ExitCode::bad_input;
    } catch (const std::bad_alloc&) {
        console.fault("mneme: out of memory; use fewer --jobs, or a machine with more");
        return ExitCode::temporary;
    } catch (const std::runtime_error& error) { // bad files and data
        console.fault(error.what());
        return ExitCode::bad_input;
    } catch (const std::exception& error) {
        console.fault(
            fmt::format("mneme: a fault of the program: {}; please report it", error.what()));
        return ExitCode::internal;
    }
}

} // namespace mneme::cli
