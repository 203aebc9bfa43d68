// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.hpp"

#include <fmt/format.h>
#include <base/text.hpp>

#include "cli/commands.hpp"
#include "cli/parse.hpp"
#include "cli/shell.hpp"

namespace mneme::cli {
namespace {

using base::ExitCode;

// `words`: those of the argument that is being written; empty: file names. A line is a word, so
// that words may hold spaces.
constexpr const char* script = R"(_mneme() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command= words= i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${{COMP_WORDS[i]}} in -*) ;; *) command=${{COMP_WORDS[i]}}; break ;; esac
    done
    if [[ -z $command ]]; then
        COMPREPLY=($(compgen -W "{commands} --help --version --quiet" -- "$word"))
        return
    fi
    case "$command $before" in
{values}    *)
        if [[ $word == -* ]]; then
            case $command in
{options}            esac
        else
            case $command in
{positional}            esac
        fi ;;
    esac
    if [[ -n $words ]]; then
        local IFS=$'\n'
        COMPREPLY=($(compgen -W "$words" -- "$word"))
        for i in "${{!COMPREPLY[@]}}"; do COMPREPLY[i]=${{COMPREPLY[i]// /\\ }}; done
    else
        COMPREPLY=($(compgen -f -- "$word"))
        compopt -o filenames 2>/dev/null
    fi
}}
complete -F _mneme mneme
)";

// What a shell puts into `words`.
std::string words_of(const Declared& argument) {
    if (!argument.words_from.empty())
        return fmt::format("$({{ {}; }} 2>/dev/null | awk 'NR > 1 {{ print $1 }}')",
                           argument.words_from);
    return fmt::format("$'{}'", fmt::join(argument.words, "\\n"));
}

bool has_words(const Declared& argument) {
    return !argument.words.empty() || !argument.words_from.empty();
}

std::string bash_body(const std::vector<CompletedCommand>& commands) {
    std::string values, options, positional;
    std::vector<std::string> names;
    for (const CompletedCommand& command : commands) {
        names.push_back(command.name);
        std::vector<std::string> all;
        for (const Declared& argument : command.arguments) {
            all.insert(all.end(), argument.names.begin(), argument.names.end());
            if (!has_words(argument)) continue;
            for (const std::string& name : argument.names)
                values += fmt::format("    \"{} {}\") words={} ;;\n", command.name, name,
                                      words_of(argument));
        }
        options +=
            fmt::format("            {}) words=$'{}' ;;\n", command.name, fmt::join(all, "\\n"));
        // The first positional argument is the one after the command, the second the one after it.
        const Declared *first = nullptr, *second = nullptr;
        for (const Declared& argument : command.arguments)
            if (argument.names.empty()) (first ? second : first) = &argument;
        if (first && has_words(*first))
            values +=
                fmt::format("    \"{0} {0}\") words={1} ;;\n", command.name, words_of(*first));
        if (second && has_words(*second))
            positional +=
                fmt::format("            {}) words={} ;;\n", command.name, words_of(*second));
    }
    return fmt::format(script, fmt::arg("commands", fmt::join(names, " ")),
                       fmt::arg("values", values), fmt::arg("options", options),
                       fmt::arg("positional", positional));
}

struct CompletionOptions {
    std::string shell;
};

void declare(Arguments& arguments, CompletionOptions& to) {
    arguments.value("shell", to.shell,
                    {.type = "SHELL",
                     .help = "bash, zsh or fish",
                     .required = true,
                     .choices = {"bash", "zsh", "fish"}});
}

ExitCode completion(const CompletionOptions& options, const Console&, const std::string&) {
    const auto commands = completed_commands();
    print_result(options.shell == "fish"  ? fish_completion(commands)
                 : options.shell == "zsh" ? zsh_completion(commands)
                                          : bash_completion(commands));
    return ExitCode::done;
}

} // namespace

std::string bash_completion(const std::vector<CompletedCommand>& commands) {
    return "# bash completion for mneme; load it with: source <(mneme completion bash)\n" +
           bash_body(commands);
}

std::string zsh_completion(const std::vector<CompletedCommand>& commands) {
    return "# zsh completion for mneme; load it with: source <(mneme completion zsh)\n"
           "autoload -U +X compinit && compinit -u\n"
           "autoload -U +X bashcompinit && bashcompinit\n" +
           bash_body(commands);
}

std::string fish_completion(const std::vector<CompletedCommand>& commands) {
    std::string out =
        "# fish completion for mneme; load it with: mneme completion fish | source\n"
        "complete -c mneme -n __fish_use_subcommand -f\n";
    for (const CompletedCommand& command : commands) {
        out += fmt::format("complete -c mneme -n __fish_use_subcommand -a {} -d {}\n", command.name,
                           shell_word(command.summary));
        const std::string seen =
            fmt::format("complete -c mneme -n '__fish_seen_subcommand_from {}'", command.name);
        for (const Declared& argument : command.arguments) {
            std::string line = seen;
            for (const std::string& name : argument.names)
                line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
            if (!argument.words_from.empty())
                line += fmt::format(
                    " -x -a \"(begin; {}; end 2>/dev/null | awk 'NR > 1 {{ print "
                    "\\$1 }}')\"",
                    argument.words_from);
            else if (!argument.words.empty())
                line += fmt::format(" -x -a \"{}\"", fmt::join(argument.words, " "));
            else if (argument.takes_value) line += " -r"; // file names
            if (argument.names.empty() && !has_words(argument)) continue;
            out += line + " -d " + shell_word(argument.help) + "\n";
        }
    }
    return out;
}

Command completion_command() {
    return command("completion", "print a completion script: source <(mneme completion bash)",
                   declare, completion);
}

} // namespace mneme::cli
