// SPDX-License-Identifier: Apache-2.0
#include "submit/submission.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <base/shell_word.hpp>

#include "submit/checks.hpp"
#include "submit/templates.hpp"

namespace mneme::submit {
namespace {

using Values = std::map<std::string, std::string>;

constexpr std::size_t longest_job_name = 50; // of 63 letters; pods get a suffix

std::string shell_words(const std::vector<std::string>& words) {
    std::vector<std::string> quoted;
    for (const std::string& word : words) quoted.push_back(base::shell_word(word));
    return fmt::format("{}", fmt::join(quoted, " "));
}

// In YAML a text in single quotes is taken as it is, but for the quote itself.
std::string yaml_text(const std::string& text) {
    std::string quoted = "'";
    for (const char c : text) quoted += c == '\'' ? "''" : std::string(1, c);
    return quoted + "'";
}

Values script_values(const Submission& submission) {
    return {{"mneme", base::shell_word(submission.mneme.string())},
            {"folder", base::shell_word(submission.folder.string())},
            {"cells", std::to_string(submission.cells)},
            {"pack", std::to_string(submission.pack)},
            {"jobs", std::to_string(submission.jobs)},
            {"throttle", std::to_string(submission.throttle)},
            {"options", shell_words(submission.options)}};
}

std::vector<std::string> given(const std::vector<std::pair<std::string, std::string>>& options) {
    std::vector<std::string> words;
    for (const auto& [name, value] : options)
        if (!value.empty()) words.push_back("--" + name + "=" + value);
    return words;
}

std::vector<File> kubernetes_files(const Submission& submission) {
    const std::string name = job_name(submission.suite);
    Values values = script_values(submission);
    values["name"] = name;
    const std::string script = fill(kubernetes_script, values);
    const std::int64_t tasks = submission.tasks();
    const std::int64_t at_once = submission.throttle > 0 ? submission.throttle : tasks;
    const Values manifest = {{"name", name},
                             {"cells", values["cells"]},
                             {"pack", values["pack"]},
                             {"jobs", values["jobs"]},
                             {"tasks", std::to_string(tasks)},
                             {"parallelism", std::to_string(std::min(tasks, at_once))},
                             {"image", yaml_text(submission.image)},
                             {"claim", yaml_text(submission.claim)},
                             {"folder", yaml_text(submission.folder.string())},
                             {"script", yaml_text((submission.folder / "submit.sh").string())}};
    return {{"submit.sh", script},
            {"cells.yaml", fill(cells_manifest, manifest)},
            {"finish.yaml", fill(finish_manifest, manifest)}};
}

} // namespace

std::vector<File> files_of(const Submission& submission) {
    require_possible(submission);
    Values values = script_values(submission);
    switch (submission.target) {
        case Target::kubernetes: return kubernetes_files(submission);
        case Target::parallel:
            values["hosts"] = base::shell_word(submission.hosts.string());
            return {{"submit.sh", fill(parallel_script, values)}};
        case Target::slurm: break;
    }
    values["every"] =
        shell_words(given({{"account", submission.account}, {"partition", submission.partition}}));
    values["training"] = shell_words(given({{"time", submission.time}, {"gres", submission.gres}}));
    return {{"submit.sh", fill(slurm_script, values)}};
}

std::string job_name(const std::string& suite) {
    std::string name = "mneme-";
    for (const char c : suite) {
        const bool upper = c >= 'A' && c <= 'Z';
        const bool usable = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (usable || upper) name += char(upper ? c - 'A' + 'a' : c);
        else if (name.back() != '-') name += '-';
    }
    name.resize(std::min(name.size(), longest_job_name));
    while (name.back() == '-') name.pop_back();
    return name;
}

} // namespace mneme::submit
