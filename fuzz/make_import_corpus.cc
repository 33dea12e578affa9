// First inputs of the targets for importers.
#include "fuzz/corpus_folder.h"

namespace reprise::fuzz {
namespace {

namespace fs = std::filesystem;

// A field of a protobuf message whose content is bytes.
std::string Field(std::uint32_t number, const std::string& content) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.Varint(number << 3 | 2);
  writer.Sized(content);
  return bytes;
}
std::string NumberField(std::uint32_t number, std::uint64_t value) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.Varint(number << 3);
  writer.Varint(value);
  return bytes;
}
std::string Item(const std::string& key, const std::string& json) {
  return Field(1, Field(1, key) + Field(16, json));
}

enum ChunkType : std::uint8_t { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

// The target makes the checksum right.
std::string Chunk(ChunkType type, const std::string& payload) {
  return Join(payload, std::uint32_t{0}, static_cast<std::uint16_t>(payload.size()),
              static_cast<std::uint8_t>(type));
}
std::string Chunks(const std::string& record) {
  const std::size_t third = record.size() / 3;
  return Chunk(kFirst, record.substr(0, third)) + Chunk(kMiddle, record.substr(third, third)) +
         Chunk(kLast, record.substr(2 * third));
}

// numbered records: the run, a row, a config, another row in three chunks, the end.
std::string Log() {
  const std::string run = Field(17, Field(1, "abc") + Field(2, "me") + Field(3, "proj") +
                                        Field(4, Item("lr", "0.1") + Item("_wandb", "{}")) +
                                        Field(8, "name") + Field(10, "tag") + NumberField(14, 3));
  const std::string row =
      Field(2, Item("loss", "NaN") + Item("_timestamp", "1.5e9") + Item("a", R"({"b":[1],"c":2})") +
                   Field(2, NumberField(1, 4)));
  const std::string nested =
      Field(2, Field(1, Field(2, "a") + Field(2, "b") + Field(16, "\"x\"")) + Item("_step", "9"));
  const std::string file_header(7, '\0');
  return file_header + Chunk(kFull, NumberField(1, 1) + run) +
         Chunk(kFull, NumberField(1, 2) + row) +
         Chunk(kFull, NumberField(1, 3) + Field(5, Item("lr", "0.2"))) +
         Chunks(NumberField(1, 4) + nested) + Chunk(kFull, NumberField(1, 6) + Field(13, "out")) +
         Chunk(kFull, NumberField(1, 7) + Field(18, NumberField(1, 1)));
}

constexpr std::uint8_t kMerge = 1;  // text_options.h
constexpr std::uint8_t kRewind = 2;
constexpr std::uint8_t kSkipByX = 3 | 4;

}  // namespace

void MakeImportCorpus(const fs::path& corpus) {
  constexpr std::uint8_t kAllRight = 0;
  constexpr std::uint8_t kFourthWrong = 4;
  Save(corpus / "wandb", "whole", Join(Log(), kAllRight));
  Save(corpus / "wandb", "a_wrong_checksum", Join(Log(), kFourthWrong));
  const std::string csv =
      "# made by hand\n_step,loss,\"a \"\"b\"\"\",_timestamp\n0,1.5,x,1\n2,nan,\"p\nq\",2\n"
      "2,,007,3\n1,-inf,+.5e3,4\n";
  Save(corpus / "csv", "merged", Join(csv, kMerge));
  Save(corpus / "csv", "rewound", Join(csv, kRewind));
  Save(corpus / "csv", "tabs", Join("x\ty\r\n1\t2\r\n\r\n3\t4\r\n", kSkipByX));
  const std::string lines =
      R"({"_step":0,"loss":NaN,"a":{"b":1,"c":{"_type":"t","v":[1, 2]}},"_timestamp":1.5})"
      "\n\n{\"_step\":1,\"s\":\"\\u00e9\\ud83d\\ude00\",\"n\":null,\"e\":{}}\nno JSON\n"
      "{\"_step\":1,\"big\":9223372036854775808,\"t\":true,\"d\":-0.0}\n";
  Save(corpus / "json_lines", "merged", Join(lines, kMerge));
  Save(corpus / "json_lines", "rewound", Join(lines, kRewind));
  Save(corpus / "json_lines", "step_key", Join("{\"x\":1,\"y\":2}\n{\"x\":0}\n", kSkipByX));
}

}  // namespace reprise::fuzz
