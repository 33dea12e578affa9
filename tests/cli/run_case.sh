#!/usr/bin/env bash
# run_case.sh PROGRAM NAME: one case of reprise_cli_test; see CMakeLists.txt beside it.
set -uo pipefail
program=$1 name=$2
cases=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/cwd"
ln -s "$program" "$work/bin/reprise"

# Nothing of the caller's settings: a user, a store or a locale must not change what is printed.
(cd "$work/cwd" &&
  env -i PATH="$work/bin:$PATH" HOME="$work/cwd" USER=ana LC_ALL=C.UTF-8 TZ=UTC \
    bash "$cases/$name.sh" </dev/null >"$work/stdout" 2>"$work/stderr")
echo $? >"$work/exit"

if [ "${REPRISE_UPDATE_GOLDEN:-}" = 1 ]; then
  cp "$work/stdout" "$cases/$name.stdout"
  if [ -s "$work/stderr" ]; then cp "$work/stderr" "$cases/$name.stderr"; fi
  if [ "$(cat "$work/exit")" != 0 ]; then cp "$work/exit" "$cases/$name.exit"; fi
  exit 0
fi

expected_exit=0
[ -f "$cases/$name.exit" ] && expected_exit=$(cat "$cases/$name.exit")
failed=0
if [ "$(cat "$work/exit")" != "$expected_exit" ]; then
  echo "$name: exit status $(cat "$work/exit"), expected $expected_exit"
  cat "$work/stderr"
  failed=1
fi
diff -u "$cases/$name.stdout" "$work/stdout" || failed=1
if [ -f "$cases/$name.stderr" ]; then diff -u "$cases/$name.stderr" "$work/stderr" || failed=1; fi
exit $failed
