// SPDX-License-Identifier: Apache-2.0
// The official sources of the data sets that have one.
#include "sources.hpp"

namespace mneme::bench {

std::vector<Source> sources_of(const std::string& name) {
    const std::vector<std::string> idx{"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
                                       "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"};
    const auto files = [](const std::string& folder, const std::string& base,
                          const std::vector<std::string>& names) {
        std::vector<Source> sources;
        for (const auto& file : names) sources.push_back({folder + "/" + file, base + file});
        return sources;
    };
    if (name == "mnist") { // its first home does not always answer
        auto sources = files(name, "https://ossci-datasets.s3.amazonaws.com/mnist/", idx);
        for (const auto& other : files(name, "http://yann.lecun.com/exdb/mnist/", idx))
            sources.push_back(other);
        return sources;
    }
    if (name == "fashion-mnist")
        return files(name, "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/", idx);
    if (name == "cifar-10" || name == "cifar-100")
        return {{name + "-binary.tar.gz",
                 "https://www.cs.toronto.edu/~kriz/" + name + "-binary.tar.gz"}};
    if (name == "omniglot") {
        auto sources = files(name, "https://github.com/brendenlake/omniglot/raw/master/python/",
                             {"images_background.zip", "images_evaluation.zip"});
        for (auto& source : sources) source.unpack = true;
        return sources;
    }
    if (name == "tiny-imagenet")
        return {{"tiny-imagenet-200.zip", "http://cs231n.stanford.edu/tiny-imagenet-200.zip", true,
                 "90528d7ca1a48142e341f4ef8d21d0de"}};
    if (name == "clinc150")
        return files(name, "https://raw.githubusercontent.com/clinc/oos-eval/master/data/",
                     {"data_full.json", "domains.json"});
    if (name == "banking77")
        return files(name,
                     "https://raw.githubusercontent.com/PolyAI-LDN/task-specific-datasets/master/"
                     "banking_data/",
                     {"train.csv", "test.csv", "categories.json"});
    return {};
}

} // namespace mneme::bench
