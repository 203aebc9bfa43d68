/* SPDX-License-Identifier: Apache-2.0 */
/* A library whose functions take every struct of the border, so that abidw, which looks at what
 * functions reach, describes them all. */
#include <mneme/abi.h>

const mneme_plugin* mneme_plugin_v1(void) {
    return 0;
} /* reaches the method and all that it is handed */

void mneme_border_of_tables(const mneme_tensor_api*, const mneme_net_api*, const mneme_data_api*,
                            const mneme_random_api*, const mneme_options_api*,
                            const mneme_optimizer_api*, const mneme_autograd_api*,
                            const mneme_device_api*, const mneme_select_api*, const mneme_rows_api*,
                            const mneme_products_api*, const mneme_libtorch_api*);
void mneme_border_of_tables(const mneme_tensor_api* tensor, const mneme_net_api* net,
                            const mneme_data_api* data, const mneme_random_api* random,
                            const mneme_options_api* options, const mneme_optimizer_api* optimizer,
                            const mneme_autograd_api* autograd, const mneme_device_api* device,
                            const mneme_select_api* select, const mneme_rows_api* rows,
                            const mneme_products_api* products,
                            const mneme_libtorch_api* libtorch) {
    (void)tensor, (void)net, (void)data, (void)random, (void)options, (void)optimizer,
        (void)autograd, (void)device, (void)select, (void)rows, (void)products, (void)libtorch;
}
