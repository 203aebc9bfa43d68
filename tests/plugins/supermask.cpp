// SPDX-License-Identifier: Apache-2.0
// Supermasks: which weights a mask keeps, the gradient of its scores, what SupSup and ExSSNeT leave untouched.
#include "catch.hpp"

#include <algorithm>
#include <cmath>

#include <mneme/supermask.hpp>

#include "reference.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;

Layout stream(const std::vector<int64_t>& seeds = {1, 2}, int64_t tasks = 3) {
    return {.features = 12,
            .hidden = {20, 10},
            .seeds = seeds,
            .scenario = "task",
            .classes = 3,
            .tasks = std::vector<std::vector<int64_t>>(static_cast<std::size_t>(tasks), {0, 1, 2}),
            .bias = false,
            .shared_head = true};
}

// A stream of a few batches a phase, taught by hand.
class Course {
  public:
    explicit Course(const std::string& plugin, const Json& options, const Layout& l = stream(), const Json& train = Json::object())
        : desk(l), student(desk, plugin, options, train) {
        for (std::size_t t = 0; t < l.tasks.size(); ++t) desk.lay(static_cast<int64_t>(t), sheet(60, 12, {0, 1, 2}, 5));
    }
    static constexpr int64_t steps = 6;

    Batch lesson(int64_t task, int64_t step) const { // labels that the task's own direction tells
        const auto n = static_cast<int64_t>(desk.layout().seeds.size());
        const auto x = numbers(n * 8 * 12, static_cast<uint32_t>(100 * task + step));
        Vector labels;
        std::vector<int64_t> y;
        for (int64_t row = 0; row < n * 8; ++row) {
            const double v = x[static_cast<std::size_t>(row * 12 + task)];
            y.push_back(v < -0.4 ? 0 : v < 0.4 ? 1 : 2);
        }
        return batch(n, x, y, std::vector<int64_t>(y.size(), task));
    }
    void phase(int64_t task, std::size_t index, int64_t from = 0, int64_t until = steps) {
        auto list = student.phases(task);
        auto p = list.at(index);
        p.steps = steps, p.epochs = 1;
        const auto at = static_cast<uint32_t>(index);
        if (from == 0) student.begin_phase(p, task, at);
        for (int64_t k = from; k < until; ++k) student.observe(lesson(task, k), task, static_cast<uint32_t>(k), nullptr, at);
        if (until == steps) student.end_phase(p, task, at);
    }
    void teach(int64_t task) {
        student.begin_task(task);
        const auto phases = student.phases(task).size();
        for (std::size_t p = 0; p < phases; ++p) phase(task, p);
        student.end_task(task);
    }
    Vector answers(int64_t task) { return student.predict(lesson(0, 77).x, task).to_vector(); }
    std::vector<bool> mask(int64_t task) const { // [S * P], from the bits that are kept
        std::vector<bool> out;
        const auto state = student.state();
        for (double byte : state.at("masks.bits." + std::to_string(task)))
            for (int bit = 0; bit < 8; ++bit) out.push_back((static_cast<int>(byte) >> bit) & 1);
        return out;
    }

    Desk desk;
    Student student;
};

const Json brief = {{"mask_epochs", 1}, {"weight_epochs", 1}, {"density", 0.3}, {"mask_lr", 0.05}, {"weight_lr", 0.05}};
Json with(Json options, const Json& more) {
    options.update(more);
    return options;
}
Json supsup(Json options) {
    options.erase("weight_epochs"), options.erase("weight_lr");
    return options;
}

std::vector<bool> brute(const Vector& a, int64_t k) { // of equal entries the last
    std::vector<std::size_t> order(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return a[i] < a[j]; });
    std::vector<bool> out(a.size(), false);
    for (std::size_t i = a.size() - static_cast<std::size_t>(k); i < a.size(); ++i) out[order[i]] = true;
    return out;
}

std::vector<bool> flags(const Tensor& t) {
    std::vector<bool> out;
    for (double v : t.to_vector()) out.push_back(v != 0);
    return out;
}

} // namespace

