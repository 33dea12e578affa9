#!/usr/bin/env bash
# Installs the Debian 12 packages that Reprise is built and tested with. Installs only what is
# missing, so it may run any number of times. As root, or with sudo.
#
#   scripts/deps.sh                  to build and test
#   scripts/deps.sh --dev            also clang with libFuzzer, clang-tidy, clang-format, ccache
#   scripts/deps.sh --bench          also the stores that benchmarks compare with, and Python
#   scripts/deps.sh --bench-check    also valgrind, which counts instructions
#   scripts/deps.sh --coverage       also gcovr, which tells what tests reach
set -euo pipefail

packages=(
  g++ cmake ninja-build pkg-config patch
  libexpected-dev libfmt-dev libflatbuffers-dev flatbuffers-compiler flatbuffers-compiler-dev
  liblmdb-dev libxxhash-dev libre2-dev
  libcli11-dev rapidjson-dev zlib1g-dev libprotobuf-dev protobuf-compiler
  libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev
)
for option in "$@"; do
  case "$option" in
    --dev) packages+=(clang libclang-rt-dev clang-tidy clang-tools clang-format ccache git) ;;
    --bench) packages+=(libsqlite3-dev librocksdb-dev python3 python3-venv git) ;;
    --bench-check) packages+=(valgrind) ;;
    --coverage) packages+=(gcovr) ;;
    *) echo "deps: unknown option '$option'; see the head of scripts/deps.sh" >&2; exit 2 ;;
  esac
done

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=()
for package in "${packages[@]}"; do
  is_installed "$package" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "deps: all ${#packages[@]} packages are installed"
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "deps: run as root, to install ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends "${missing[@]}" </dev/null
}

echo "deps: installing ${missing[*]}"
if ! apt-cache show "${missing[@]}" >/dev/null 2>&1; then
  echo "deps: the package lists are missing or old; updating them"
  "${as_root[@]}" apt-get update -q
fi
# Lists may also name versions that the mirror no longer has.
install || { "${as_root[@]}" apt-get update -q && install; }
echo "deps: installed ${#missing[@]} packages"
