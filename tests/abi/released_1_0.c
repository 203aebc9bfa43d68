/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled with the headers in 1.0/include. */
#include "released.h"

#include <string.h>

#include <mneme/abi.h>

const mneme_released mneme_released_1_0 = {
    sizeof(mneme_host),  sizeof(mneme_setup), sizeof(mneme_task),   sizeof(mneme_phase),
    sizeof(mneme_batch), sizeof(mneme_state), sizeof(mneme_status), sizeof(mneme_method)};

uint32_t mneme_released_table_1_0(const char* id) {
    static const struct {
        const char* id;
        uint32_t size;
    } tables[] = {{"mneme.tensor/1", sizeof(mneme_tensor_api)},
                  {"mneme.net/1", sizeof(mneme_net_api)},
                  {"mneme.data/1", sizeof(mneme_data_api)},
                  {"mneme.random/1", sizeof(mneme_random_api)},
                  {"mneme.options/1", sizeof(mneme_options_api)},
                  {"mneme.optimizer/1", sizeof(mneme_optimizer_api)},
                  {"mneme.autograd/1", sizeof(mneme_autograd_api)},
                  {"mneme.device/1", sizeof(mneme_device_api)},
                  {"mneme.select/1", sizeof(mneme_select_api)},
                  {"mneme.rows/1", sizeof(mneme_rows_api)},
                  {"mneme.products/1", sizeof(mneme_products_api)},
                  {"mneme.libtorch/1", sizeof(mneme_libtorch_api)},
                  {"mneme.run/1", sizeof(mneme_run_api)},
                  {"mneme.gradients/1", sizeof(mneme_gradients_api)},
                  {"mneme.layers/1", sizeof(mneme_layers_api)},
                  {"mneme.report/1", sizeof(mneme_report_api)},
                  {"mneme.augment/1", sizeof(mneme_augment_api)}};
    for (size_t k = 0; k < sizeof tables / sizeof *tables; ++k)
        if (strcmp(tables[k].id, id) == 0) return tables[k].size;
    return 0;
}
