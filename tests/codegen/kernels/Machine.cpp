//===- Machine.cpp --------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/codegen/kernels/Machine.h"

#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"

#include <cstring>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace llvm;

namespace setun::codegen {

//===----------------------------------------------------------------------===//
// Program
//===----------------------------------------------------------------------===//

static Expected<ScratchFile> createTemporary() {
  SmallString<128> path;
  sys::path::system_temp_directory(/*ErasedOnReboot=*/true, path);
  sys::path::append(path, "setun-kernels");
  return ScratchFile::create(path, 0700);
}

Expected<Program> Program::link(StringRef object, const Triple &triple) {
  auto input = createTemporary();
  if (!input)
    return input.takeError();
  raw_fd_ostream(input->descriptor(), /*shouldClose=*/false) << object;
  auto output = createTemporary();
  if (!output)
    return output.takeError();
  std::string runner =
      (SETUN_RUNNERS "/runner-" + triple.getArchName() + ".o").str();
  StringRef arguments[] = {SETUN_LLD,     "-static", "--gc-sections", runner,
                           input->name(), "-o",      output->name()};
  std::string message;
  if (sys::ExecuteAndWait(SETUN_LLD, arguments, std::nullopt, {}, 0, 0,
                          &message))
    return createStringError("ld.lld cannot link the kernels: " + message);
  return Program(std::move(*output), triple);
}

//===----------------------------------------------------------------------===//
// Machine
//===----------------------------------------------------------------------===//

/// The command line before the program: empty on its own machine.
static Expected<std::vector<std::string>> getEmulator(const Triple &triple,
                                                      StringRef cpu) {
  if (triple.getArch() == Triple(sys::getProcessTriple()).getArch())
    return std::vector<std::string>();
  std::string name = ("qemu-" + triple.getArchName()).str();
  for (const char *suffix : {"", "-static"})
    if (auto path = sys::findProgramByName(name + suffix))
      return std::vector<std::string>{*path, "-cpu", cpu.str()};
  return createStringError("found neither " + name + " nor " + name +
                           "-static in PATH, which run kernels for " +
                           triple.getArchName() +
                           " here; scripts/install.sh installs them");
}

Expected<Machine> Machine::start(const Program &program, StringRef cpu) {
  auto command = getEmulator(program.getTriple(), cpu);
  if (!command)
    return command.takeError();
  command->push_back(program.getPath().str());
  std::vector<char *> arguments;
  for (std::string &word : *command)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);

  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
    return errorCodeToError(errnoAsErrorCode());
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
  pid_t process;
  int failed = posix_spawn(&process, arguments[0], &actions, nullptr,
                           arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (!failed)
    return Machine(process, ends[0]);
  close(ends[0]);
  return createStringError(std::error_code(failed, std::generic_category()),
                           "cannot start " + command->front());
}

Machine::~Machine() {
  if (socket < 0)
    return;
  close(socket); // which ends the process
  waitpid(process, nullptr, 0);
}

static Error hungUp() {
  return createStringError("the program that runs kernels has ended");
}

Error Machine::send(const void *from, size_t bytes) {
  for (auto *at = static_cast<const char *>(from); bytes;) {
    ssize_t put = ::send(socket, at, bytes, MSG_NOSIGNAL);
    if (put <= 0)
      return hungUp();
    at += put;
    bytes -= put;
  }
  return Error::success();
}

Error Machine::receive(void *to, size_t bytes) {
  for (auto *at = static_cast<char *>(to); bytes;) {
    ssize_t got = recv(socket, at, bytes, 0);
    if (got <= 0)
      return hungUp();
    at += got;
    bytes -= got;
  }
  return Error::success();
}

static Error complain(const Verdict &verdict, const Job &job) {
  static const char *const names[] = {"weights",  "q",   "sums",   "scales",
                                      "residual", "out", "scratch"};
  std::string text = "the kernel ";
  raw_string_ostream out(text);
  if (verdict.signal)
    out << "was stopped: " << strsignal(verdict.signal);
  else
    out << "wrote outside a buffer";
  if (verdict.buffer >= 0)
    out << ", at byte " << verdict.offset << " of " << names[verdict.buffer]
        << ", of " << job.bytes[verdict.buffer];
  return createStringError(text);
}

Expected<std::vector<float>> Machine::run(Job job, const Contents &contents) {
  for (int i = 0; i < kBuffers; ++i)
    job.given[i] = contents[i].size();
  if (Error error = send(&job, sizeof(job)))
    return error;
  for (ArrayRef<uint8_t> bytes : contents)
    if (Error error = send(bytes.data(), bytes.size()))
      return error;
  Verdict verdict;
  if (Error error = receive(&verdict, sizeof(verdict)))
    return error;
  std::vector<float> out(job.bytes[Out] / sizeof(float));
  if (!verdict.signal)
    if (Error error = receive(out.data(), job.bytes[Out]))
      return error;
  if (verdict.signal || verdict.buffer >= 0)
    return complain(verdict, job);
  return out;
}

} // namespace setun::codegen
