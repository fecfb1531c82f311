/* Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

   What generated code may ask of the runtime where the CPU has no instruction
   for it: every function listed in runtime/Prelink.cmake has to be found. */

#define UNARY(name)                                                            \
  double call_##name(double a) { return __builtin_##name(a); }                 \
  float call_##name##f(float a) { return __builtin_##name##f(a); }
#define BINARY(name)                                                           \
  double call_##name(double a, double b) { return __builtin_##name(a, b); }    \
  float call_##name##f(float a, float b) { return __builtin_##name##f(a, b); }

UNARY(floor)
UNARY(ceil)
UNARY(trunc)
UNARY(rint)
UNARY(round)
UNARY(nearbyint)
BINARY(fmin)
BINARY(fmax)

double callFma(double a, double b, double c) { return __builtin_fma(a, b, c); }
float callFmaf(float a, float b, float c) { return __builtin_fmaf(a, b, c); }

float extend(_Float16 a) { return a; }
_Float16 truncate(float a) { return (_Float16)a; }
_Float16 truncateDouble(double a) { return (_Float16)a; }
float extendBrain(__bf16 a) { return (float)a; }

int countBits(unsigned long a) { return __builtin_popcountl(a); }
unsigned claim(unsigned *counter) {
  return __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

void copy(char *to, const char *from, unsigned long bytes) {
  __builtin_memcpy(to, from, bytes);
}
void move(char *to, const char *from, unsigned long bytes) {
  __builtin_memmove(to, from, bytes);
}
void clear(char *to, unsigned long bytes) { __builtin_memset(to, 0, bytes); }
int compare(const char *a, const char *b, unsigned long bytes) {
  return __builtin_memcmp(a, b, bytes);
}
