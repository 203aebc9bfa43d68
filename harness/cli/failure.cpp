// SPDX-License-Identifier: Apache-2.0
#include "cli/failure.hpp"

#include <new>
#include <stdexcept>
#include <system_error>

#include <base/error.hpp>
#include <mneme/error.hpp>

#include "cli/exit_code.hpp"

namespace mneme::cli {

int report_failure(const Console& console) {
    try {
        throw;
    } catch (const base::ExitError& error) {
        console.fault(error.what());
        return static_cast<int>(error.code());
    } catch (const Error& error) {
        console.fault(error.what());
        return error.code() != 0 ? error.code() : fault;
    } catch (const std::system_error& error) { // a file that cannot be read or written
        console.fault(error.what());
        return static_cast<int>(base::exit_code_for(error.code().value()));
    } catch (const std::bad_alloc&) {
        console.fault("mneme: out of memory; fewer --jobs, or a machine with more, would be right");
        return temporary;
    } catch (const std::runtime_error& error) { // the rooms that cannot see mneme::Error throw this
                                                // for bad files and data
        console.fault(error.what());
        return bad_input;
    } catch (const std::exception& error) {
        console.fault(std::string("mneme: a fault of the program: ") + error.what() +
                      "; please report it");
        return fault;
    }
}

} // namespace mneme::cli
