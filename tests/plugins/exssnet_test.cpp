// SPDX-License-Identifier: Apache-2.0
// SupSup and ExSSNeT: what they leave untouched, what they keep, what they refuse.
#include "catch.hpp"

#include <algorithm>
#include <cmath>

#include <mneme/supermask.hpp>

#include "supermask.hpp"

using namespace mneme;
using namespace mneme::test;

TEST_CASE("supsup: weights are never touched, and an earlier task's answers stay, bit for bit") {
    Course c("supsup", supsup(brief));
    const auto theta = c.learner.theta();
    std::vector<Vector> then;
    for (int64_t t = 0; t < 3; ++t) {
        c.teach(t);
        then.push_back(c.answers(t));
        for (int64_t i = 0; i <= t; ++i) CHECK(c.answers(i) == then[static_cast<std::size_t>(i)]);
    }
    CHECK(c.learner.theta() == theta);
    CHECK(c.mask(0) != c.mask(1));
    CHECK(then[0] != then[1]);
}

TEST_CASE(
    "exssnet: a task changes free weights of its mask and no other; ssnet changes its mask's") {
    for (bool exclusive : {true, false}) {
        Course c("exssnet", with(brief, {{"exclusive", exclusive}}));
        auto before = c.learner.theta();
        std::vector<Vector> then;
        std::vector<bool> taken(before.size(), false);
        for (int64_t t = 0; t < 3; ++t) {
            c.teach(t);
            const auto after = c.learner.theta();
            const auto m = c.mask(t);
            std::size_t changed = 0, free = 0;
            for (std::size_t k = 0; k < after.size(); ++k) {
                const bool may = m[k] && !(exclusive && taken[k]);
                free += may;
                changed += after[k] != before[k];
                if (!may) REQUIRE(after[k] == before[k]);
            }
            CHECK(changed > free / 2); // and these it does train
            for (std::size_t k = 0; k < m.size(); ++k) taken[k] = taken[k] || m[k];
            before = after;
            then.push_back(c.answers(t));
            for (std::size_t i = 0; i < static_cast<std::size_t>(t); ++i)
                CHECK((c.answers(static_cast<int64_t>(i)) == then[i]) == exclusive);
        }
    }
}

TEST_CASE("exssnet without weight epochs is supsup, bit for bit") {
    for (const char* rule : {"uniform", "uniform_body"}) {
        Course ex("exssnet", with(brief, {{"weight_epochs", 0}, {"density_rule", rule}})),
            sup("supsup", with(supsup(brief), {{"density_rule", rule}}));
        for (int64_t t = 0; t < 3; ++t) {
            ex.fixture.seek(t, 0, 0);
            ex.teach(t);
        }
        const auto theta = ex.learner.theta();
        const auto state = ex.learner.state();
        std::vector<Vector> answers;
        for (int64_t t = 0; t < 3; ++t) answers.push_back(ex.answers(t));
        for (int64_t t = 0; t < 3; ++t) sup.teach(t);
        CHECK(sup.learner.theta() == theta);
        CHECK(sup.learner.state().at("~scores") == state.at("~scores"));
        for (int64_t t = 0; t < 3; ++t) {
            CHECK(sup.mask(t) == ex.mask(t));
            CHECK(sup.answers(t) == answers[static_cast<std::size_t>(t)]);
        }
    }
}

TEST_CASE("exssnet: the share of free weights of independent masks is k (1-k)^(t-1)") {
    SessionFixture fixture(
        {.features = 60, .hidden = {100}, .seeds = {1, 2, 3, 4}, .classes = 5, .bias = false});
    const double k = 0.1;
    Supermask masks(fixture.setup({{"density", k}}));
    const double n = 4 * 6500;
    for (int64_t t = 0; t < 8; ++t) {
        fixture.seek(t, 0, 0);
        masks.freeze(masks.mask(masks.fresh()));
        const auto free = masks.mask_of(t) && !masks.chosen_before(t) && masks.trained();
        const double wanted = k * std::pow(1 - k, static_cast<double>(t)),
                     found = free.sum().item() / n;
        CHECK(std::abs(found - wanted) < 5 * std::sqrt(wanted * (1 - wanted) / n) + 1e-4);
    }
}

