//===- profile.c - How often each instruction is executed -----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A plugin of qemu's user mode: qemu-riscv64 -plugin profile.so,out=FILE exe.
// FILE gets a line for each instruction that was executed: address, times,
// symbol. Exact for one thread: the counters are not atomic.
//
//===----------------------------------------------------------------------===//

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Version 1 of the plugin interface, of which Debian ships no header; see
// docs/devel/tcg-plugins.rst of qemu 7.2.
#define EXPORT __attribute__((visibility("default")))
typedef struct qemu_plugin_tb Block; // what qemu translates at once
typedef struct qemu_plugin_insn Instruction;
enum { kAddU64 = 0 };

EXPORT int qemu_plugin_version = 1;
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
                                           void (*)(uint64_t id, Block *));
void qemu_plugin_register_vcpu_insn_exec_inline(Instruction *, int operation,
                                                void *counter, uint64_t value);
void qemu_plugin_register_atexit_cb(uint64_t id, void (*)(uint64_t id, void *),
                                    void *);
size_t qemu_plugin_tb_n_insns(const Block *);
Instruction *qemu_plugin_tb_get_insn(const Block *, size_t index);
uint64_t qemu_plugin_insn_vaddr(const Instruction *);
const char *qemu_plugin_insn_symbol(const Instruction *);

typedef struct Counter {
  uint64_t address, times;
  const char *symbol; // null: the executable names none
  struct Counter *next;
} Counter;

enum { kBuckets = 1 << 16 };
static Counter *buckets[kBuckets];
static FILE *out;

/// The counter of an instruction, however often qemu translates it.
static Counter *find(const Instruction *instruction) {
  const uint64_t address = qemu_plugin_insn_vaddr(instruction);
  Counter **bucket = &buckets[address / 2 % kBuckets];
  for (Counter *counter = *bucket; counter; counter = counter->next)
    if (counter->address == address)
      return counter;
  Counter *counter = malloc(sizeof *counter);
  if (!counter)
    abort();
  *counter =
      (Counter){address, 0, qemu_plugin_insn_symbol(instruction), *bucket};
  return *bucket = counter;
}

/// Instruction by instruction: a block may be left half-way.
static void translated(uint64_t id, Block *block) {
  for (size_t i = 0, n = qemu_plugin_tb_n_insns(block); i < n; ++i) {
    Instruction *instruction = qemu_plugin_tb_get_insn(block, i);
    qemu_plugin_register_vcpu_insn_exec_inline(instruction, kAddU64,
                                               &find(instruction)->times, 1);
  }
}

static void finished(uint64_t id, void *data) {
  for (int i = 0; i < kBuckets; ++i)
    for (Counter *counter = buckets[i]; counter; counter = counter->next)
      fprintf(out, "%#llx %llu %s\n", (unsigned long long)counter->address,
              (unsigned long long)counter->times,
              counter->symbol ? counter->symbol : "");
  if (fclose(out))
    perror("profile");
}

EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc,
                               char **argv) {
  if (argc != 1 || strncmp(argv[0], "out=", 4) ||
      !(out = fopen(argv[0] + 4, "w"))) {
    fprintf(stderr, "profile: expected out=FILE, a file to write\n");
    return 1;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, finished, NULL);
  return 0;
}
