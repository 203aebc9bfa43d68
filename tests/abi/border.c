/* SPDX-License-Identifier: Apache-2.0 */
/* A library whose functions take every struct of the border, so that abidw, which looks at what
 * functions reach, describes them all. */
#include <mneme/abi.h>

const mneme_plugin* mneme_plugin_v1(void) {
    return 0;
} /* reaches the method and all that it is handed */

typedef struct mneme_every_table {
    const mneme_tensor_api* tensor;
    const mneme_net_api* net;
    const mneme_data_api* data;
    const mneme_random_api* random;
    const mneme_options_api* options;
    const mneme_optimizer_api* optimizer;
    const mneme_autograd_api* autograd;
    const mneme_device_api* device;
    const mneme_select_api* select;
    const mneme_rows_api* rows;
    const mneme_products_api* products;
    const mneme_libtorch_api* libtorch;
    const mneme_run_api* run;
    const mneme_gradients_api* gradients;
    const mneme_layers_api* layers;
    const mneme_report_api* report;
    const mneme_augment_api* augment;
} mneme_every_table;

void mneme_border_of_tables(const mneme_every_table*);
void mneme_border_of_tables(const mneme_every_table* tables) { (void)tables; }
