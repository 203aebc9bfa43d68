// SPDX-License-Identifier: Apache-2.0
#include "cli/network_facts.hpp"

#include <base/error.hpp>
#include <base/temporary_folder.hpp>

#include "cli/folders.hpp"
#include "protocol/requests.hpp"
#include "supervisor/query_worker.hpp"

namespace mneme::cli {

std::vector<NetworkFacts> network_facts(const std::filesystem::path& torch,
                                        const std::vector<bench::Spec>& specs) {
    std::vector<NetworkFacts> facts(specs.size());
    try {
        const base::TemporaryFolder scratch;
        const auto request = scratch.path() / "networks.json";
        protocol::write_request(request, protocol::NetworksRequest{specs});
        const supervisor::Answer answer = supervisor::query_worker(
            supervisor::worker_launch(worker_program(torch), {"networks", request.string()}));
        supervisor::require_event<protocol::Done>(answer, "mneme-worker networks");
        for (const auto& message : answer.messages) {
            const auto* said = std::get_if<protocol::NetworkFacts>(&message);
            if (!said) continue;
            auto& one = facts.at(static_cast<std::size_t>(said->index));
            one.fault = said->message;
            one.parameters = said->parameters;
            for (const auto& layer : said->layers)
                one.layers.push_back({layer.name, layer.shape, layer.start});
        }
    } catch (const std::runtime_error& fault) {
        for (auto& one : facts) one.fault = fault.what();
    }
    return facts;
}

} // namespace mneme::cli
