// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LLVM's allocators poison memory in headers that we compile with ASan; the
// package's own code, without ASan, never unpoisons it.
extern "C" const char *__asan_default_options() {
  return "allow_user_poisoning=0";
}
