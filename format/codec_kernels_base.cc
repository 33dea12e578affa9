// The kernels for any machine the library is built for.
#define REPRISE_KERNEL_TARGET kernels_base
#define REPRISE_KERNEL_NAME "base"
#include "format/codec_kernels_impl.h"
