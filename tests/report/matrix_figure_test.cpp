// SPDX-License-Identifier: Apache-2.0
#include <report/matrix_figure.hpp>

#include <catch.hpp>

#include <cmath>

using namespace mneme::report;

namespace {

MatrixData matrix(std::size_t tasks, double value) {
    MatrixData data;
    data.rows = data.columns = tasks;
    data.values.assign(tasks * tasks, value);
    data.row_axis = "trained task", data.column_axis = "evaluated task";
    for (std::size_t i = 1; i <= tasks; ++i) data.row_names.push_back(std::to_string(i));
    data.column_names = data.row_names;
    return data;
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++found;
    return found;
}

} // namespace

TEST_CASE("neighbours of one colour are one rectangle of one path") {
    const Figure figure = matrix_figure(matrix(20, 0.5));
    CHECK(count(figure.drawing.str(), "h20v1h-20z") == 20);
    CHECK(count(figure.drawing.str(), "<path") == 1);
}

TEST_CASE("what was not evaluated has no colour and an empty cell in the table") {
    MatrixData data = matrix(3, 0.25);
    data.values[1] = std::nan("");
    const Figure figure = matrix_figure(data);
    CHECK(figure.drawing.str().find("M0 0h1v1h-1zM2 0h1v1h-1z") != std::string::npos);
    CHECK(figure.table.rows[0] == std::vector<std::string>{"1", "0.2500", "", "0.2500"});
    CHECK(figure.table.columns[0] == "trained task \\ evaluated task");
}

TEST_CASE("both axes carry names and numbers") {
    const std::string drawing = matrix_figure(matrix(3, 0.25)).drawing.str();
    CHECK(drawing.find(">trained task<") != std::string::npos);
    CHECK(drawing.find(">evaluated task<") != std::string::npos);
    CHECK(count(drawing, ">3<") == 2);
}

TEST_CASE("values stand in the cells where they can be read") {
    CHECK(count(matrix_figure(matrix(5, 0.84)).drawing.str(), ">.84<") == 25);
    CHECK(count(matrix_figure(matrix(20, 0.84)).drawing.str(), ">.84<") == 0);
}

TEST_CASE("a scale turned round gives what should be small the light end") {
    MatrixData data = matrix(2, 0);
    data.light_is_low = true;
    CHECK(matrix_figure(data).drawing.str().find(scale_colour(scale_steps - 1).hex()) !=
          std::string::npos);
}
