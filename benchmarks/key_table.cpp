// SPDX-License-Identifier: Apache-2.0
// The keys of a benchmark file, in the order in which a file shows them.
#include <limits>

#include <benchmarks/keys.hpp>

namespace mneme::bench {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr Bounds examples{0, 10'000'000};

bool has_class_counts(const Spec& spec) {
    const ClassCounts& counts = spec.stream.classes_per_task;
    return spec.stream.kind != StreamKind::sequence || counts.each != 0 || !counts.list.empty();
}

// A row under construction.
struct Row final : Key {
    Row(const char* in, const char* called, Field (*where)(Spec&), const char* meaning)
        : Key{in, called, where, {}, {}, {}, nullptr, meaning} {}
    Row& one_of(Words allowed) { return words = std::move(allowed), *this; }
    Row& within(Bounds allowed) { return bounds = allowed, *this; }
    Row& only(Words kinds) { return owners = std::move(kinds), *this; }
    Row& when(bool (*effective)(const Spec&)) { return counts = effective, *this; }
};

// The key `name` of [table] is the member `name` of the spec's part `table`.
#define MNEME_KEY(table, name, meaning) \
    Row(                                \
        #table, #name, [](Spec& s) -> Field { return &s.table.name; }, meaning)

} // namespace

const std::vector<Key>& keys() {
    static const std::vector<Key> all{
        MNEME_KEY(stream, kind,
                  "how tasks come about: by turning the pictures, by permuting their pixels, by "
                  "classes, by data sets, or drawn in memory")
            .one_of(StreamKind::all()),
        MNEME_KEY(stream, dataset,
                  "the data set: a name of `mneme data list`, or of a description of yours")
            .only({StreamKind::rotated, StreamKind::permuted, StreamKind::split}),
        MNEME_KEY(stream, datasets, "data sets whose classes come one set after the other")
            .only({StreamKind::sequence}),
        MNEME_KEY(stream, tasks,
                  "how many tasks; of split and sequence 0 means as many as the classes give")
            .within(Bounds{0, 65535}),
        MNEME_KEY(stream, train_examples,
                  "training examples of each task at most, the first in file order; 0: all")
            .within(examples),
        MNEME_KEY(stream, test_examples, "test examples of each task at most; 0: all")
            .within(examples),
        MNEME_KEY(stream, validation,
                  "share of each class's training examples that is kept for validation, the last "
                  "in file order")
            .within(Bounds{0, 0.9}),
        MNEME_KEY(stream, label_noise,
                  "share of training labels that are wrong: another of the task's classes, drawn "
                  "for each seed and task")
            .within(Bounds{0, 0.95})
            .when([](const Spec& s) { return s.stream.label_noise != 0; }),
        MNEME_KEY(stream, imbalance,
                  "training examples of the most frequent class over those of the rarest; ranks "
                  "are drawn for each seed")
            .within(Bounds{1, 1e6})
            .when([](const Spec& s) { return s.stream.imbalance != 1; }),
        MNEME_KEY(stream, online, "each training example is passed once: epochs is 1")
            .when([](const Spec& s) { return s.stream.online; }),
        MNEME_KEY(stream, boundaries, "whether a method learns where a task ends")
            .one_of(Boundaries::all())
            .when([](const Spec& s) { return s.stream.hidden(); }),
        MNEME_KEY(
            stream, blur,
            "with hidden boundaries: how far tasks run into one another, as a share of a task")
            .within(Bounds{0, 1})
            .when([](const Spec& s) { return s.stream.hidden(); }),
        MNEME_KEY(stream, normalise,
                  "pixels are divided by 255; dataset: then normalised by the training pixels' "
                  "mean and deviation")
            .one_of(Normalise::all()),
        MNEME_KEY(stream, degrees_per_task,
                  "how far each task is turned beyond the one before, counter-clockwise")
            .within(Bounds{-180, 180})
            .only({StreamKind::rotated})
            .when([](const Spec& s) { return s.stream.linspace.empty(); }),
        MNEME_KEY(stream, linspace,
                  "the first and the last angle in degrees, in place of degrees_per_task")
            .within(Bounds{-360, 360})
            .only({StreamKind::rotated})
            .when([](const Spec& s) { return !s.stream.linspace.empty(); }),
        MNEME_KEY(stream, jitter,
                  "every task turns by U(0, jitter) degrees less, drawn for each seed")
            .within(Bounds{0, 180})
            .only({StreamKind::rotated})
            .when([](const Spec& s) { return s.stream.jitter != 0; }),
        MNEME_KEY(stream, interpolation,
                  "a turned pixel is the nearest one, or a blend of four in 256ths")
            .one_of(Interpolation::all())
            .only({StreamKind::rotated}),
        MNEME_KEY(stream, first_task, "whether the first task is permuted, too")
            .one_of(FirstTask::all())
            .only({StreamKind::permuted}),
        MNEME_KEY(stream, classes_per_task,
                  "classes of each task: one number, or a list with a number for each; a sequence "
                  "without it has a task for each data set")
            .only({StreamKind::split, StreamKind::sequence, StreamKind::synthetic})
            .when(has_class_counts),
        MNEME_KEY(stream, class_order,
                  "the order in which classes come: the data set's own, one drawn for each seed, "
                  "or a list")
            .only({StreamKind::split}),
        MNEME_KEY(stream, features, "inputs of an example")
            .within(Bounds{0, 65536})
            .only({StreamKind::synthetic}),
        MNEME_KEY(stream, separation, "distance of class centres in standard deviations")
            .within(Bounds{0, 8})
            .only({StreamKind::synthetic}),
        MNEME_KEY(augment, crop_padding,
                  "a training picture is cut out of itself with so many pixels of 0 around it")
            .within(Bounds{0, 4096})
            .when([](const Spec& s) { return s.augment.any(); }),
        MNEME_KEY(augment, horizontal_flip, "and then mirrored, or not, equally likely")
            .when([](const Spec& s) { return s.augment.any(); }),
        MNEME_KEY(scenario, kind,
                  "what is known at test: nothing of the task and shared labels, the task, or "
                  "nothing with labels of all tasks")
            .one_of(ScenarioKind::all()),
        MNEME_KEY(
            scenario, head,
            "shared: the labels of each task are numbered from 0, and all tasks share one head")
            .one_of(HeadKind::all()),
        MNEME_KEY(scenario, logits,
                  "of class, which logits count in training and at test: seen: those of the "
                  "classes of the tasks so far; all: every class's from the start")
            .one_of(LogitsKind::all())
            .when([](const Spec& s) { return s.scenario.from_the_start(); }),
        MNEME_KEY(network, kind, "the network, by a name of `mneme list networks`")
            .one_of(NetworkName::all()),
        MNEME_KEY(network, hidden, "widths of the hidden layers, at most 32 of them")
            .within(Bounds{1, 65536})
            .only({NetworkName::mlp}),
        MNEME_KEY(network, bias,
                  "of convolutions and linear layers; resnet18 has one at its head only"),
        MNEME_KEY(network, init,
                  "default: U(-1/sqrt(fan_in), 1/sqrt(fan_in)) for weights and biases; glorot: "
                  "uniform by both fans, biases 0")
            .one_of(InitKind::all()),
        MNEME_KEY(network, norm, "what normalises behind each convolution")
            .one_of(NormKind::all())
            .only({NetworkName::resnet18}),
        MNEME_KEY(network, shortcut_affine, "whether the norm of a shortcut has scale and shift")
            .only({NetworkName::resnet18}),
        MNEME_KEY(network, nf, "channels of the first stage")
            .within(Bounds{1, 512})
            .only({NetworkName::resnet18}),
        MNEME_KEY(network, padding,
                  "same: every convolution is padded; pathint: the first of each pair")
            .one_of(PaddingKind::all())
            .only({NetworkName::zenke_cnn}),
        MNEME_KEY(network, dropout, "the network's own rates in training")
            .only({NetworkName::zenke_cnn}),
        MNEME_KEY(network, filters, "filters of each of the three widths")
            .within(Bounds{1, 4096})
            .only({NetworkName::text_cnn}),
        MNEME_KEY(network, depth, "blocks of attention and a hidden layer of 4 width")
            .within(Bounds{1, 64})
            .only({NetworkName::vit}),
        MNEME_KEY(network, width, "numbers of each token")
            .within(Bounds{1, 65536})
            .only({NetworkName::vit}),
        MNEME_KEY(network, heads, "parts of a token that attend by themselves")
            .within(Bounds{1, 1024})
            .only({NetworkName::vit}),
        MNEME_KEY(network, patch, "rows and columns of a patch")
            .within(Bounds{1, 1024})
            .only({NetworkName::vit}),
        MNEME_KEY(network, layer, "the layers before the head, as [[network.layer]] (networks.md)")
            .only({NetworkName::layers}),
        MNEME_KEY(
            network, weights,
            "a safetensors file that the weights start from; relative to the benchmark's file")
            .when([](const Spec&) { return false; }), // its bytes count, not where they are
        MNEME_KEY(network, weights_sha256, "of that file; taken from it where it is not given")
            .when([](const Spec& s) { return !s.network.weights_sha256.empty(); }),
        MNEME_KEY(network, names,
                  "what tensors are called in that file, as {\"*.scale\" = \"*.weight\"}; \"\": "
                  "it starts by init")
            .when([](const Spec& s) { return !s.network.names.empty(); }),
        MNEME_KEY(network, unused, "tensors of that file that are left out, as [\"fc.*\"]")
            .when([](const Spec& s) { return !s.network.unused.empty(); }),
        MNEME_KEY(
            network, frozen,
            "layers that keep the values of that file, as [\"stem\", \"stage*\"]; no method moves "
            "them")
            .when([](const Spec& s) { return !s.network.frozen.empty(); }),
        MNEME_KEY(train, optimizer, "the rule of a step").one_of(OptimizerKind::all()),
        MNEME_KEY(train, lr, "the learning rate").within(Bounds{0, infinity, true, true}),
        MNEME_KEY(train, lr_decay,
                  "the learning rate is multiplied by it for each task after the first")
            .within(Bounds{0, 1, true}),
        MNEME_KEY(train, lr_min, "the learning rate never falls below it")
            .within(Bounds{0, infinity, false, true}),
        MNEME_KEY(train, momentum, "of sgd").within(Bounds{0, 1, false, true}),
        MNEME_KEY(train, weight_decay, "how strongly weights are drawn to 0")
            .within(Bounds{0, infinity, false, true}),
        MNEME_KEY(train, dropout, "above 0 it replaces the network's own rates in every place")
            .within(Bounds{0, 1, false, true}),
        MNEME_KEY(train, batch_size, "examples of a step").within(Bounds{1, 2147483647}),
        MNEME_KEY(train, epochs, "passes over a task's examples").within(Bounds{1, 2147483647}),
        MNEME_KEY(train, drop_last,
                  "whether the last batch of an epoch is left out when it is smaller"),
        MNEME_KEY(train, reset_optimizer,
                  "whether the optimizer's state begins anew with each task"),
    };
    return all;
}

#undef MNEME_KEY

} // namespace mneme::bench
