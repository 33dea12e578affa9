#include <reprise/status.h>
#include <reprise/value.h>

int main() {
  const reprise::Value value = 0.5;
  const auto status = reprise::Status::Error(reprise::Code::kBusy, "held");
  return value.as_double() == 0.5 && status.ToString() == "busy: held" ? 0 : 1;
}
