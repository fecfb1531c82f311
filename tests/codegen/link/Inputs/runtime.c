// A runtime of one page: `exe sum FROM BYTES` prints a checksum of that part of
// the weights, `exe poke` writes to them, which must not be possible.

extern const struct {
  const unsigned char *weights;
} setun_model;

#if defined(__x86_64__)
enum { Write = 1, Exit = 231 };
static long syscall3(long number, long a, long b, long c) {
  __asm__ volatile("syscall" : "+a"(number) : "D"(a), "S"(b), "d"(c)
                   : "rcx", "r11", "memory");
  return number;
}
__asm__(".globl _start\n_start: mov %rsp, %rdi\nand $-16, %rsp\ncall start");
#elif defined(__aarch64__)
enum { Write = 64, Exit = 94 };
static long syscall3(long number, long a, long b, long c) {
  register long x8 __asm__("x8") = number, x0 __asm__("x0") = a,
       x1 __asm__("x1") = b, x2 __asm__("x2") = c;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  return x0;
}
__asm__(".globl _start\n_start: mov x0, sp\nbl start");
#elif defined(__riscv)
enum { Write = 64, Exit = 94 };
static long syscall3(long number, long a, long b, long c) {
  register long a7 __asm__("a7") = number, a0 __asm__("a0") = a,
       a1 __asm__("a1") = b, a2 __asm__("a2") = c;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2) : "memory");
  return a0;
}
__asm__(".globl _start\n_start: mv a0, sp\ncall start");
#endif

static unsigned long parse(const char *text) {
  unsigned long value = 0;
  while (*text)
    value = value * 10 + (*text++ - '0');
  return value;
}

static volatile char line[17]; // in .bss, as every real runtime has one

__attribute__((used)) void start(long *stack) {
  const char **argv = (const char **)(stack + 1);
  if (argv[1][0] == 'p')
    *(volatile unsigned char *)setun_model.weights = 1;

  const unsigned char *at = setun_model.weights + parse(argv[2]);
  unsigned long sum = 14695981039346656037ul;
  for (unsigned long left = parse(argv[3]); left; --left)
    sum = (sum ^ *at++) * 1099511628211ul;
  for (int digit = 15; digit >= 0; --digit, sum >>= 4)
    line[digit] = "0123456789abcdef"[sum & 15];
  syscall3(Write, 1, (long)line, 16);
  syscall3(Exit, 0, 0, 0);
}