TEST_CASE("supermask: what is kept for a task is a bit a weight, and with KKT its scores") {
    const auto columns = static_cast<double>(SessionFixture(stream()).net().columns());
    Course plain("exssnet", brief), mean("supsup", with(supsup(brief), {{"transfer", "mean"}}));
    for (int64_t t = 0; t < 3; ++t) {
        mean.teach(t);
        CHECK(mean.learner.kept_bytes() ==
              2 * (static_cast<double>(t + 1) * columns / 8 + 4 * columns));
    }
    Course p("exssnet", brief);
    for (int64_t t = 0; t < 3; ++t) {
        p.teach(t);
        CHECK(p.learner.kept_bytes() == 2 * static_cast<double>(t + 1) * columns / 8);
    }
    Course kkt("exssnet", with(brief, {{"kkt", "best"}}));
    for (int64_t t = 0; t < 3; ++t) {
        kkt.teach(t);
        CHECK(kkt.learner.kept_bytes() ==
              2 * static_cast<double>(t + 1) * (columns / 8 + 4 * columns));
    }
}

TEST_CASE("supsup: transfer = mean starts from the mean of the earlier tasks' scores") {
    Course c("supsup", with(supsup(brief), {{"transfer", "mean"}}));
    std::vector<Vector> ends;
    for (int64_t t = 0; t < 3; ++t) {
        c.learner.begin_task(t);
        if (t > 0) {
            Vector mean(ends[0].size());
            for (const auto& e : ends)
                for (std::size_t k = 0; k < mean.size(); ++k)
                    mean[k] += e[k] / static_cast<double>(t);
            CHECK(distance(c.learner.state().at("~scores"), mean) < 1e-6);
        }
        c.phase(t, 0);
        c.learner.end_task(t);
        ends.push_back(c.learner.state().at("~scores"));
    }
}

TEST_CASE("supermask: a checkpoint in the middle of either phase changes nothing") {
    for (const char* plugin : {"supsup", "exssnet"})
        for (std::size_t phase : {0u, 1u}) {
            const bool ex = std::string(plugin) == "exssnet";
            if (!ex && phase == 1) continue;
            INFO(plugin << ", phase " << phase);
            const auto options =
                ex ? with(brief, {{"kkt", "always"}}) : with(supsup(brief), {{"transfer", "mean"}});
            Course whole(plugin, options);
            whole.teach(0);
            whole.learner.begin_task(1);
            for (std::size_t p = 0; p < phase; ++p) whole.phase(1, p);
            whole.phase(1, phase, 0, 3);
            const auto bytes = whole.learner.saved();
            const auto finish = [&](Course& c) {
                c.phase(1, phase, 3);
                for (std::size_t p = phase + 1; p < (ex ? 2u : 1u); ++p) c.phase(1, p);
                c.learner.end_task(1);
                c.teach(2);
                return c.learner.digest();
            };
            const auto wanted = finish(whole);
            Course resumed(plugin, options);
            resumed.learner.restore(bytes);
            CHECK(finish(resumed) == wanted);
        }
}

TEST_CASE("supermask: biases stay 0 and are never trained") {
    auto l = stream();
    l.bias = true;
    Course c("exssnet", with(brief, {{"exclusive", false}}), l);
    for (int64_t t = 0; t < 2; ++t) c.teach(t);
    const auto theta = c.learner.theta();
    for (const auto& layer : c.fixture.net().layers())
        if (layer.kind == LayerKind::bias)
            for (int64_t k = 0; k < layer.numel; ++k)
                CHECK(theta[static_cast<std::size_t>(layer.offset + k)] == 0);
}

