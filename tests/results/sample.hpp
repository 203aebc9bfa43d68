// SPDX-License-Identifier: Apache-2.0
// Blocks to write, small and complete.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <results/results.hpp>

#include "../folder.hpp"

namespace mneme::results::test {

using mneme::test::Folder;

std::string digest(char digit); // 64 of them

// Scenario domain, 3 tasks, 4 classes, 6 curve points; every array but weights and the task-aware
// counts. Numbers differ everywhere.
Block domain_block(const std::vector<std::string>& methods = {"finetune", "ewc[lambda=5]"},
                   const std::vector<std::int32_t>& seeds = {1, 2});
// The same with evaluations within tasks, confidences, predictions, references.
Block inside_block();
Block class_block(); // every array; 2 tasks of 2 classes; one method diverged, one run missing

File file_of(std::vector<Block> blocks);

} // namespace mneme::results::test
