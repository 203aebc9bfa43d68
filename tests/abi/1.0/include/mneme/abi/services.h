/* SPDX-License-Identifier: Apache-2.0 */
/* Every service of the host; find_interface gives each by the name at the head of its page. */
#ifndef MNEME_ABI_SERVICES_H
#define MNEME_ABI_SERVICES_H

#include <mneme/abi/augment.h>
#include <mneme/abi/autograd.h>
#include <mneme/abi/data.h>
#include <mneme/abi/device.h>
#include <mneme/abi/gradients.h>
#include <mneme/abi/layers.h>
#include <mneme/abi/libtorch.h>
#include <mneme/abi/net.h>
#include <mneme/abi/optimizer.h>
#include <mneme/abi/options.h>
#include <mneme/abi/products.h>
#include <mneme/abi/random.h>
#include <mneme/abi/report.h>
#include <mneme/abi/rows.h>
#include <mneme/abi/run.h>
#include <mneme/abi/select.h>
#include <mneme/abi/tensor.h>
#endif
