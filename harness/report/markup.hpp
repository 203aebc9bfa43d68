// SPDX-License-Identifier: Apache-2.0
// HTML and SVG, written so that text cannot become a tag: names of tags and attributes are literals
// of the program, everything else passes through `escaped`.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace mneme::report {

// A string literal of the program.
class Literal final {
  public:
    consteval Literal(const char* text) : text_(text) {}
    const char* text() const { return text_; }

  private:
    const char* text_;
};

struct Attribute {
    Literal name;
    std::string value;
};
using Attributes = std::initializer_list<Attribute>;

class Markup final {
  public:
    Markup& open(Literal tag, Attributes = {});
    Markup& close(); // the innermost tag that is open
    Markup& empty(Literal tag, Attributes = {});
    Markup& text(std::string_view);
    Markup& element(Literal tag, std::string_view content, Attributes = {});
    Markup& add(const Markup& finished);
    Markup& resource(Literal text);               // a style sheet or a script of the program
    Markup& script_data(const std::string& json); // what Json wrote

    const std::string& str() const { return out_; }

  private:
    void start(Literal tag, Attributes);

    std::string out_;
    std::vector<const char*> open_;
};

// A coordinate: at most two decimals, no trailing zeros.
std::string coordinate(double);

// The numbers behind a page, for its script. Strings pass through `escaped`.
class Json final {
  public:
    Json& begin(char bracket); // '{' or '['
    Json& end();
    Json& key(Literal);
    Json& value(std::string_view);
    Json& value(const char* text) { return value(std::string_view(text)); }
    Json& value(double); // null where it is not finite
    template <std::integral Number> Json& value(Number number) {
        return item(fmt::format("{}", number));
    }
    const std::string& str() const { return out_; }

  private:
    Json& item(std::string_view);

    std::string out_, open_;
    bool first_ = true;
};

} // namespace mneme::report
