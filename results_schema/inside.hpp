// SPDX-License-Identifier: Apache-2.0
// Formulas over what lies between the rows of the accuracy matrix: evaluations while tasks are
// trained, confidences, and methods that others are measured against.
#pragma once

#include <cstddef>
#include <vector>

#include <results/run_metrics.hpp>

#include "layout.hpp"

namespace mneme::results {

// correct / evaluated along the last axis; NaN where not evaluated.
Array<double> share(const Array<std::int32_t>& correct, const Array<std::int32_t>& evaluated);

std::vector<Derived> continual_formulas();
std::vector<Derived> calibration_formulas(); // calibration.cpp
std::vector<Derived> geometry_formulas();    // geometry.cpp

// The methods, if any, that formulas about another one look at as well.
std::vector<std::size_t> methods_beside(const Block&);

// The parts of run_metrics().
std::vector<RunMetric> continual_metrics();
std::vector<RunMetric> calibration_metrics(); // calibration.cpp
std::vector<RunMetric> reference_metrics();

} // namespace mneme::results
