// Where the first inputs of the targets are written, and who makes which.
#ifndef REPRISE_FUZZ_CORPUS_FOLDER_H_
#define REPRISE_FUZZ_CORPUS_FOLDER_H_

#include <concepts>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "format/bytes.h"
#include "fuzz/fuzz_input.h"

namespace reprise::fuzz {

inline void Save(const std::filesystem::path& folder, const std::string& name,
                 const std::string& bytes) {
  std::filesystem::create_directories(folder);
  std::ofstream file(folder / name, std::ios::binary);
  file << bytes;
  Require(file.good(), "a file of the corpus is written");
}

// The numbers, each in its size, then `rest`.
template <std::integral... Numbers>
std::string Join(std::string_view rest, Numbers... numbers) {
  std::string bytes;
  ByteWriter writer(&bytes);
  (writer.Fixed(numbers), ...);
  writer.Raw(rest);
  return bytes;
}

// Of the targets that read whole files of a store: make_file_corpus.cc.
void MakeFileCorpus(const std::filesystem::path& corpus);
// Of those that read other tools' files: make_import_corpus.cc.
void MakeImportCorpus(const std::filesystem::path& corpus);

}  // namespace reprise::fuzz

#endif  // REPRISE_FUZZ_CORPUS_FOLDER_H_
