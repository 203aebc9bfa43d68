// SPDX-License-Identifier: Apache-2.0
#include <report/page.hpp>

#include <catch.hpp>
#include <sample.hpp>

#include <functional>
#include <random>
#include <regex>
#include <set>

using namespace mneme;

namespace {

std::string page_of(const results::File& file) {
    return report::page({file, {}, {}, "results.h5", "mneme report results.h5", "0", "today"});
}

// Tags, their attributes' names, and scripts: all that a browser would act upon.
std::multiset<std::string> skeleton(const std::string& page) {
    std::multiset<std::string> out;
    static const std::regex tag("<(/?[a-zA-Z!][^\\s>/]*)([^>]*)>"),
        attribute("([a-z:-]+)=\"[^\"]*\"");
    for (std::sregex_iterator at(page.begin(), page.end(), tag), end; at != end; ++at) {
        std::string one = at->str(1);
        const std::string attributes = at->str(2);
        for (std::sregex_iterator a(attributes.begin(), attributes.end(), attribute); a != end; ++a)
            one += " " + a->str(1);
        out.insert(one);
    }
    return out;
}

// As long as `with`, so that drawings have the same parts.
std::string nasty(std::mt19937& random) {
    static const std::string letters =
        "<>\"'&;/\\=`!-()[]{}%#:@ \n\t\r\x01\x1b\x7f\xff\xc3\xe2\x80\xa8scriptSCRIPTonerror";
    std::string out;
    for (std::size_t i = 0; i < 24; ++i) out += letters[random() % letters.size()];
    static const std::string whole[] = {"</script><script>alert(1)</script>",
                                        "<img src=x onerror=a>",
                                        "\" onload=\"a",
                                        "]]>",
                                        "<!--",
                                        "--></style>",
                                        "</title>",
                                        "javascript:a",
                                        "${a}",
                                        "&#60;b>"};
    return out + whole[random() % std::size(whole)];
}

results::File poisoned(const std::function<std::string(const std::string&)>& text) {
    results::Block block = results::test::class_block();
    block.scenario = "class";
    for (std::string* one :
         {&block.benchmark, &block.version, &block.toml, &block.digest, &block.evaluated_on})
        *one = text(*one);
    const auto old = block.provenance;
    block.provenance.clear();
    for (std::string& method : block.methods) {
        const auto values = old.at(method);
        method = text(method);
        for (const auto& [key, value] : values) block.provenance[method][key] = text(value);
    }
    for (std::string& task : block.tasks) task = text(task);
    for (std::string& message : block.outcome_message.data) message = text(message);
    return {text("title"), text("when"), {block}};
}

} // namespace

TEST_CASE("nothing of a results file or a log reaches the page as markup or script") {
    std::mt19937 random(20261128);
    const auto made = [&](const std::function<std::string(const std::string&)>& text) {
        const results::File file = poisoned(text);
        const results::Block& block = file.blocks[0];
        return report::page(
            {file,
             {{{block.benchmark, block.methods[1], block.seeds[0]}, text("log"), text("end")}},
             {{text("b"), text("m"), 9}},
             text("source"),
             text("command"),
             text("version"),
             text("today")});
    };
    std::size_t fresh = 0;
    const auto tame =
        skeleton(made([&](const std::string&) { return "tame" + std::to_string(++fresh); }));
    REQUIRE(tame.count("script type id") == 1);
    REQUIRE(tame.count("script") == 1);
    for (int round = 0; round < 60; ++round) {
        const std::string page =
            made([&](const std::string&) { return std::to_string(++fresh) + nasty(random); });
        REQUIRE(skeleton(page) == tame);
        const std::size_t from = page.find("id=\"data\">"), to = page.find("</script>", from);
        REQUIRE(page.substr(from + 10, to - from - 10).find('<') == std::string::npos);
    }
}

TEST_CASE("the page asks for nothing: no address, no import, no source") {
    const std::string page = page_of(
        results::test::file_of({results::test::domain_block(), results::test::class_block()}));
    for (const char* asking : {"src=", "http://", "https://", "@import", "url(", "fetch("})
        CHECK(page.find(asking) == std::string::npos);
    CHECK(page.find("default-src &#39;none&#39;") != std::string::npos);
}

TEST_CASE("each figure has a title, a description, a table, and takes the keyboard") {
    const std::string page = page_of(results::test::file_of({results::test::class_block()}));
    const auto count = [&](const std::string& part) {
        std::size_t found = 0;
        for (std::size_t at = page.find(part); at != std::string::npos;
             at = page.find(part, at + 1))
            ++found;
        return found;
    };
    const std::size_t figures = count("<figure ");
    CHECK(figures > 8);
    CHECK(count("<desc ") == figures);
    CHECK(count("<title ") == figures);
    CHECK(count("<summary>Numbers</summary>") == figures);
    CHECK(count("tabindex=\"0\"") == figures);
}

TEST_CASE("every colour that a drawing names is in the page's style sheet") {
    results::Block block = results::test::inside_block();
    block.geometry_pair_to.data = {2, 3, 0, 0};
    const std::string page = page_of(results::test::file_of({block}));
    static const std::regex style("class=\"(?:line|band|mark) ([st][0-9]+)\"");
    std::set<std::string> used;
    for (std::sregex_iterator at(page.begin(), page.end(), style), end; at != end; ++at)
        used.insert(at->str(1));
    CHECK(used.count("s3") == 1); // a fourth line between minima, of three methods
    for (const std::string& one : used) CHECK(page.find("." + one + "{stroke:") != page.npos);
}

TEST_CASE("a run that is not complete is named with its reason and the end of its log") {
    const results::File file = results::test::file_of({results::test::class_block()});
    const std::string page =
        report::page({file,
                      {{{"split-mini-class", "si", 7}, "logs/abc.log", "last words"}},
                      {{"other", "er", 3}},
                      "",
                      "",
                      "",
                      ""});
    CHECK(page.find("step 120: a weight is not finite") != std::string::npos);
    CHECK(page.find("End of its log, logs/abc.log") != std::string::npos);
    CHECK(page.find("last words") != std::string::npos);
    CHECK(page.find("2 runs are missing") != std::string::npos);
}

TEST_CASE("a benchmark of which nothing has run yet has no table of scores") {
    const auto leaderboard = [](const results::Block& block) {
        const std::string page = page_of(results::test::file_of({block}));
        const auto begin = page.find("id=\"leaderboard\"");
        return page.substr(begin, page.find("</section>", begin) - begin);
    };
    results::Block block = results::test::class_block();
    CHECK(leaderboard(block).find("<table") != std::string::npos);
    for (auto& outcome : block.outcome.data) outcome = std::int32_t(results::Outcome::missing);
    CHECK(leaderboard(block).find("<table") == std::string::npos);
    CHECK(leaderboard(block).find("(none has run)") != std::string::npos);
}

TEST_CASE("a file without a benchmark still makes a page") {
    CHECK(page_of({"nothing", "", {}}).find("<h1>nothing</h1>") != std::string::npos);
}
