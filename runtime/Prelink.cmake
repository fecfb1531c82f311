# cmake -DZIG=… -DLLD=… -DOBJECTS=… -DOUTPUT=… -P Prelink.cmake
#
# Puts the runtime's objects, crt1.o and the members they need of libc++, musl
# and compiler-rt into one relocatable object, so that the user of Setun needs
# no C++ library and no sysroot. `setun_model` and what belongs to it stay
# undefined: the generated code has them.
#
# zig builds its libraries when it first links for a target and names them on
# the linker's command line: a tiny program is linked and the line is read. The
# program differs each time, since zig prints nothing when it need not link.

set(probe ${OUTPUT}.probe)
string(TIMESTAMP now "%s%f")
file(WRITE ${probe}.cpp "int main() { return ${now} % 7; }\n")
execute_process(
  COMMAND ${ZIG} -static -s --verbose ${probe}.cpp -o ${probe}
  RESULT_VARIABLE status OUTPUT_VARIABLE log ERROR_VARIABLE log)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "zig cannot link a program:\n${log}")
endif()
string(REGEX MATCH "ld\\.lld [^\n]*--entry _start[^\n]*" line "${log}")
string(REGEX MATCHALL "[^ ]*/(crt1\\.o|lib[^/ ]*\\.a)" libraries "${line}")
if(NOT libraries MATCHES "crt1\\.o" OR NOT libraries MATCHES "libc\\.a")
  message(FATAL_ERROR "no crt1.o and libc.a in zig's link line:\n${log}")
endif()
file(REMOVE ${probe} ${probe}.cpp)

# What the generated code calls, and what LLVM may call on its behalf on a CPU
# that lacks the instruction: x86-64 without SSE4.1 or FMA most of it, RV64GC
# the half floats and nearbyint, AArch64 nothing (its outline atomics are off,
# see codegen/targets). Whatever an executable does not use is dropped when it
# is linked. tests/runtime/Helpers.c calls them all.
set(wanted
    setun_barrier setun_await setun_mark
    memcpy memmove memset memcmp bcmp
    fma fmaf floor floorf ceil ceilf trunc truncf rint rintf round roundf
    nearbyint nearbyintf fmin fminf fmax fmaxf
    __extendhfsf2 __truncsfhf2 __truncdfhf2)
list(TRANSFORM wanted PREPEND --undefined=)

execute_process(
  COMMAND ${LLD} -r --entry=_start --gc-sections --force-group-allocation
          --build-id=none --strip-debug ${wanted} -o ${OUTPUT}
          ${OBJECTS} ${libraries}
  COMMAND_ERROR_IS_FATAL ANY)

# Only the model may be missing, and this must not come to light at the user's.
execute_process(
  COMMAND ${LLD} -static --gc-sections --defsym=setun_model=0 ${OUTPUT}
          -o ${OUTPUT}.probe
  COMMAND_ERROR_IS_FATAL ANY)
file(REMOVE ${OUTPUT}.probe)
