// SPDX-License-Identifier: Apache-2.0
#include "cli/check_page.hpp"

#include <fmt/format.h>

#include "cli/commands.hpp"

namespace mneme::cli {

using base::ExitCode;

CheckPage::CheckPage(const loader::Plugin& plugin, bool json)
    : json_(json), several_(plugin.methods.size() > 1),
      out_({{"file", plugin.path.string()},
            {"sha256", plugin.sha256},
            {"checks", nlohmann::ordered_json::array()}}) {
    if (!json_) print_result(fmt::format("{}\n", plugin.path.string()));
}

void CheckPage::add(const std::string& method, const std::string& check, const std::string& verdict,
                    const std::string& note) {
    ++count_[verdict];
    out_["checks"].push_back(
        {{"method", method}, {"check", check}, {"verdict", verdict}, {"note", note}});
    if (json_) return;
    const std::string name = several_ && !method.empty() ? method + ", " + check : check;
    const bool failed = verdict == "fail";
    const auto [first, is_new] =
        failed ? failed_.emplace(note, name) : std::pair(failed_.end(), true);
    const std::string line =
        fmt::format("{:<5} {:<{}} {}", failed ? "FAIL" : verdict, name, several_ ? 24 : 10,
                    is_new ? note : "the same as in the check " + first->second);
    print_result(line.substr(0, line.find_last_not_of(' ') + 1) + "\n");
}

void CheckPage::detail(const std::string& heading, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    out_["checks"].back()[heading] = lines;
    if (json_) return;
    print_result(fmt::format("      {}:\n        {}\n", heading, fmt::join(lines, "\n        ")));
}

ExitCode CheckPage::close() {
    const int fails = count_["fail"];
    out_["passed"] = count_["pass"];
    out_["failed"] = fails;
    out_["skipped"] = count_["skip"];
    print_result(json_ ? json_text(out_)
                       : fmt::format("{} passed, {} FAILED, {} skipped\n", count_["pass"], fails,
                                     count_["skip"]));
    return fails ? ExitCode::some_failed : ExitCode::done;
}

} // namespace mneme::cli
