// First a look at some rows: whether numbers are a good part of them, and how they are written.
// Then all texts are taken apart. A list of numbers that would not be printed again as it stands is
// left in its template, so a chunk is right whatever the texts hold; where the look has misjudged
// them, they are taken apart once more.
#include <algorithm>
#include <optional>

#include "format/bytes.h"
#include "format/chunk_kind.h"
#include "format/number_field.h"
#include "format/number_list.h"
#include "format/text_template.h"
#include "format/whole_text.h"

namespace reprise {
namespace {

// The look takes the longest of so many rows or more, so that it takes at most kSampledRows; fewer
// where they have so many bytes.
constexpr std::size_t kLeastStep = 4;
constexpr std::size_t kSampledRows = 32;
constexpr std::size_t kSampledBytes = std::size_t{64} << 10;

// Numbers must be one part in so many of the text.
constexpr std::size_t kLeastShare = 4;

// A chunk that takes no more than one part in so many of the text has little left to gain.
constexpr std::size_t kSmallShare = 64;

std::size_t BytesOf(std::span<const std::string_view> texts) {
  std::size_t bytes = 0;
  for (const std::string_view text : texts) bytes += text.size();
  return bytes;
}

bool HasMarkers(std::string_view text) {
  std::uint8_t largest = 0;  // no way out of the loop, so that vector units can do it
  for (const char c : text) largest = std::max(largest, static_cast<std::uint8_t>(c));
  return largest >= kFirstMarker;
}

// How the lists of a field are written. The first list of a text is of field 0, the second of field
// 1, and so on.
struct FieldPlan {
  NumberTraits traits;
  bool spaced = false;

  NumberStyle style() const;
  friend bool operator==(const FieldPlan& a, const FieldPlan& b) {
    return a.style() == b.style() && a.spaced == b.spaced;
  }
};
using FieldPlans = std::vector<FieldPlan>;

NumberStyle FieldPlan::style() const {
  if (!traits.fraction) return NumberStyle::kInteger;
  return traits.integer || traits.javascript ? NumberStyle::kJavaScript : NumberStyle::kPython;
}

void Note(const NumberList& list, std::size_t field, FieldPlans* plans) {
  if (field == plans->size()) plans->emplace_back();
  (*plans)[field].traits.Add(list.traits);
  (*plans)[field].spaced |= list.spaced;
}

std::string_view LongestOf(std::span<const std::string_view> texts) {
  return *std::max_element(texts.begin(), texts.end(), [](std::string_view a, std::string_view b) {
    return a.size() < b.size();
  });
}

// What some rows hold. Nothing if numbers are a small part of it.
std::optional<FieldPlans> LookAt(std::span<const std::string_view> texts) {
  const std::size_t step = std::max(kLeastStep, (texts.size() + kSampledRows - 1) / kSampledRows);
  FieldPlans plans;
  plans.reserve(kMaxTemplateFields);
  std::size_t bytes = 0;
  std::size_t in_numbers = 0;
  NumberList list;
  for (std::size_t i = 0; i < texts.size() && bytes < kSampledBytes; i += step) {
    const std::string_view text = LongestOf(texts.subspan(i, std::min(step, texts.size() - i)));
    NumberListReader reader(text);
    for (std::size_t field = 0; field < kMaxTemplateFields && reader.Next(&list); ++field) {
      Note(list, field, &plans);
      in_numbers += list.end - list.begin;
    }
    bytes += text.size();
  }
  if (in_numbers * kLeastShare < bytes) return std::nullopt;
  return plans;
}

// Takes all numbers of the list, or none.
bool TakeList(const NumberList& list, NumberField* field) {
  if (list.numbers.size() > 1 && list.spaced != field->spaced) return false;
  const std::size_t before = field->numbers.size();
  field->numbers.resize(before + list.numbers.size());
  for (std::size_t i = 0; i < list.numbers.size(); ++i) {
    if (ReadNumber(list.numbers[i], field->style, &field->numbers[before + i])) continue;
    field->numbers.resize(before);
    return false;
  }
  return true;
}

// Texts taken apart: templates, and the numbers that stand in their fields.
class TakenApart {
 public:
  // `texts` are about to be taken.
  TakenApart(const FieldPlans& plans, std::size_t texts);

