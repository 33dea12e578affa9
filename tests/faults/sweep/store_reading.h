// Everything that the public API tells of a store: a fixed list of questions, and their answers as
// text, every bit of every value in it. Two lists of answers can be compared one by one.
#ifndef REPRISE_TESTS_FAULTS_SWEEP_STORE_READING_H_
#define REPRISE_TESTS_FAULTS_SWEEP_STORE_READING_H_

#include <optional>
#include <string>
#include <vector>

#include "reprise/store.h"

namespace reprise {

// What is asked of one branch.
struct BranchQuestions {
  Moment moment;                  // its end
  Moment middle;                  // a step on the way
  std::vector<std::string> keys;  // some of its keys
};
struct Questions {
  std::vector<std::string> runs;
  std::vector<BranchQuestions> branches;
};

struct Answer {
  std::string question;
  Status status;
  std::string text;  // also before a failure: what had been given by then

  friend bool operator==(const Answer& a, const Answer& b) {
    return a.status.code() == b.status.code() && a.text == b.text;
  }
};
using Answers = std::vector<Answer>;

// Asks a sound store what there is to ask of it.
Result<Questions> FindQuestions(const Store& store);

// One answer for each question, in the same order whatever fails; if the store does not open, that
// failure is the answer to all.
Answers Ask(const Questions& questions, const Result<Store>& store);

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_SWEEP_STORE_READING_H_
