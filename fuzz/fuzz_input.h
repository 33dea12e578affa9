// Takes a fuzzer's input apart: numbers from its front, then what remains.
#ifndef REPRISE_FUZZ_FUZZ_INPUT_H_
#define REPRISE_FUZZ_FUZZ_INPUT_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace reprise::fuzz {

// Beyond the end everything is 0, so that every input means something.
class FuzzInput {
 public:
  FuzzInput(const std::uint8_t* data, std::size_t size)
      : bytes_(reinterpret_cast<const char*>(data), size) {}

  bool empty() const { return bytes_.empty(); }

  template <std::integral T>
  T Number() {
    T number = 0;
    const std::string_view raw = Take(sizeof number);
    if (!raw.empty()) std::memcpy(&number, raw.data(), raw.size());
    return number;
  }
  // 0 to `most`, which is below 65,536.
  std::size_t UpTo(std::size_t most) {
    return most < 256 ? Number<std::uint8_t>() % (most + 1) : Number<std::uint16_t>() % (most + 1);
  }
  // As many bytes, or those there are.
  std::string_view Take(std::size_t size) {
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view Rest() { return Take(bytes_.size()); }

 private:
  std::string_view bytes_;
};

// Ends the program where a promise is broken, which is what a fuzzer looks for.
inline void Require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

}  // namespace reprise::fuzz

#endif  // REPRISE_FUZZ_FUZZ_INPUT_H_
