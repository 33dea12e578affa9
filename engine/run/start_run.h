// StartRun: creating, resuming, rewinding and forking a run, and taking its lease.
#ifndef REPRISE_ENGINE_RUN_START_RUN_H_
#define REPRISE_ENGINE_RUN_START_RUN_H_

#include <memory>

#include "engine/run/session.h"
#include "engine/run/writer_impl.h"
#include "reprise/options.h"

namespace reprise {

Result<std::shared_ptr<RunWriter::Impl>> StartRun(std::shared_ptr<SessionOwner> owner,
                                                  const RunOptions& options);

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_START_RUN_H_
