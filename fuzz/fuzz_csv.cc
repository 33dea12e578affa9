// Any bytes as a CSV file. Input: text_options.h, then the file.
#include "fuzz/checking_sink.h"
#include "fuzz/text_options.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reprise;  // NOLINT: a function in no namespace
  fuzz::FuzzInput input(data, size);
  const tools::TextImportOptions options = fuzz::TakeTextOptions(&input);
  fuzz::RequireImport(input.Rest(), [&](const std::string& path, tools::RunSink* sink,
                                        tools::ImportReport* report) {
    return tools::ImportCsv({path}, options, sink, report);
  });
  return 0;
}
