#include <cstdio>

#include "reprise/store.h"

reprise::Status Hello() {
  auto store = reprise::Store::Open("runs.reprise");
  if (!store) return store.error();
  auto run = store->StartRun({.run_id = "hello", .resume = reprise::Resume::kAllow});
  if (!run) return run.error();
  for (int i = 0; i < 100; ++i) {
    auto step = run->Log({{"loss", 1.0 / (i + 1)}, {"lr", 1e-3}});
    if (!step) return step.error();
  }
  if (auto status = run->Rewind(49); !status.ok()) return status;  // the next step is 50 again
  if (auto status = run->Finish(); !status.ok()) return status;

  auto history = store->OpenHistory({.run = "hello"});
  if (!history) return history.error();
  auto loss = history->ReadNumbers("loss");
  if (!loss) return loss.error();
  std::printf("%zu rows, the last loss is %g\n", loss->steps.size(), loss->values.back());
  return {};
}

int main() { std::puts(Hello().ToString().c_str()); }
