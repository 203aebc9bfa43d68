// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.hpp"

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/parse.hpp"

namespace mneme::cli {
namespace {

// Words that stand for themselves come first; whatever has none of them completes file names.
constexpr const char* script =
    R"(# bash completion for mneme; load it with: source <(mneme completion bash)
_mneme() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command= options= i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${{COMP_WORDS[i]}} in -*) ;; *) command=${{COMP_WORDS[i]}}; break ;; esac
    done
    case $command in
{cases}    *) COMPREPLY=($(compgen -W "{commands} --help --version --quiet" -- "$word")); return ;;
    esac
    case $before in
    --device) options="auto cpu cuda" ;;
    --stale) options="rerun keep error" ;;
    --format) options="table markdown latex csv json" ;;
    list) options="methods benchmarks datasets networks" ;;
    data) options="list check fetch" ;;
    completion) options="bash" ;;
    describe) options=$({{ mneme list methods; mneme list benchmarks; }} 2>/dev/null | awk '{{ print $1 }}') ;;
    *)
        if [[ $word != -* ]]; then
            COMPREPLY=($(compgen -f -- "$word"))
            compopt -o filenames 2>/dev/null
            return
        fi ;;
    esac
    COMPREPLY=($(compgen -W "$options" -- "$word"))
}}
complete -F _mneme mneme
)";

} // namespace

std::string bash_completion(const std::vector<CompletedCommand>& commands) {
    std::string cases;
    std::vector<std::string> names;
    for (const CompletedCommand& command : commands) {
        names.push_back(command.name);
        cases += fmt::format("    {}) options=\"{}\" ;;\n", command.name,
                             fmt::join(command.options, " "));
    }
    return fmt::format(script, fmt::arg("cases", cases),
                       fmt::arg("commands", fmt::join(names, " ")));
}

namespace {

struct CompletionOptions {
    std::string shell;
};

void declare(Arguments& arguments, CompletionOptions& to) {
    arguments.value("shell", to.shell,
                    {.type = "SHELL", .help = "bash", .required = true, .choices = {"bash"}});
}

int completion(const CompletionOptions&, const Console&, const std::string&) {
    print_result(bash_completion(completed_commands()));
    return done;
}

} // namespace

Command completion_command() {
    return command("completion", "print a completion script: source <(mneme completion bash)",
                   declare, completion);
}

} // namespace mneme::cli
