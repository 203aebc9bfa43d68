// SPDX-License-Identifier: Apache-2.0
// How the numbers of a method came about: the attributes of its group in provenance/. The one list
// of their names; who makes a record fills it, and the validator asks for those of it that every
// file has.
#pragma once

#include <map>
#include <string>

namespace mneme::results {

struct Provenance {
    std::string options_toml, train_toml; // the effective settings
    std::string plugin_id, plugin_version, plugin_sha256, plugin_note, paper;
    std::string harness_version, git_commit, git_dirty;
    std::string libtorch, blas, hdf5, compiler;
    std::string device, driver, cuda, threads, precision, graphs, conv_impl;
    std::string command_line, environment_json, host;

    // visit(name, text, whether every file since schema 1.0 has it)
    template <class Self, class Visit> static void each(Self& self, Visit visit) {
        visit("options_toml", self.options_toml, true);
        visit("train_toml", self.train_toml, true);
        visit("plugin_id", self.plugin_id, true);
        visit("plugin_version", self.plugin_version, true);
        visit("plugin_sha256", self.plugin_sha256, true);
        visit("plugin_note", self.plugin_note, true);
        visit("paper", self.paper, true);
        visit("harness_version", self.harness_version, true);
        visit("git_commit", self.git_commit, true);
        visit("git_dirty", self.git_dirty, true);
        visit("libtorch", self.libtorch, true);
        visit("blas", self.blas, true);
        visit("hdf5", self.hdf5, true);
        visit("compiler", self.compiler, true);
        visit("device", self.device, true);
        visit("driver", self.driver, true);
        visit("cuda", self.cuda, true);
        visit("threads", self.threads, true);
        visit("precision", self.precision, true);
        visit("graphs", self.graphs, true);
        visit("conv_impl", self.conv_impl, false);
        visit("command_line", self.command_line, true);
        visit("environment_json", self.environment_json, true);
        visit("host", self.host, true);
    }

    std::map<std::string, std::string> texts() const {
        std::map<std::string, std::string> all;
        each(*this, [&](const char* name, const std::string& text, bool) { all[name] = text; });
        return all;
    }
};

} // namespace mneme::results
