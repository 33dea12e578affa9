// Runs work in a child process, to see what it takes by itself: memory above all.
#ifndef REPRISE_BENCH_CHILD_FIGURES_H_
#define REPRISE_BENCH_CHILD_FIGURES_H_

#include <functional>
#include <map>
#include <string>

namespace reprise::bench {

// Names and values, for example "start_us" -> 31.5.
using Figures = std::map<std::string, double>;

// Calls `work` in a child of fork(2) and gives back what it noted, with
//   seconds          how long it took
//   cpu_seconds      what all its threads computed
//   peak_mib         the most memory that was resident, mapped files included
//   peak_own_mib     the most memory that was its own: no mapped files; looked at every 10 ms
// Ends the program with the reason if the child fails. Call it before this process has threads.
Figures RunInChild(const std::function<void(Figures*)>& work);

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_CHILD_FIGURES_H_