TEST_CASE(
    "exssnet: running statistics begin anew in each task, are kept with its mask, and scales and "
    "shifts are not trained") {
    auto l = stream({1, 2});
    l.network = "resnet18", l.image = {1, 8, 8}, l.features = 64;
    SessionFixture fixture(l);
    for (int64_t t = 0; t < 3; ++t)
        fixture.set_examples(t, make_task_data(30, 64, {0, 1, 2}, static_cast<uint32_t>(t)));
    PluginLearner learner(fixture, "exssnet", brief);
    const auto start = learner.state().at("weights.stats");
    REQUIRE(start.size() > 0);
    const auto look = tensor(numbers(2 * 9 * 64, 50), {2, 9, 64}, DType::float32);
    std::vector<Vector> then;
    for (int64_t t = 0; t < 2; ++t) {
        learner.begin_task(t);
        CHECK(learner.state().at("weights.stats") == start);
        const auto phases = learner.phases(t);
        for (std::size_t p = 0; p < phases.size(); ++p) {
            auto phase = phases[p];
            phase.steps = 3, phase.epochs = 1;
            const auto index = static_cast<uint32_t>(p);
            learner.begin_phase(phase, t, index);
            for (uint32_t k = 0; k < 3; ++k) {
                std::vector<int64_t> y;
                for (int64_t row = 0; row < 2 * 6; ++row) y.push_back(row % 3);
                const auto x = numbers(2 * 6 * 64, static_cast<uint32_t>(100 * t) + 10 * index + k);
                learner.observe(batch(2, x, y, std::vector<int64_t>(y.size(), t)), t, k, nullptr,
                                index);
            }
            learner.end_phase(phase, t, index);
        }
        learner.end_task(t);
        const auto state = learner.state();
        CHECK(state.at("masks.stats." + std::to_string(t)) == state.at("weights.stats"));
        CHECK(state.at("weights.stats") != start);
        then.push_back(learner.predict(look, t).to_vector());
        for (int64_t i = 0; i <= t; ++i)
            CHECK(learner.predict(look, i).to_vector() == then[static_cast<std::size_t>(i)]);
    }
    const auto state = learner.state();
    CHECK(state.at("masks.stats.0") != state.at("masks.stats.1"));
    const auto theta = learner.theta();
    double scales = 0;
    for (const auto& layer : fixture.net().layers())
        for (int64_t c = layer.offset; c < layer.offset + layer.numel; ++c) {
            if (layer.kind == LayerKind::weight) continue;
            CHECK(theta[static_cast<std::size_t>(c)] == (layer.kind == LayerKind::scale ? 1 : 0));
            scales += layer.kind == LayerKind::scale;
        }
    CHECK(scales > 0);
}

TEST_CASE("supermask: what does not fit is said") {
    const auto said = [](const char* plugin, const Json& options,
                         const Json& train = Json::object(), TaskId asked = 0) {
        SessionFixture fixture(stream());
        fixture.set_examples(0, make_task_data(60, 12, {0, 1, 2}, 5));
        return refusal([&] {
            PluginLearner learner(fixture, plugin, options, train);
            learner.begin_task(0);
            learner.predict(tensor(numbers(12, 1), {1, 12}, DType::float32), asked);
        });
    };
    CHECK(said("supsup", {{"density", 0}}).find("density") != std::string::npos);
    CHECK(said("exssnet", {{"density", 0.05}}) ==
          "density: 0.050000 keeps 2 of the output layer's 30 weights, for 3 classes; use a larger "
          "density, or density_rule = uniform_body");
    CHECK(said("exssnet", brief, {{"weight_decay", 0.1}}) ==
          "weight_decay: decay would move weights that earlier tasks need; use 0");
    CHECK(said("exssnet", {{"kkt", "best"}, {"kkt_neighbours", 40}}) ==
          "kkt_neighbours: 40 votes among 39 of 60 examples, for 3 classes; use 1 to 39 votes, or "
          "a larger kkt_fraction");
    CHECK(said("supsup", supsup(brief)) == "supsup, predict: task 1 has no mask yet");
    CHECK(said("supsup", supsup(brief), Json::object(), {}) ==
          "supsup, predict: which task is asked about is not known; a mask belongs to a task");
}
