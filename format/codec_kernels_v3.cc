// The kernels for x86-64-v3 (AVX2), built with -march=x86-64-v3.
#define REPRISE_KERNEL_TARGET kernels_v3
#define REPRISE_KERNEL_NAME "x86-64-v3"
#include "format/codec_kernels_impl.h"
