// SPDX-License-Identifier: Apache-2.0
// What a plugin of the native tier says of the host's witness: witness none | second | own. It
// meets the host when it first converts a tensor.
#include <ATen/ATen.h>

#include <mneme/libtorch.hpp>

#include <iostream>
#include <string>

namespace {

const int elsewhere = 0; // where another LibTorch would have its undefined tensor
mneme_libtorch_api given{
    sizeof(mneme_libtorch_api), 0, &elsewhere, [](mneme_tensor* t) -> void* { return t; },
    [](const void*, mneme_tensor**, mneme_status*) -> int32_t { return MNEME_OK; }};
bool gives = true;

} // namespace

int main(int, char** argv) {
    const std::string which = argv[1];
    gives = which != "none";
    if (which == "own") given.witness = c10::UndefinedTensorImpl::singleton();
    const mneme_host host{sizeof(mneme_host), 0,
                          [](const char*) -> const void* { return gives ? &given : nullptr; },
                          [](const char*) {}};
    mneme::border::tables.host = &host;
    try {
        mneme::native::of(at::ones({1}));
        std::cout << "taken\n";
    } catch (const mneme::Error& e) {
        std::cout << e.what() << "\n";
    }
}
