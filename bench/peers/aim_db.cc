#include "bench/peers/aim_db.h"

#include <rocksdb/options.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "bench/peers/rocksdb_must.h"

namespace reprise::bench {

namespace {

constexpr char kSentinel = '\xFE';
const std::string kBlobs = std::string("BLOBS") + kSentinel;

std::string HashOf(Which which) {
  return which == Which::kRun ? "0123456789abcdef01234567" : "76543210fedcba9876543210";
}

template <typename T>
std::string Stored(char type, T value) {
  std::string stored(1 + sizeof value, type);
  std::memcpy(stored.data() + 1, &value, sizeof value);
  return stored;
}

rocksdb::Options RealOptions() {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.write_buffer_size = 1 << 20;
  options.db_write_buffer_size = 1 << 20;
  options.max_write_buffer_number = 1;
  options.level0_file_num_compaction_trigger = 8;
  options.level0_slowdown_writes_trigger = 17;
  options.level0_stop_writes_trigger = 24;
  options.num_levels = 4;
  options.max_bytes_for_level_base = 512 << 20;
  options.max_bytes_for_level_multiplier = 8;
  options.target_file_size_base = 64 << 20;
  options.max_open_files = -1;
  options.paranoid_checks = false;
  options.max_background_compactions = 4;
  return options;
}

rocksdb::Options TunedOptions() {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.compression = rocksdb::kLZ4Compression;
  return options;
}

// All of one column, in the order of the hashes, which is the same for each.
template <typename T>
std::vector<T> ReadColumn(rocksdb::DB* db, const std::string& prefix) {
  std::vector<T> values;
  const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator({}));
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    values.push_back(AimNumber<T>(it->value()));
  }
  Must(it->status());
  return values;
}

std::size_t CountColumn(rocksdb::DB* db, const std::string& prefix) {
  std::size_t count = 0;
  const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator({}));
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) ++count;
  return count;
}

}  // namespace

std::string AimPart(std::string_view text) { return std::string(text) + kSentinel; }

std::string AimPart(std::uint64_t number) {
  std::string part(1, kSentinel);
  for (int shift = 56; shift >= 0; shift -= 8) part.push_back(static_cast<char>(number >> shift));
  return part + kSentinel;
}

std::string AimSeriesPrefix(Which which, const std::string& key) {
  return AimPart("seqs") + AimPart("v2") + AimPart("chunks") + AimPart(HashOf(which)) +
         AimPart(std::uint64_t{0}) + AimPart(key);
}

std::string AimTracePrefix(Which which, const std::string& key) {
  return AimPart("meta") + AimPart("chunks") + AimPart(HashOf(which)) + AimPart("traces") +
         AimPart(std::uint64_t{0}) + AimPart(key);
}

// The finalizer of SplitMix64.
std::uint64_t AimStepHash(Step step) {
  auto x = static_cast<std::uint64_t>(step) + 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

std::string AimInt(std::int64_t value) { return Stored('\2', value); }
std::string AimFloat(double value) { return Stored('\3', value); }

std::string AimPath(const std::string& directory, Which which, const std::string& name) {
  return directory + "/" + name + "/chunks/" + HashOf(which);
}

AimDb::AimDb(const std::string& path, AimSettings settings) {
  std::filesystem::create_directories(path);
  rocksdb::DB* db = nullptr;
  const bool real = settings == AimSettings::kReal;
  Must(rocksdb::DB::Open(real ? RealOptions() : TunedOptions(), path, &db));
  db_.reset(db);
}

void AimDb::Set(const std::string& key, const std::string& value, bool one_by_one) {
  if (one_by_one) {
    batch_.DeleteRange(key, key + '\xFF');
    batch_.DeleteRange(kBlobs + key, kBlobs + key + '\xFF');
  }
  batch_.Put(key, value);
  if (one_by_one) batch_.Delete(kBlobs + key);
  if (one_by_one) Write(false);
}

void AimDb::Write(bool sync) {
  rocksdb::WriteOptions options;
  options.sync = sync;
  Must(db_->Write(options, &batch_));
  batch_.Clear();
}

void AimDb::WriteUnlogged() {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  Must(db_->Write(options, &batch_));
  batch_.Clear();
}

void AimDb::Flush() {
  Must(db_->Flush({}));
  Must(db_->FlushWAL(false));
}

void AimDb::Compact() {
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  Must(db_->CompactRange(options, nullptr, nullptr));
}

NumericSeries ReadAimSeries(rocksdb::DB* seqs, const std::string& prefix, AimSettings settings) {
  const auto values = ReadColumn<double>(seqs, prefix + AimPart("val"));
  const auto steps = ReadColumn<std::int64_t>(seqs, prefix + AimPart("step"));
  if (settings == AimSettings::kReal) {  // the client reads these as well
    const auto times = ReadColumn<double>(seqs, prefix + AimPart("time"));
    const std::size_t epochs = CountColumn(seqs, prefix + AimPart("epoch"));
    if (times.size() != steps.size() || epochs != steps.size()) GiveUp("Aim's columns differ");
  }
  std::vector<std::size_t> order(steps.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return steps[a] < steps[b]; });
  NumericSeries curve;
  for (const std::size_t i : order) {
    curve.steps.push_back(steps[i]);
    curve.values.push_back(values[i]);
  }
  return curve;
}

}  // namespace reprise::bench
