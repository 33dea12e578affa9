// The kernels for x86-64-v4 (AVX-512), built with -march=x86-64-v4.
#define REPRISE_KERNEL_TARGET kernels_v4
#define REPRISE_KERNEL_NAME "x86-64-v4"
#include "format/codec_kernels_impl.h"
