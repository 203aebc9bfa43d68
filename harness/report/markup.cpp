// SPDX-License-Identifier: Apache-2.0
#include "report/markup.hpp"

#include <cmath>

#include <base/escape.hpp>

namespace mneme::report {

void Markup::start(Literal tag, Attributes attributes) {
    out_ += '<';
    out_ += tag.text();
    for (const Attribute& one : attributes) {
        out_ += ' ';
        out_ += one.name.text();
        out_ += "=\"" + base::markup_text(one.value) + '"';
    }
}

Markup& Markup::open(Literal tag, Attributes attributes) {
    start(tag, attributes);
    out_ += '>';
    open_.push_back(tag.text());
    return *this;
}

Markup& Markup::close() {
    out_ += "</";
    out_ += open_.back();
    out_ += ">";
    open_.pop_back();
    return *this;
}

Markup& Markup::empty(Literal tag, Attributes attributes) {
    start(tag, attributes);
    out_ += "/>";
    return *this;
}

Markup& Markup::text(std::string_view content) {
    out_ += base::markup_text(content);
    return *this;
}

Markup& Markup::element(Literal tag, std::string_view content, Attributes attributes) {
    return open(tag, attributes).text(content).close();
}

Markup& Markup::add(const Markup& finished) {
    out_ += finished.out_;
    return *this;
}

Markup& Markup::resource(Literal text) {
    out_ += text.text();
    return *this;
}

Markup& Markup::script_data(const std::string& json) {
    out_ += json;
    return *this;
}

std::string coordinate(double value) {
    std::string text = fmt::format("{:.2f}", std::abs(value) < 0.005 ? 0.0 : value);
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text;
}

Json& Json::item(std::string_view text) {
    if (!first_) out_ += ',';
    out_ += text;
    first_ = false;
    return *this;
}

Json& Json::begin(char bracket) {
    item({&bracket, 1});
    open_ += bracket == '{' ? '}' : ']';
    first_ = true;
    return *this;
}

Json& Json::end() {
    out_ += open_.back();
    open_.pop_back();
    first_ = false;
    return *this;
}

Json& Json::key(Literal name) {
    item(fmt::format("\"{}\":", name.text()));
    first_ = true; // no comma before the value
    return *this;
}

Json& Json::value(std::string_view text) { return item('"' + base::script_text(text) + '"'); }

Json& Json::value(double number) {
    return item(std::isfinite(number) ? fmt::format("{}", number) : "null");
}

} // namespace mneme::report
