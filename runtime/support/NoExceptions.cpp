//===- NoExceptions.cpp - What libc++ does when it would throw ------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// libc++'s own objects are built with exceptions, and would bring an unwinder
// and a demangler (200 KB) into every executable. Nobody here catches, and only
// two things are thrown: bad_alloc and length_error, which both mean that
// memory is short. So these entry points of the C++ ABI say that and end the
// process.

#include <exception>
#include <new>
#include <stdlib.h>
#include <unistd.h>

[[noreturn]] static void outOfMemory() {
  static const char message[] = "error: out of memory\n";
  ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
  _exit(written < 0 ? 2 : 1);
}

extern "C" {
[[noreturn]] void __cxa_throw(void *, void *, void (*)(void *)) {
  outOfMemory();
}
void *__cxa_allocate_exception(size_t) noexcept { outOfMemory(); }
void __cxa_free_exception(void *) noexcept {}
void *__cxa_begin_catch(void *) noexcept { abort(); }
void __cxa_end_catch() { abort(); }
[[noreturn]] void __cxa_rethrow() { abort(); }
[[noreturn]] void _Unwind_Resume(void *) { abort(); }
int __gxx_personality_v0() { abort(); }
}

void std::terminate() noexcept { abort(); }

static void *allocate(size_t bytes, size_t alignment) {
  void *memory;
  if (posix_memalign(&memory, alignment, bytes ? bytes : 1))
    outOfMemory();
  return memory;
}

void *operator new(size_t bytes) {
  return allocate(bytes, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
void *operator new[](size_t bytes) { return operator new(bytes); }
void *operator new(size_t bytes, std::align_val_t alignment) {
  return allocate(bytes, size_t(alignment));
}
void operator delete(void *memory) noexcept { free(memory); }
void operator delete[](void *memory) noexcept { free(memory); }
void operator delete(void *memory, size_t) noexcept { free(memory); }
void operator delete[](void *memory, size_t) noexcept { free(memory); }
void operator delete(void *memory, std::align_val_t) noexcept { free(memory); }
void operator delete(void *memory, size_t, std::align_val_t) noexcept {
  free(memory);
}
