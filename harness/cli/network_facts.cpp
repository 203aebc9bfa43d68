// SPDX-License-Identifier: Apache-2.0
#include "cli/network_facts.hpp"

#include <fstream>

#include <mneme/error.hpp>
#include <plan/plan.hpp>

#include "cli/ask.hpp"
#include "cli/scratch.hpp"

namespace mneme::cli {

std::vector<NetworkFacts> network_facts(const std::filesystem::path& torch,
                                        const std::vector<bench::Spec>& specs) {
    std::vector<NetworkFacts> facts(specs.size());
    try {
        const Scratch scratch;
        const auto request = scratch.path() / "networks.json";
        nlohmann::json wanted = nlohmann::json::array();
        for (const auto& spec : specs) wanted.push_back(harness::to_json(spec));
        std::ofstream(request) << nlohmann::json{{"specs", wanted}};
        const Answer answer =
            ask(worker_launch(torch, {"networks", request.string()}), {}, {0, 120, 10, 0, 0});
        expect(answer, "done", "mneme-worker networks");
        for (const auto& said : answer.messages) {
            if (said["event"] != "network") continue;
            auto& one = facts.at(said.at("index").get<std::size_t>());
            one.fault = said.value("message", "");
            one.parameters = said.value("parameters", std::int64_t{0});
            for (const auto& layer : said.value("layers", nlohmann::json::array()))
                one.layers.push_back(
                    {layer.at("name"), layer.at("shape").get<std::vector<std::int64_t>>()});
        }
    } catch (const Error& fault) {
        for (auto& one : facts) one.fault = fault.what();
    }
    return facts;
}

} // namespace mneme::cli
