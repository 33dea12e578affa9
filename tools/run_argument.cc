#include "tools/run_argument.h"

namespace reprise::tools {

RunName ParseRunName(const std::string& text) {
  const std::size_t slash = text.rfind('/');
  if (slash == std::string::npos) return {"", text};
  return {text.substr(0, slash), text.substr(slash + 1)};
}

}  // namespace reprise::tools
