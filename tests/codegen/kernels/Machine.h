//===- Machine.h - Where kernels run ----------------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_TESTS_CODEGEN_KERNELS_MACHINE_H
#define SETUN_TESTS_CODEGEN_KERNELS_MACHINE_H

#include "codegen/link/ScratchFile.h"
#include "tests/codegen/kernels/Job.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/TargetParser/Triple.h"

#include <array>
#include <string>
#include <vector>

namespace setun::codegen {

/// Kernels and Runner.cpp, linked into a program that lies in a file.
class Program {
public:
  /// `object` defines `setun_kernels`.
  static llvm::Expected<Program> link(llvm::StringRef object,
                                      const llvm::Triple &triple);

  llvm::StringRef getPath() const { return file.name(); }
  const llvm::Triple &getTriple() const { return triple; }

private:
  Program(ScratchFile file, const llvm::Triple &triple)
      : file(std::move(file)), triple(triple) {}

  ScratchFile file;
  llvm::Triple triple;
};

/// A process of a program: under qemu if it is for another ISA than this
/// machine's.
class Machine {
public:
  using Contents = std::array<llvm::ArrayRef<uint8_t>, kBuffers>;

  /// `cpu`: qemu's word.
  static llvm::Expected<Machine> start(const Program &program,
                                       llvm::StringRef cpu);
  Machine(Machine &&other) : process(other.process), socket(other.socket) {
    other.socket = -1;
  }
  ~Machine();

  /// What the kernel left in `out`, or in which way it misbehaved. `contents`:
  /// what the buffers begin with; sets `job.given`.
  llvm::Expected<std::vector<float>> run(Job job, const Contents &contents);

private:
  Machine(int process, int socket) : process(process), socket(socket) {}
  llvm::Error send(const void *from, size_t bytes);
  llvm::Error receive(void *to, size_t bytes);

  int process, socket;
};

} // namespace setun::codegen

#endif // SETUN_TESTS_CODEGEN_KERNELS_MACHINE_H
