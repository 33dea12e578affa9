#include "engine/store/finding.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace reprise {

namespace {

struct ExitClass {
  Severity severity;
  int exit_code;
};

// The gravest first: one number has to speak for all findings.
constexpr std::array<ExitClass, 6> kExitClasses{{
    {Severity::kIo, 74},
    {Severity::kLost, 2},
    {Severity::kVersion, 4},
    {Severity::kCatalog, 3},
    {Severity::kIncomplete, 5},
    {Severity::kNote, 1},
}};

std::string_view AdviceFor(Severity severity) {
  switch (severity) {
    case Severity::kCatalog:
      return "run 'reprise rebuild-catalog'";
    case Severity::kLost:
      return "restore the file from a copy";
    case Severity::kVersion:
      return "upgrade reprise";
    case Severity::kIncomplete:
      return "verify again";
    case Severity::kIo:
      return "check the disk and how it is mounted, then verify again";
    case Severity::kNote:
      break;
  }
  return "nothing is to be done";
}

// Advice is the last thing that a message says, behind a semicolon. Messages of reading code have
// none, or say to run this very check.
std::string WithAdvice(std::string message, Severity severity) {
  const std::size_t advice = message.rfind("; ");
  const bool advises = advice != std::string::npos;
  if (advises && message.find("reprise verify", advice) == std::string::npos) return message;
  if (advises) message.resize(advice);
  return fmt::format("{}; {}", message, AdviceFor(severity));
}

}  // namespace

std::string_view SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kNote:
      return "note";
    case Severity::kCatalog:
      return "catalog";
    case Severity::kLost:
      return "lost";
    case Severity::kVersion:
      return "version";
    case Severity::kIncomplete:
      return "incomplete";
    case Severity::kIo:
      return "io";
  }
  return "unknown";
}

std::string_view VerifyDepthName(VerifyDepth depth) {
  switch (depth) {
    case VerifyDepth::kQuick:
      return "quick";
    case VerifyDepth::kChecksums:
      return "checksums";
    case VerifyDepth::kDeep:
      return "deep";
  }
  return "unknown";
}

int VerifyReport::ExitCode() const {
  for (const ExitClass& exit_class : kExitClasses) {
    for (const Finding& finding : findings) {
      if (finding.severity == exit_class.severity) return exit_class.exit_code;
    }
  }
  return 0;
}

Finding MakeFinding(Severity severity, std::string_view code, std::string file,
                    std::uint64_t offset, std::string message) {
  Finding finding;
  finding.severity = severity;
  finding.code = code;
  finding.file = std::move(file);
  finding.offset = offset;
  finding.message = WithAdvice(std::move(message), severity);
  finding.action = finding.message.substr(finding.message.rfind("; ") + 2);
  return finding;
}

Severity SeverityOf(const Status& status, Severity damage) {
  switch (status.code()) {
    case Code::kIoError:
      return Severity::kIo;
    case Code::kUnsupportedVersion:
      return Severity::kVersion;
    case Code::kBusy:
    case Code::kClosed:
    case Code::kNoSpace:
      return Severity::kIncomplete;
    default:
      return damage;
  }
}

}  // namespace reprise
