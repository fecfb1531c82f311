//===- Runner.cpp - Calls kernels on the machine they are for -------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A program for each ISA, linked with kernels by the test and run under an
// emulator where it must be. It answers jobs from a socket on descriptor 0
// until that is closed. Every buffer has a page before and a page behind it
// that kill who touches them; what its pages hold beside it is checked.
//
//===----------------------------------------------------------------------===//

#include "runtime/abi/Step.h"
#include "tests/codegen/kernels/Job.h"

#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace setun::codegen;
using setun::abi::KernelFunction;

/// The kernels of the test. Weak: they are missing when this is prelinked.
extern "C" __attribute__((weak)) const KernelFunction setun_kernels[];

namespace {

constexpr uint64_t kPage = 4096;
constexpr uint8_t kGarbage = 0xa5;
constexpr unsigned kSeconds = 60; ///< that a kernel may take

/// A buffer at one end of its pages.
class Guarded {
public:
  void allocate(uint64_t wanted, bool guardFirst);
  void free() { munmap(pages - kPage, whole + 2 * kPage); }
  void seal() { mprotect(pages, whole, PROT_READ); }

  /// Whether `address` is in the buffer's pages or those around them.
  bool owns(const uint8_t *address) const {
    return address >= pages - kPage && address < pages + whole + kPage;
  }
  /// The first byte beside the buffer that was written to, or null.
  const uint8_t *findDamage() const;

  template <typename T> T *as() const {
    return bytes ? reinterpret_cast<T *>(data) : nullptr;
  }

  uint8_t *data = nullptr;
  uint64_t bytes = 0;

private:
  uint8_t *pages = nullptr;
  uint64_t whole = 0; ///< bytes of the pages
};

void Guarded::allocate(uint64_t wanted, bool guardFirst) {
  bytes = wanted;
  whole = (bytes / kPage + 1) * kPage;
  void *mapped = mmap(nullptr, whole + 2 * kPage, PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED)
    abort();
  pages = static_cast<uint8_t *>(mapped) + kPage;
  mprotect(pages, whole, PROT_READ | PROT_WRITE);
  memset(pages, kGarbage, whole);
  data = guardFirst ? pages : pages + whole - bytes;
}

const uint8_t *findOther(const uint8_t *at, const uint8_t *end) {
  while (at < end && *at == kGarbage)
    ++at;
  return at < end ? at : nullptr;
}

const uint8_t *Guarded::findDamage() const {
  const uint8_t *before = findOther(pages, data);
  return before ? before : findOther(data + bytes, pages + whole);
}

/// One job's buffers.
struct Workplace {
  Guarded buffers[kBuffers];

  void call(const Job &job) const;
  /// In which buffer, or beside it, `address` lies.
  Verdict blame(int signal, const uint8_t *address) const;
  Verdict run(const Job &job) const;
};

void Workplace::call(const Job &job) const {
  KernelFunction kernel = setun_kernels[job.kernel];
  float *out = buffers[Out].as<float>();
  const float *added = job.inPlace ? out : buffers[Residual].as<float>();
  for (uint64_t block = 0; block < job.blocks; block += job.tileBlocks) {
    uint64_t left = job.blocks - block;
    kernel(buffers[Weights].as<uint8_t>() +
               block / job.panelBlocks * job.panelBytes,
           buffers[Activations].as<int8_t>(), buffers[Sums].as<int32_t>(),
           buffers[Scales].as<float>(), job.alpha,
           added ? added + 16 * block : nullptr, out + 16 * block,
           buffers[Scratch].as<uint8_t>(), job.rows,
           left < job.tileBlocks ? left : job.tileBlocks);
  }
}

Verdict Workplace::blame(int signal, const uint8_t *address) const {
  for (int i = 0; i < kBuffers; ++i)
    if (buffers[i].owns(address))
      return {signal, i, address - buffers[i].data};
  return {signal, -1, 0};
}

sigjmp_buf beforeCall;
const uint8_t *volatile faultAddress;

void onSignal(int signal, siginfo_t *info, void *) {
  faultAddress = static_cast<const uint8_t *>(info->si_addr);
  siglongjmp(beforeCall, signal);
}

Verdict Workplace::run(const Job &job) const {
  if (int signal = sigsetjmp(beforeCall, /*savemask=*/1))
    return blame(signal, faultAddress);
  alarm(kSeconds);
  call(job);
  alarm(0);
  for (const Guarded &buffer : buffers)
    if (const uint8_t *damage = buffer.findDamage())
      return blame(0, damage);
  return {0, -1, 0};
}

bool receive(void *to, uint64_t bytes) {
  for (uint8_t *at = static_cast<uint8_t *>(to); bytes;) {
    ssize_t got = read(0, at, bytes);
    if (got <= 0)
      return false;
    at += got;
    bytes -= got;
  }
  return true;
}

void answer(const void *from, uint64_t bytes) {
  for (const uint8_t *at = static_cast<const uint8_t *>(from); bytes;) {
    ssize_t put = write(0, at, bytes);
    if (put <= 0)
      exit(1);
    at += put;
    bytes -= put;
  }
}

void serve(const Job &job) {
  Workplace place;
  for (int i = 0; i < kBuffers; ++i) {
    Guarded &buffer = place.buffers[i];
    buffer.allocate(job.bytes[i], job.guardFirst);
    if (!receive(buffer.data, job.given[i]))
      exit(1);
    if (i < Out)
      buffer.seal();
  }
  Verdict verdict = place.run(job);
  answer(&verdict, sizeof(verdict));
  if (!verdict.signal)
    answer(place.buffers[Out].data, job.bytes[Out]);
  for (Guarded &buffer : place.buffers)
    buffer.free();
}

} // namespace

int main() {
  struct sigaction action = {};
  action.sa_sigaction = onSignal;
  action.sa_flags = SA_SIGINFO;
  const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGALRM};
  for (int signal : signals)
    sigaction(signal, &action, nullptr);
  for (Job job; receive(&job, sizeof(job));)
    serve(job);
  return 0;
}
