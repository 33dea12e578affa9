# How our own code is compiled. Linked as a build-only interface, so nothing leaks to consumers.
add_library(reprise_flags INTERFACE)
target_compile_features(reprise_flags INTERFACE cxx_std_20)
target_compile_options(reprise_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor
  -Wimplicit-fallthrough -fvisibility=hidden -fstack-protector-strong
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
  # g++ 12 sees copies overlap in std::string's operator+ where none do (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  $<$<BOOL:${REPRISE_WERROR}>:-Werror>)
if(REPRISE_SANITIZE)
  add_compile_options(
    -fsanitize=${REPRISE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${REPRISE_SANITIZE})
  # Instrumented code keeps g++ from seeing what was set; the other builds have the warning.
  target_compile_options(reprise_flags INTERFACE
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  # The fence orders a log's bytes before a catalog's, for other processes: no race between threads.
  if(REPRISE_SANITIZE STREQUAL "thread")
    target_compile_options(reprise_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  endif()
endif()
if(REPRISE_BUILD_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)  # coverage in the libraries as well
endif()
