// All that can be seen of a store, as text: what an engine shows, and what a model says it must.
#ifndef REPRISE_TESTS_FAULTS_CRASH_STORE_TEXT_H_
#define REPRISE_TESTS_FAULTS_CRASH_STORE_TEXT_H_

#include <map>
#include <string>

#include "reprise/store.h"
#include "tests/support/model_store.h"

namespace reprise {

// Each run by its id: state, name, notes, and of every branch config and rows.
//
// What a crash takes from a run is left out: one that was being written shows as crashed, and an
// open row as a committed one.
using StoreText = std::map<std::string, std::string>;

Result<StoreText> TextOf(const Store& store);
std::string TextOf(const ModelRun& run, const std::string& name, const std::string& notes);

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_CRASH_STORE_TEXT_H_