  void Take(std::string_view text);

  std::size_t numbers() const { return numbers_; }
  const std::vector<NumberField>& fields() const { return fields_; }
  std::vector<std::string_view> templates() const;
  // The plans that suit all texts taken.
  const FieldPlans& plans() const { return plans_; }

 private:
  std::vector<NumberField> fields_;
  FieldPlans plans_;
  std::size_t numbers_ = 0;
  NumberList list_;
  std::string templates_;          // one after the other
  std::vector<std::size_t> ends_;  // where they end
};

TakenApart::TakenApart(const FieldPlans& plans, std::size_t texts) : fields_(plans.size()) {
  for (std::size_t i = 0; i < plans.size(); ++i) {
    fields_[i].style = plans[i].style();
    fields_[i].spaced = plans[i].spaced;
    fields_[i].numbers.reserve(texts);
    fields_[i].ends.reserve(texts);
  }
  plans_.reserve(kMaxTemplateFields);
  ends_.reserve(texts);
}

void TakenApart::Take(std::string_view text) {
  NumberListReader reader(text);
  std::size_t done = 0;
  for (std::size_t i = 0; i < kMaxTemplateFields && reader.Next(&list_); ++i) {
    Note(list_, i, &plans_);
    if (i >= fields_.size() || !TakeList(list_, &fields_[i])) continue;
    numbers_ += list_.numbers.size();
    templates_.append(text.substr(done, list_.begin - done));
    templates_.push_back(static_cast<char>(kFirstMarker + i));
    done = list_.end;
  }
  templates_.append(text.substr(done));
  ends_.push_back(templates_.size());
  for (NumberField& field : fields_) field.ends.push_back(field.numbers.size());
}

std::vector<std::string_view> TakenApart::templates() const {
  std::vector<std::string_view> templates;
  templates.reserve(ends_.size());
  std::size_t begin = 0;
  for (const std::size_t end : ends_) {
    templates.push_back(std::string_view(templates_).substr(begin, end - begin));
    begin = end;
  }
  return templates;
}

// Nothing if there are too many numbers, or bytes that are needed as markers.
std::optional<TakenApart> TakeApart(std::span<const std::string_view> texts,
                                    const FieldPlans& plans) {
  TakenApart taken(plans, texts.size());
  for (const std::string_view text : texts) {
    if (HasMarkers(text)) return std::nullopt;
    taken.Take(text);
    if (taken.numbers() > kMaxTemplateNumbers) return std::nullopt;
  }
  return taken;
}

void AppendChunk(const TakenApart& taken, std::string* out) {
  ByteWriter writer(out);
  writer.Fixed(static_cast<std::uint8_t>(ChunkKind::kTextTemplates));
  writer.Varint(taken.fields().size());
  const std::size_t at = out->size();
  EncodeWholeTexts(taken.templates(), out);
  writer.SizeSince(at);
  for (const NumberField& field : taken.fields()) AppendField(field, out);
}

}  // namespace

bool EncodeTemplates(std::span<const std::string_view> texts, std::size_t limit, std::string* out) {
  const std::size_t bytes = BytesOf(texts);
  if (limit <= bytes / kSmallShare || bytes > kMaxColumnTextBytes) return false;
  const auto plans = LookAt(texts);
  if (!plans) return false;
  auto taken = TakeApart(texts, *plans);
  if (taken && taken->plans() != *plans) taken = TakeApart(texts, FieldPlans(taken->plans()));
  if (!taken) return false;
  std::string chunk;
  AppendChunk(*taken, &chunk);
  if (chunk.size() >= limit) return false;
  out->append(chunk);
  return true;
}

}  // namespace reprise