TEST_CASE("supermask: the kept count is numel - floor((1 - k) numel), whatever the product rounds to") {
    CHECK(kept_count(0.1, 7) == 1);
    CHECK(kept_count(0.1, 10) == 1);
    CHECK(kept_count(0.1, 99) == 10);
    CHECK(kept_count(0.9, 10) == 9);
    CHECK(kept_count(1, 10) == 10);
    CHECK(kept_count(0.02, 200) == 4);
    CHECK(kept_count(1e-9, 10) == 1); // never none
    for (int64_t n = 1; n <= 300; ++n)
        for (int64_t j = 1; j <= n; ++j) REQUIRE(kept_count(static_cast<double>(j) / static_cast<double>(n), n) == j);
}

TEST_CASE("supermask: the largest of each row, and of equal ones the last") {
    Desk desk(stream());
    for (int64_t k : {1, 2, 7, 30, 59, 60}) {
        Vector values, ties;
        for (double v : numbers(3 * 60, 3))
            values.push_back(std::abs(v)), ties.push_back(std::floor(std::abs(2 * v))); // four or five values
        ties[17] = ties[18] = -0.0;
        for (const auto& all : {values, ties, Vector(180, 0.5)}) {
            std::vector<bool> wanted, by_row;
            for (std::ptrdiff_t s = 0; s < 3; ++s) {
                const Vector row(all.begin() + 60 * s, all.begin() + 60 * (s + 1));
                const auto b = brute(row, k);
                wanted.insert(wanted.end(), b.begin(), b.end());
                const auto alone = flags(largest_of(tensor(row, {1, 60}, DType::float32), k));
                by_row.insert(by_row.end(), alone.begin(), alone.end());
            }
            const auto together = flags(largest_of(tensor(all, {3, 60}, DType::float32), k));
            CHECK(together == wanted);
            CHECK(together == by_row);
        }
    }
}

TEST_CASE("supermask: each layer keeps its own count; biases are kept, padding is not") {
    auto l = stream();
    l.bias = true;
    Desk desk(l);
    const Supermask masks(desk.setup({{"density", 0.25}}));
    const auto scores = masks.fresh();
    const auto m = masks.mask(scores).to_vector(), s = scores.to_vector();
    const auto columns = desk.net().columns();
    for (int64_t r = 0; r < 2; ++r) {
        Vector sum(desk.net().layers().size());
        double all = 0;
        for (std::size_t k = 0; k < sum.size(); ++k) {
            const auto& layer = desk.net().layers()[k];
            double least_kept = 1e9, most_dropped = 0;
            for (int64_t c = layer.offset; c < layer.offset + layer.numel; ++c) {
                const auto at = static_cast<std::size_t>(r * columns + c);
                sum[k] += m[at];
                if (m[at] != 0) least_kept = std::min(least_kept, std::abs(s[at]));
                else most_dropped = std::max(most_dropped, std::abs(s[at]));
            }
            const bool weight = layer.kind == LayerKind::weight;
            CHECK(sum[k] == static_cast<double>(weight ? kept_count(0.25, layer.numel) : layer.numel));
            CHECK((!weight || least_kept > most_dropped));
            all += sum[k];
        }
        double row = 0;
        for (int64_t c = 0; c < columns; ++c) row += m[static_cast<std::size_t>(r * columns + c)];
        CHECK(row == all);
    }
}

TEST_CASE("supermask: scores and weights start as published") {
    auto l = stream();
    l.bias = true;
    Desk desk(l);
    const auto initial = desk.net().initial().theta;
    const Supermask plain(desk.setup({{"density", 0.25}}));
    const auto scores = plain.fresh().to_vector(), weights = plain.constants(initial).to_vector(), start = initial.to_vector();
    const auto again = plain.fresh().to_vector();
    CHECK(scores != again); // a second draw of the same source
    Desk other(l);
    const Supermask scaled(other.setup({{"density", 0.25}, {"fan_by_density", true}, {"density_rule", "uniform_body"}}));
    const auto larger = scaled.constants(initial).to_vector();
    const auto& layers = desk.net().layers();
    for (const auto& layer : layers) {
        double most = 0;
        const bool head = layer.offset == layers[4].offset; // weights and biases by turns
        for (int64_t r = 0; r < 2; ++r)
            for (int64_t c = layer.offset; c < layer.offset + layer.numel; ++c) {
                const auto at = static_cast<std::size_t>(r * desk.net().columns() + c);
                if (layer.kind == LayerKind::bias) {
                    CHECK(weights[at] == 0);
                    CHECK(scores[at] == 0);
                    continue;
                }
                const double size = std::sqrt(2.0 / static_cast<double>(layer.fan_in)), sign = start[at] < 0 ? -1 : 1;
                CHECK(std::abs(weights[at] - sign * size) < 1e-6);
                CHECK(std::abs(larger[at] - sign * size / std::sqrt(head ? 0.5 : 0.25)) < 1e-6);
                most = std::max(most, std::abs(scores[at]) * std::sqrt(static_cast<double>(layer.fan_in)));
            }
        if (layer.kind == LayerKind::weight) {
            CHECK(most <= 1.000001);
            CHECK(most > 0.85);
        }
    }
}

