// SPDX-License-Identifier: Apache-2.0
// mneme import.
#include <fmt/format.h>
#include <base/atomic_file.hpp>
#include <base/error.hpp>
#include <base/regular_file.hpp>
#include <results/results.hpp>

#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "importer/formats.hpp"
#include "importer/to_results.hpp"

namespace mneme::cli {
namespace {

namespace fs = std::filesystem;
using base::ExitCode;

constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30;

struct ImportOptions {
    fs::path file, output;
    std::string format, benchmark, method, scenario;
    std::int64_t seed = 1;
};

void declare(Arguments& arguments, ImportOptions& to) {
    arguments.value("file", to.file, {"FILE", "what another program wrote", true});
    arguments.value("-o,--output", to.output, {"FILE.h5", "the results file to write", true});
    arguments.value(
        "--format", to.format,
        {"NAME", "tidy, avalanche, mammoth, facil or clarena (default: by the file's beginning)"});
    arguments.value("--benchmark", to.benchmark, {"NAME", "where the file does not say it"});
    arguments.value("--method", to.method, {"NAME", "where the file does not say it"});
    arguments.value("--scenario", to.scenario,
                    {"NAME", "where the file does not say it", false, {"domain", "task", "class"}});
    arguments.value("--seed", to.seed, {"N", "where the file does not say it (default: 1)"});
}

ExitCode import(const ImportOptions& options, const Console& console, const std::string&) {
    const std::string name = options.file.string();
    const std::string text = base::read_file(options.file, most_bytes, base::Links::follow);
    const importer::Format& format = importer::format_of(options.format, text, name);
    const importer::RunName names{options.benchmark, options.method, options.scenario,
                                  static_cast<std::int32_t>(options.seed)};
    const importer::Evaluations all = format.read(text, name, names);
    const results::File file = importer::results_of(all, name, format.name);
    base::require_place_for_file(options.output);
    results::write(options.output, file);
    print_result(options.output.string() + "\n");
    console.say(fmt::format("{} evaluations of {} {}, marked as imported", all.size(),
                            file.blocks.size(),
                            file.blocks.size() == 1 ? "benchmark" : "benchmarks"));
    return ExitCode::done;
}

} // namespace

Command import_command() {
    return command("import", "another program's numbers as a results file", declare, import);
}

} // namespace mneme::cli
