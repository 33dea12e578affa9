# awk -f compare.awk BANDS MEASURED...: holds what was measured against its bands, as a table.
#
# MEASURED has lines of a name and a number, or of a name, `skipped` and why. What was measured
# twice counts as the least. The last line is `N passed, N failed, N skipped`; exits 0 only if
# nothing failed.

FILENAME == ARGV[1] {
  sub(/#.*/, "")
  if (NF == 0) next
  if (NF != 3 || $3 !~ /^\+[0-9.]+%$/) {
    print "bands: no name, figure and growth: " $0
    failed++
  }
  names[++lines] = $1
  recorded[$1] = $2
  growth[$1] = $3 + 0
  next
}

$2 == "skipped" {
  why[$1] = substr($0, index($0, " skipped ") + 9)
  next
}

!($1 in measured) || $2 + 0 < measured[$1] { measured[$1] = $2 + 0 }

function figure(number) {
  if (number >= 1000) return sprintf("%.0f", number)
  return sprintf(number >= 10 ? "%.2f" : "%.6f", number)
}

function row(name, was, is, change, band, verdict) {
  printf "%-44s %10s %10s %8s %6s  %s\n", name, was, is, change, band, verdict
}

function judge(name,   was, is, change, band, verdict) {
  was = recorded[name]
  band = "+" growth[name] "%"
  if (!(name in measured)) {
    if (name in why) skipped++
    else failed++
    row("bench." name, figure(was), "", "", band, name in why ? "skipped: " why[name] : "FAILED: not measured")
    return
  }
  is = measured[name]
  change = sprintf("%+.1f%%", (is / was - 1) * 100)
  if (is > was * (1 + growth[name] / 100) * (1 + 1e-7)) {
    failed++
    verdict = "FAILED"
  } else {
    passed++
    verdict = is < was / (1 + growth[name] / 100) * (1 - 1e-7) ? "passed; better: record it" : "passed"
  }
  row("bench." name, figure(was), figure(is), change, band, verdict)
}

END {
  row("name", "recorded", "measured", "change", "band", "verdict")
  for (i = 1; i <= lines; i++) judge(names[i])
  for (name in measured) {
    if (name in recorded) continue
    failed++
    row("bench." name, "", figure(measured[name]), "", "", "FAILED: it has no band")
  }
  printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
  exit failed > 0
}
