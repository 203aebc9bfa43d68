// SPDX-License-Identifier: Apache-2.0
// The paths of a results folder, word for word: scripts of users know them.
#include "protocol/run_folder.hpp"
#include "catch.hpp"
#include "support.hpp"

#include <base/sha256.hpp>

using namespace mneme::protocol;

TEST_CASE("the paths of a results folder") {
    const RunFolder folder("/r");
    CHECK(folder.path() == "/r");
    CHECK(folder.plan() == "/r/plan.json");
    CHECK(folder.results() == "/r/results.h5");
    CHECK(folder.events() == "/r/log.jsonl");
    CHECK(folder.lock() == "/r/.lock");
    CHECK(folder.run("77") == "/r/runs/77.h5");
    CHECK(folder.log("77") == "/r/logs/77.log");
    CHECK(folder.cell("77") == "/r/cells/77.json");
    CHECK(folder.folders() ==
          std::vector<std::filesystem::path>{"/r/runs", "/r/logs", "/r/cells", "/r/checkpoints"});
}

TEST_CASE("a checkpoint is named by its run, or by all of them in their order") {
    const RunFolder folder("/r");
    std::vector<Run> runs = protocol_test::full_cell().runs;
    CHECK(folder.checkpoint(runs) == "/r/checkpoints/" + std::string(64, 'a'));
    runs.push_back(runs[0]);
    runs[1].digest = std::string(64, 'b');
    CHECK(checkpoint_name(runs) ==
          mneme::base::sha256_of(std::string(64, 'a') + std::string(64, 'b')));
    const std::string name = checkpoint_name(runs);
    std::swap(runs[0], runs[1]);
    CHECK(checkpoint_name(runs) != name);
}
