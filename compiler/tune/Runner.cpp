//===- Runner.cpp - Where a tuning executable runs ------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tune/Runner.h"
#include "compiler/tune/Temporary.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/StringSaver.h"

using namespace llvm;

namespace setun::compiler {

/// `measure` prints some kilobytes.
static constexpr uint64_t kMostOutputBytes = 64 << 20;

Expected<Runner> Runner::create(StringRef command, unsigned timeoutSeconds) {
  BumpPtrAllocator memory;
  StringSaver saver(memory);
  SmallVector<const char *> words;
  cl::TokenizeGNUCommandLine(command, saver, words);
  Runner runner;
  runner.timeoutSeconds = timeoutSeconds;
  runner.prefix.assign(words.begin(), words.end());
  if (runner.prefix.empty())
    return runner;
  ErrorOr<std::string> program = sys::findProgramByName(runner.prefix[0]);
  if (!program)
    return createStringError("--runner=" + command + ": " + runner.prefix[0] +
                             ": " + program.getError().message());
  runner.prefix[0] = *program;
  return runner;
}

bool Runner::copies() const {
  return !prefix.empty() && sys::path::filename(prefix[0]) == "ssh";
}

/// For a shell over there: the executable comes through the standard input, and
/// its copy goes when the shell ends. A timeout ends only ssh on this side:
/// what runs over there runs on, and its copy goes when it has ended.
static std::string makeScript(ArrayRef<std::string> words) {
  return "sh -c 'f=$(mktemp /tmp/setun-tune.XXXXXX) && "
         "trap \"rm -f $f\" EXIT && trap \"exit 1\" HUP INT TERM && "
         "cat > $f && chmod 700 $f && $f " +
         join(words, " ") + "'";
}

static Expected<std::string> read(const Temporary &file) {
  uint64_t bytes = 0;
  if (!sys::fs::file_size(file.getPath(), bytes) && bytes > kMostOutputBytes)
    return createStringError("the runner printed " + Twine(bytes) +
                             " bytes, expected some kilobytes");
  auto buffer = MemoryBuffer::getFile(file.getPath());
  if (!buffer)
    return createFileError(file.getPath(), buffer.getError());
  return (*buffer)->getBuffer().str();
}

/// The last lines of what it complained about.
static std::string readTail(const Temporary &file) {
  Expected<std::string> text = read(file);
  if (!text) {
    consumeError(text.takeError());
    return "";
  }
  StringRef tail = StringRef(*text).trim();
  if (tail.size() > 1000)
    tail = tail.take_back(1000);
  return tail.empty() ? "" : ":\n" + tail.str();
}

Expected<std::string> Runner::run(StringRef executable,
                                  ArrayRef<std::string> words) const {
  std::vector<std::string> command = prefix;
  if (copies()) {
    command.push_back(makeScript(words));
  } else {
    command.push_back(executable.str());
    command.insert(command.end(), words.begin(), words.end());
  }
  Temporary output("txt"), errors("txt");
  for (const Temporary *file : {&output, &errors})
    if (std::error_code code = file->getError())
      return createStringError(code, "no temporary file");
  std::optional<StringRef> redirects[] = {copies() ? executable : "",
                                          output.getPath(), errors.getPath()};
  SmallVector<StringRef> arguments(command.begin(), command.end());
  std::string problem;
  int code = sys::ExecuteAndWait(arguments[0], arguments, std::nullopt,
                                 redirects, timeoutSeconds, 0, &problem);
  if (code == 0)
    return read(output);
  std::string what =
      !problem.empty() ? problem : "it ended with exit code " + itostr(code);
  return createStringError(join(command, " ") + ": " + what + readTail(errors));
}

} // namespace setun::compiler
