// Imports W&B transaction logs.
#ifndef REPRISE_TOOLS_IMPORT_WANDB_H_
#define REPRISE_TOOLS_IMPORT_WANDB_H_

#include <string>
#include <vector>

#include "reprise/status.h"
#include "tools/import/report.h"
#include "tools/import/run_sink.h"

namespace reprise::tools {

// Reads `files`, pieces of one run in order, into `sink`. History rows keep their steps (else the
// `_step` item, else the next automatic one), times and values; config, name, notes, tags, group,
// job type and exit code are taken from the run's records. Without an exit record the sink is not
// finished: that run crashed. Where no record names the run, its id is made from the file's name.
// Damage is skipped and reported with its byte.
Status ImportWandb(const std::vector<std::string>& files, RunSink* sink, ImportReport* report);

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_IMPORT_WANDB_H_
