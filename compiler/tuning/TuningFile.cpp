//===- TuningFile.cpp - Reading and writing measurements ------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tuning/TuningFile.h"

#include "compiler/Output.h"
#include "compiler/tuning/Check.h"

#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/text_format.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

using google::protobuf::Message;
using google::protobuf::TextFormat;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
using llvm::Twine;

namespace setun::tuning {

/// Larger than any that is written: a shape takes a few hundred lines.
static constexpr uint64_t kMostBytes = 64 << 20;

namespace {
struct Collector final : google::protobuf::io::ErrorCollector {
  explicit Collector(Problems &problems) : problems(problems) {}
  void AddError(int line, int, const std::string &message) override {
    problems.add(line, message);
  }
  Problems &problems;
};
} // namespace

Expected<Tuning> parse(StringRef text, StringRef name) {
  Problems problems(name);
  Collector collector(problems);
  TextFormat::ParseInfoTree lines;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  parser.WriteLocationsTo(&lines);
  parser.SetRecursionLimit(8);
  Tuning tuning;
  google::protobuf::io::ArrayInputStream input(text.data(), text.size());
  if (!llvm::json::isUTF8(text))
    problems.add(0, "found bytes that are no UTF-8, expected text");
  else if (parser.Parse(&input, &tuning))
    check(tuning, lines, problems);
  if (Error error = problems.take())
    return error;
  return tuning;
}

Expected<Tuning> read(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true,
                                            /*RequiresNullTerminator=*/false);
  if (std::error_code code = buffer.getError())
    return llvm::createStringError(path + ": " + code.message());
  if ((*buffer)->getBufferSize() > kMostBytes)
    return llvm::createStringError(path + ": found " +
                                   Twine((*buffer)->getBufferSize() >> 20) +
                                   " MiB, expected a tuning file, of " +
                                   Twine(kMostBytes >> 20) + " MiB at most");
  return parse((*buffer)->getBuffer(), path);
}

static std::string printLine(StringRef field, const Message &message) {
  TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.SetUseShortRepeatedPrimitives(true);
  std::string text;
  printer.PrintToString(message, &text);
  return ("  " + field + " { " + text + "}\n").str();
}

std::string print(const Tuning &tuning) {
  std::string text = "# proto-file: compiler/tuning/Tuning.proto\n"
                     "# proto-message: setun.tuning.Tuning\n";
  for (const Session &session : tuning.sessions()) {
    text += "sessions {\n" + printLine("machine", session.machine());
    for (const Measurement &measurement : session.measurements())
      text += printLine("measurements", measurement);
    text += "}\n";
  }
  return text;
}

Error write(const Tuning &tuning, StringRef path) {
  return compiler::writeFile(
      path, [&](llvm::raw_ostream &out) { out << print(tuning); });
}

} // namespace setun::tuning
