#include "format/codec_kernels.h"

#include <array>

namespace reprise {

namespace kernels_base {
extern const CodecKernels kKernels;
}
#ifdef REPRISE_X86_KERNELS
namespace kernels_v3 {
extern const CodecKernels kKernels;
}
namespace kernels_v4 {
extern const CodecKernels kKernels;
}
#endif

namespace {

struct KernelTables {
  std::array<const CodecKernels*, 3> tables{};
  std::size_t count = 0;
};

KernelTables FindTables() {
  KernelTables found;
  found.tables[found.count++] = &kernels_base::kKernels;
#ifdef REPRISE_X86_KERNELS
  __builtin_cpu_init();
  // What else is in x86-64-v3, LZCNT say, came no later with any processor.
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
      __builtin_cpu_supports("fma")) {
    found.tables[found.count++] = &kernels_v3::kKernels;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl")) {
      found.tables[found.count++] = &kernels_v4::kKernels;
    }
  }
#endif
  return found;
}

const KernelTables& Tables() {
  static const KernelTables tables = FindTables();
  return tables;
}

}  // namespace

const CodecKernels& Kernels() { return *Tables().tables[Tables().count - 1]; }

std::span<const CodecKernels* const> AllKernels() {
  return {Tables().tables.data(), Tables().count};
}

}  // namespace reprise
