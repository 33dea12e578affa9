// The wire format of Protocol Buffers, by hand: as much as events of TensorBoard and W&B need.
#ifndef REPRISE_BENCH_PEERS_PROTO_WIRE_H_
#define REPRISE_BENCH_PEERS_PROTO_WIRE_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace reprise::bench {

void PutVarint(std::uint64_t number, std::string* out);
void PutVarintField(std::uint32_t field, std::uint64_t number, std::string* out);
void PutDoubleField(std::uint32_t field, double number, std::string* out);
void PutFloatField(std::uint32_t field, float number, std::string* out);
// Text or a message within.
void PutBytesField(std::uint32_t field, std::string_view bytes, std::string* out);

// Walks the fields of a message. Bytes that are no message end the program.
class ProtoFields {
 public:
  explicit ProtoFields(std::string_view message) : rest_(message) {}

  // Moves to the next field; false at the end.
  bool Next();
  std::uint32_t field() const { return field_; }
  // The field's value as what it is known to be.
  std::uint64_t varint() const { return number_; }
  double as_double() const;
  float as_float() const;
  std::string_view bytes() const { return bytes_; }

 private:
  std::uint64_t TakeVarint();
  std::string_view Take(std::uint64_t length);

  std::string_view rest_;
  std::uint32_t field_ = 0;
  std::uint64_t number_ = 0;
  std::string_view bytes_;
};

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_PEERS_PROTO_WIRE_H_