TEST_CASE("supermask: density rules") {
    const auto kept = [&](const Json& options) {
        Desk desk({.features = 784, .hidden = {300, 100}, .seeds = {1}, .classes = 3, .bias = false});
        const Supermask masks(desk.setup(options));
        const auto m = masks.mask(masks.fresh()).to_vector();
        Vector out;
        for (const auto& layer : desk.net().layers()) {
            double sum = 0;
            for (int64_t c = layer.offset; c < layer.offset + layer.numel; ++c) sum += m[static_cast<std::size_t>(c)];
            out.push_back(sum);
        }
        return out;
    };
    CHECK(kept({{"density", 0.02}}) == Vector{4704, 600, 6});
    CHECK(kept({{"density", 0.02}, {"density_rule", "uniform_body"}}) == Vector{4704, 600, 150});
    CHECK(kept({{"density", 0.6}, {"density_rule", "uniform_body"}})[2] == 180);
    // Shares c (784 + 300) / 235200, c 400 / 30000, at most .5 (the head: 103 / 300 c): c = (.02 * 265500 - 150) / 1484 for a full head.
    const auto er = kept({{"density", 0.02}, {"density_rule", "erdos_renyi"}});
    const double c = (0.02 * 265500 - 150) / 1484;
    REQUIRE(c * 103 / 300 > 0.5);
    CHECK(er == Vector{std::ceil(c * 1084), std::ceil(c * 400), 150});
    const auto said = refusal([&] { kept({{"density", 0.6}, {"density_rule", "erdos_renyi"}}); });
    CHECK(said == "density: 0.600000; density_rule = erdos_renyi keeps at most half of a layer, so 0.5 or less would be right");
    CHECK(refusal([&] {
              kept({{"density", 0.005}});
          }) ==
          "density: 0.005000 keeps 2 of the output layer's 300 weights, for 3 classes; a larger density or density_rule = uniform_body "
          "would be "
          "right");
    CHECK(kept({{"density", 0.005}, {"density_rule", "uniform_body"}})[2] == 150);
}

TEST_CASE("supermask: bits hold the mask") {
    Desk desk(stream({1, 2, 3}));
    const Supermask masks(desk.setup({{"density", 0.37}}));
    const auto m = masks.mask(masks.fresh());
    const auto bits = masks.packed(m);
    CHECK(bits.dtype() == DType::uint8);
    CHECK(bits.shape() == std::vector<int64_t>{3, desk.net().columns() / 8});
    CHECK(flags(masks.unpacked(bits)) == flags(m));
    const auto all = ones_like(m) > 0;
    CHECK(masks.packed(all).amin(1).to_vector() == Vector(3, 255));
}

