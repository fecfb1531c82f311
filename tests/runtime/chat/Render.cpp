//===- Render.cpp - Renders templates for jinja_test.py -------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// chat-render CASES: each line of the file CASES names a template and a JSON
// file with its variables, with a tab between. Prints for each "text N" or
// "error N" and N bytes.

#include "frontends/chat/Chat.h"
#include "runtime/chat/Json.h"
#include "runtime/chat/Template.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace setun;
using namespace setun::runtime::chat;

static std::string readAll(llvm::StringRef path) {
  return llvm::cantFail(
             llvm::errorOrToExpected(llvm::MemoryBuffer::getFile(path)))
      ->getBuffer()
      .str();
}

/// The complaint, or "" and the text.
static std::string render(llvm::StringRef file, const std::string &variables,
                          Text &out) {
  frontends::ChatTemplates templates =
      frontends::compileTemplate(readAll(file), file);
  std::vector<uint64_t> blob(templates.blob.size() / 8 + 1);
  memcpy(blob.data(), templates.blob.data(), templates.blob.size());
  auto *bytes = reinterpret_cast<const uint8_t *>(blob.data());
  if (!Program::valid(bytes, templates.blob.size()))
    return "invalid tables";
  Value value;
  std::string failure = readJson(variables, value);
  return failure.empty() ? Templates(bytes).render(value, out) : failure;
}

int main(int argc, char **argv) {
  std::string cases = readAll(argv[1]);
  llvm::SmallVector<llvm::StringRef> lines;
  llvm::StringRef(cases).split(lines, '\n', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef line : lines) {
    auto [file, variables] = line.split('\t');
    Text out;
    std::string failure = render(file, readAll(variables), out);
    llvm::StringRef shown = failure.empty() ? llvm::StringRef(out.view())
                                            : llvm::StringRef(failure);
    llvm::outs() << (failure.empty() ? "text " : "error ") << shown.size()
                 << '\n'
                 << shown;
  }
  if (Object::live) {
    llvm::errs() << Object::live << " bytes are left alive\n";
    return 1;
  }
  return 0;
}
