// The verbs of the program, one file each. A verb declares its arguments on the command line and
// says what to run if it was chosen.
#ifndef REPRISE_TOOLS_VERBS_H_
#define REPRISE_TOOLS_VERBS_H_

#include <functional>
#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): theirs
class App;
}

namespace reprise::tools {

// What the command line said. `run` is set by the verb that was chosen and gives the exit status:
// 0 done, 1 findings or refused, 2 usage.
struct Invocation {
  std::string store;  // --store; empty: see FindStorePath
  std::function<int()> run;
};

void AddInit(CLI::App* app, Invocation* invocation);
void AddLog(CLI::App* app, Invocation* invocation);
void AddImport(CLI::App* app, Invocation* invocation);
void AddLs(CLI::App* app, Invocation* invocation);
void AddShow(CLI::App* app, Invocation* invocation);
void AddHistory(CLI::App* app, Invocation* invocation);
void AddSample(CLI::App* app, Invocation* invocation);
void AddSummary(CLI::App* app, Invocation* invocation);
void AddConfig(CLI::App* app, Invocation* invocation);
void AddTree(CLI::App* app, Invocation* invocation);
void AddRewind(CLI::App* app, Invocation* invocation);  // rewind, fork, restore
void AddFinish(CLI::App* app, Invocation* invocation);
void AddSet(CLI::App* app, Invocation* invocation);
void AddRm(CLI::App* app, Invocation* invocation);
void AddReclaim(CLI::App* app, Invocation* invocation);
void AddVerify(CLI::App* app, Invocation* invocation);
void AddRepair(CLI::App* app, Invocation* invocation);
void AddRebuildCatalog(CLI::App* app, Invocation* invocation);
void AddDump(CLI::App* app, Invocation* invocation);
void AddStat(CLI::App* app, Invocation* invocation);

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_VERBS_H_
