/*===- read.c - Reads a file once, as an executable reads its weights ------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/
/* read FILE THREADS: maps the file and reads it from end to end, page faults
   and all; chunks are claimed by the threads. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { kChunk = 1 << 20 };
typedef uint64_t Lanes __attribute__((vector_size(128)));

static const uint8_t *bytes;
static size_t size;
static atomic_size_t next;
static _Atomic uint64_t result; /* keeps the compiler from dropping the loop */

static void *readChunks(void *unused) {
  Lanes total = {0};
  size_t begin;
  while ((begin = atomic_fetch_add(&next, kChunk)) < size) {
    size_t end = begin + kChunk < size ? begin + kChunk : size;
    for (; begin + sizeof(Lanes) <= end; begin += sizeof(Lanes))
      total += *(const Lanes *)(bytes + begin);
  }
  result += total[0];
  return unused;
}

int main(int argc, char **argv) {
  struct stat status;
  int file = argc == 3 ? open(argv[1], O_RDONLY) : -1;
  int threads = file < 0 || fstat(file, &status) ? 0 : atoi(argv[2]);
  if (threads < 1 || threads > 64)
    return fprintf(stderr, "usage: read FILE THREADS\n"), 1;
  size = status.st_size;
  bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
  if (bytes == MAP_FAILED)
    return perror(argv[1]), 1;
  pthread_t others[64];
  for (int i = 1; i < threads; ++i)
    pthread_create(&others[i], NULL, readChunks, NULL);
  readChunks(NULL);
  for (int i = 1; i < threads; ++i)
    pthread_join(others[i], NULL);
  return result == 1; /* hardly */
}