TEST_CASE("supermask: the gradient goes straight through to every score, kept or dropped") {
    Desk desk({.features = 3,
               .hidden = {},
               .seeds = {4},
               .scenario = "task",
               .classes = 2,
               .tasks = {{0, 1}},
               .bias = false,
               .shared_head = true});
    desk.lay(0, sheet(8, 3, {0, 1}, 1));
    Student student(desk, "supsup", {{"density", 0.5}});
    student.begin_task(0);
    auto p = student.phases(0).at(0);
    p.steps = 10, p.epochs = 1;
    student.begin_phase(p, 0);
    const auto theta = student.theta(), s = student.state().at("~scores");
    const auto& layer = desk.net().layers()[0];
    const auto at = [&](int64_t c) { return static_cast<std::size_t>(layer.offset + c); };
    Vector size;
    for (int64_t c = 0; c < 6; ++c) size.push_back(std::abs(s[at(c)]));
    const auto m = brute(size, 3);
    const Vector x{0.5, -1.25, 2};
    double logit[2] = {0, 0};
    for (int64_t c = 0; c < 6; ++c) logit[c / 3] += m[static_cast<std::size_t>(c)] ? theta[at(c)] * x[static_cast<std::size_t>(c % 3)] : 0;
    const double p1 = 1 / (1 + std::exp(logit[0] - logit[1]));
    student.observe(batch(1, x, {1}), 0, 0);
    const auto moment = student.state().at("descend.~first"); // Adam: .1 of the first gradient
    for (int64_t c = 0; c < 6; ++c) {
        const double g = (c / 3 == 1 ? p1 - 1 : 1 - p1) * x[static_cast<std::size_t>(c % 3)];
        const double wanted = g * theta[at(c)] * (s[at(c)] < 0 ? -1 : 1);
        CHECK(moment[at(c)] == Approx(0.1 * wanted).epsilon(1e-5));
        CHECK(moment[at(c)] != 0);
    }
}

TEST_CASE("supsup: weights are never touched, and an earlier task's answers stay, bit for bit") {
    Course c("supsup", supsup(brief));
    const auto theta = c.student.theta();
    std::vector<Vector> then;
    for (int64_t t = 0; t < 3; ++t) {
        c.teach(t);
        then.push_back(c.answers(t));
        for (int64_t i = 0; i <= t; ++i) CHECK(c.answers(i) == then[static_cast<std::size_t>(i)]);
    }
    CHECK(c.student.theta() == theta);
    CHECK(c.mask(0) != c.mask(1));
    CHECK(then[0] != then[1]);
}

TEST_CASE("exssnet: a task changes free weights of its mask and no other; ssnet changes its mask's") {
    for (bool exclusive : {true, false}) {
        Course c("exssnet", with(brief, {{"exclusive", exclusive}}));
        auto before = c.student.theta();
        std::vector<Vector> then;
        std::vector<bool> taken(before.size(), false);
        for (int64_t t = 0; t < 3; ++t) {
            c.teach(t);
            const auto after = c.student.theta();
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
            ex.desk.stand_at(t, 0, 0);
            ex.teach(t);
        }
        const auto theta = ex.student.theta();
        const auto state = ex.student.state();
        std::vector<Vector> answers;
        for (int64_t t = 0; t < 3; ++t) answers.push_back(ex.answers(t));
        for (int64_t t = 0; t < 3; ++t) sup.teach(t);
        CHECK(sup.student.theta() == theta);
        CHECK(sup.student.state().at("~scores") == state.at("~scores"));
        for (int64_t t = 0; t < 3; ++t) {
            CHECK(sup.mask(t) == ex.mask(t));
            CHECK(sup.answers(t) == answers[static_cast<std::size_t>(t)]);
        }
    }
}

TEST_CASE("exssnet: the share of free weights of independent masks is k (1-k)^(t-1)") {
    Desk desk({.features = 60, .hidden = {100}, .seeds = {1, 2, 3, 4}, .classes = 5, .bias = false});
    const double k = 0.1;
    Supermask masks(desk.setup({{"density", k}}));
    const double n = 4 * 6500;
    for (int64_t t = 0; t < 8; ++t) {
        desk.stand_at(t, 0, 0);
        masks.freeze(masks.mask(masks.fresh()));
        const auto free = masks.mask_of(t) && !masks.chosen_before(t) && masks.trained();
        const double wanted = k * std::pow(1 - k, static_cast<double>(t)), found = free.sum().item() / n;
        CHECK(std::abs(found - wanted) < 5 * std::sqrt(wanted * (1 - wanted) / n) + 1e-4);
    }
}

TEST_CASE("supermask: what is kept for a task is a bit a weight, and with KKT its scores") {
    const auto columns = static_cast<double>(Desk(stream()).net().columns());
    Course plain("exssnet", brief), mean("supsup", with(supsup(brief), {{"transfer", "mean"}}));
    for (int64_t t = 0; t < 3; ++t) {
        mean.teach(t);
        CHECK(mean.student.kept_bytes() == 2 * (static_cast<double>(t + 1) * columns / 8 + 4 * columns));
    }
    Course p("exssnet", brief);
    for (int64_t t = 0; t < 3; ++t) {
        p.teach(t);
        CHECK(p.student.kept_bytes() == 2 * static_cast<double>(t + 1) * columns / 8);
    }
    Course kkt("exssnet", with(brief, {{"kkt", "best"}}));
    for (int64_t t = 0; t < 3; ++t) {
        kkt.teach(t);
        CHECK(kkt.student.kept_bytes() == 2 * static_cast<double>(t + 1) * (columns / 8 + 4 * columns));
    }
}

