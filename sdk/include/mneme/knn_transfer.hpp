// SPDX-License-Identifier: Apache-2.0
// KKT, transfer by nearest neighbours. Yadav, Bansal 2022, arXiv:2210.10209: before a task's mask
// phase the scores of an earlier task are taken for a start, if that task's features sort the new
// examples.
//
//   acc_i = accuracy of k-nearest-neighbour votes on the features that mask i gives, for part of
//       the task's examples
//   best:    s <- s_i of the largest acc_i, if it is above the threshold         always: without a
//       threshold
//   all:     s <- mean of s_i over all i above the threshold
//   chance:  1/C                                                                  margin: 1/C + 3
//       sqrt(1/C (1 - 1/C) / n_query)
//
// Differs from the authors' code: the features are what enters the last layer, so after its ReLU
// (theirs: before); the examples are drawn by the harness. Distances are Euclidean, votes by
// majority, equal votes go to the smaller label, equal accuracies to the earlier task.
#pragma once

#include <mneme/supermask.hpp>

namespace mneme {

class KnnTransfer final {
  public:
    enum class Take { off, best, always, all };

    // Declares kkt_fraction, kkt_split, kkt_neighbours, kkt_threshold. `batch_size` is the
    // training's: the fraction counts batches.
    KnnTransfer(Setup& s, Take take, int64_t batch_size)
        : take_(take), batch_size_(batch_size),
          fraction_(s.options.real("kkt_fraction", 0.2, {.max = 1, .above = 0},
                                   "share of the task's batches that KKT looks at, plus one")),
          split_(s.options.real("kkt_split", 0.66, {.above = 0, .below = 1},
                                "share of those that are neighbours; the rest is classified")),
          neighbours_(s.options.count("kkt_neighbours", 0, {.min = 0},
                                      "votes an example gets; 0: min(200, neighbours / classes)")),
          margin_(s.options.choice("kkt_threshold", {"chance", "margin"},
                                   "accuracy above which a task's scores are taken") == "margin") {}

    // How many examples are neighbours and how many are classified, with how many votes.
    struct Sizes {
        int64_t reference, query, votes;
    };
    Sizes sizes(int64_t examples, int64_t classes) const {
        const int64_t batches = (examples + batch_size_ - 1) / batch_size_;
        const auto taken = static_cast<int64_t>(
                               std::ceil(fraction_ * static_cast<double>(batches) * (1 - 1e-12))) +
                           1;
        const int64_t all = std::min(examples, taken * batch_size_),
                      reference = kept_reference(all);
        const int64_t votes =
            neighbours_ > 0 ? neighbours_ : std::min<int64_t>(200, reference / classes);
        if (all < 2 || votes < 1 || votes > reference)
            throw Error("kkt_neighbours: " + std::to_string(votes) + " votes among " +
                            std::to_string(reference) + " of " + std::to_string(all) +
                            " examples, for " + std::to_string(classes) + " classes; use 1 to " +
                            std::to_string(reference) + " votes, or a larger kkt_fraction",
                        MNEME_OPTION);
        return {reference, all - reference, votes};
    }
    // The least number of right answers that is above the threshold.
    int64_t enough(int64_t query, int64_t classes) const {
        const double chance = 1 / static_cast<double>(classes), n = static_cast<double>(query);
        const double threshold = chance + (margin_ ? 3 * std::sqrt(chance * (1 - chance) / n) : 0);
        return take_ == Take::always ? 0
                                     : static_cast<int64_t>(std::floor(threshold * n + 1e-9)) + 1;
    }

    // [S] right answers. Features [S, reference + query, F], labels [S, reference + query], classes
    // in rising order.
    static Tensor right(const Tensor& features, const Tensor& y,
                        const std::vector<int64_t>& classes, const Sizes& n) {
        const auto label = Tensor::of(classes, {static_cast<int64_t>(classes.size())});
        const auto known = features.narrow(1, 0, n.reference), names = y.narrow(1, 0, n.reference);
        constexpr int64_t no_product = 2,
                          chunk =
                              250; // distances as sums of squares: their bits do not depend on S
        auto sum = zeros({y.size(0)}, DType::int64);
        for (int64_t at = 0; at < n.query; at += chunk) {
            const int64_t rows = std::min(chunk, n.query - at);
            const auto d = MNEME_OP("aten::cdist")(features.narrow(1, n.reference + at, rows),
                                                   known, 2.0, no_product);
            const auto near = (-d).topk(n.votes, 2)[1].reshape({y.size(0), rows * n.votes});
            const auto votes =
                names.gather(1, near).reshape({y.size(0), rows, n.votes, 1}) == label;
            const auto answer = label.index_select(0, votes.sum(2).argmax(-1).reshape({-1}))
                                    .reshape({y.size(0), rows});
            sum += (answer == y.narrow(1, n.reference + at, rows)).sum(1);
        }
        return sum;
    }

    // The scores that a task starts from: `fresh`, or a copy. theta are the network's weights,
    // without a mask.
    Tensor start(const Net& net, const Supermask& masks, const Tensor& theta, const Task& task,
                 const Tensor& fresh) const {
        if (take_ == Take::off) return fresh;
        auto classes = task.classes;
        std::sort(classes.begin(), classes.end());
        const auto count = static_cast<int64_t>(classes.size());
        const auto n = sizes(task.train().size(), count);
        if (task.first()) return fresh;
        const auto batch = task.train().sample(n.reference + n.query);
        std::vector<Tensor> found;
        for (int64_t i = 0; i < masks.tasks(); ++i)
            found.push_back(right(net.features(masks.weights_of(i, theta), batch.x, Mode::eval),
                                  batch.y, classes, n));
        const auto hits = stack(found, 1); // [S, earlier tasks]
        log("task " + std::to_string(task.index + 1) +
                ", right answers of its neighbours under each mask, of " + std::to_string(n.query),
            hits);
        return chosen(hits, enough(n.query, count), fresh);
    }
    // hits [S, earlier tasks]; a copy of the scores, or fresh ones.
    Tensor chosen(const Tensor& hits, int64_t enough, const Tensor& fresh) const {
        const auto fits = hits >= enough;
        const auto best = hits.argmax(1, keepdim); // the first of equal ones
        auto sum = zeros_like(fresh);
        const auto take = take_ == Take::all ? fits : fits && range(hits.size(1)) == best;
        for (std::size_t i = 0; i < scores_.size(); ++i)
            sum += where(take.narrow(1, static_cast<int64_t>(i), 1), scores_[i], zeros_like(sum));
        const auto n = take.sum(1, keepdim);
        return where(n > 0, sum / n, fresh);
    }
    void keep(const Tensor& scores) { // at the task's end
        if (take_ != Take::off) scores_.push_back(scores.clone());
    }
    void state(State& s) { s("scores", scores_); }

  private:
    int64_t kept_reference(int64_t all) const {
        return std::clamp<int64_t>(static_cast<int64_t>(split_ * static_cast<double>(all)), 1,
                                   std::max<int64_t>(1, all - 1));
    }
    const Take take_;
    const int64_t batch_size_;
    const double fraction_, split_;
    const int64_t neighbours_;
    const bool margin_;
    std::vector<Tensor> scores_; // [S, P] of each task
};

} // namespace mneme
