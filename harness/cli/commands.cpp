// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.hpp"

namespace mneme::cli {

std::vector<Command> commands() {
    return {run_command(),         plan_command(),      submit_command(),     cell_command(),
            status_command(),      collect_command(),   list_command(),       describe_command(),
            leaderboard_command(), show_command(),      export_command(),     report_command(),
            compare_command(),     metrics_command(),   geometry_command(),   validate_command(),
            import_command(),      data_command(),      new_plugin_command(), check_command(),
            doctor_command(),      completion_command()};
}

} // namespace mneme::cli