TEST_CASE("supsup: transfer = mean starts from the mean of the earlier tasks' scores") {
    Course c("supsup", with(supsup(brief), {{"transfer", "mean"}}));
    std::vector<Vector> ends;
    for (int64_t t = 0; t < 3; ++t) {
        c.student.begin_task(t);
        if (t > 0) {
            Vector mean(ends[0].size());
            for (const auto& e : ends)
                for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += e[k] / static_cast<double>(t);
            CHECK(distance(c.student.state().at("~scores"), mean) < 1e-6);
        }
        c.phase(t, 0);
        c.student.end_task(t);
        ends.push_back(c.student.state().at("~scores"));
    }
}

TEST_CASE("supermask: a checkpoint in the middle of either phase changes nothing") {
    for (const char* plugin : {"supsup", "exssnet"})
        for (std::size_t phase : {0u, 1u}) {
            const bool ex = std::string(plugin) == "exssnet";
            if (!ex && phase == 1) continue;
            INFO(plugin << ", phase " << phase);
            const auto options = ex ? with(brief, {{"kkt", "always"}}) : with(supsup(brief), {{"transfer", "mean"}});
            Course whole(plugin, options);
            whole.teach(0);
            whole.student.begin_task(1);
            for (std::size_t p = 0; p < phase; ++p) whole.phase(1, p);
            whole.phase(1, phase, 0, 3);
            const auto bytes = whole.student.saved();
            const auto finish = [&](Course& c) {
                c.phase(1, phase, 3);
                for (std::size_t p = phase + 1; p < (ex ? 2u : 1u); ++p) c.phase(1, p);
                c.student.end_task(1);
                c.teach(2);
                return c.student.digest();
            };
            const auto wanted = finish(whole);
            Course resumed(plugin, options);
            resumed.student.restore(bytes);
            CHECK(finish(resumed) == wanted);
        }
}

TEST_CASE("supermask: biases stay 0 and are never trained") {
    auto l = stream();
    l.bias = true;
    Course c("exssnet", with(brief, {{"exclusive", false}}), l);
    for (int64_t t = 0; t < 2; ++t) c.teach(t);
    const auto theta = c.student.theta();
    for (const auto& layer : c.desk.net().layers())
        if (layer.kind == LayerKind::bias)
            for (int64_t k = 0; k < layer.numel; ++k) CHECK(theta[static_cast<std::size_t>(layer.offset + k)] == 0);
}

TEST_CASE("supermask: what does not fit is said") {
    const auto said = [](const char* plugin, const Json& options, const Json& train = Json::object(), TaskId asked = 0) {
        Desk desk(stream());
        desk.lay(0, sheet(60, 12, {0, 1, 2}, 5));
        return refusal([&] {
            Student student(desk, plugin, options, train);
            student.begin_task(0);
            student.predict(tensor(numbers(12, 1), {1, 12}, DType::float32), asked);
        });
    };
    CHECK(said("supsup", {{"density", 0}}).find("density") != std::string::npos);
    CHECK(said("exssnet", {{"density", 0.05}}) ==
          "density: 0.050000 keeps 2 of the output layer's 30 weights, for 3 classes; a larger "
          "density or density_rule = uniform_body would be right");
    CHECK(said("exssnet", brief, {{"weight_decay", 0.1}}) ==
          "weight_decay: decay would move weights that earlier tasks need; 0 would be right");
    CHECK(said("exssnet", {{"kkt", "best"}, {"kkt_neighbours", 40}}) ==
          "kkt_neighbours: 40 votes among 39 of 60 examples, for 3 classes; 1 to 39 votes, or a larger kkt_fraction, would be right");
    CHECK(said("supsup", supsup(brief)) == "supsup, predict: task 1 has no mask yet");
    CHECK(said("supsup", supsup(brief), Json::object(), {}) ==
          "supsup, predict: which task is asked about is not known; a mask belongs to a task");
}
