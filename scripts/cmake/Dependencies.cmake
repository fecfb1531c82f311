# What Setun is built on. scripts/install.sh puts all of it in place.

set(LLVM_DIR /usr/lib/llvm-22/lib/cmake/llvm CACHE PATH "")
set(MLIR_DIR /usr/lib/llvm-22/lib/cmake/mlir CACHE PATH "")
set(LLD_DIR /usr/lib/llvm-22/lib/cmake/lld CACHE PATH "")
find_package(MLIR 22.1 REQUIRED CONFIG)
find_package(LLD REQUIRED CONFIG)
find_package(Protobuf REQUIRED)
# Debian's, which has numpy; not whichever comes first in PATH.
set(Python3_EXECUTABLE /usr/bin/python3 CACHE FILEPATH "")
find_package(Python3 REQUIRED COMPONENTS Interpreter)

# Two wheels from PyPI, unpacked by scripts/install.sh: the Halide SDK and the
# zig toolchain that brings musl, libc++ and compiler-rt for every target.
set(SETUN_WHEELS ${PROJECT_SOURCE_DIR}/build/wheels CACHE PATH
    "Where scripts/install.sh unpacked the wheels of halide and ziglang")
find_library(SETUN_HALIDE Halide PATHS ${SETUN_WHEELS}/halide/lib64
             NO_DEFAULT_PATH REQUIRED)
# Its own CMake package asks for CMake 3.28; Debian 12 has 3.25.
add_library(Halide::Halide SHARED IMPORTED)
set_target_properties(
  Halide::Halide PROPERTIES IMPORTED_LOCATION ${SETUN_HALIDE}
  INTERFACE_INCLUDE_DIRECTORIES ${SETUN_WHEELS}/halide/include)
find_program(SETUN_ZIG zig PATHS ${SETUN_WHEELS}/ziglang NO_DEFAULT_PATH
             REQUIRED)
find_program(SETUN_LLD ld.lld PATHS /usr/lib/llvm-22/bin NO_DEFAULT_PATH
             REQUIRED)

list(APPEND CMAKE_MODULE_PATH "${MLIR_CMAKE_DIR}" "${LLVM_CMAKE_DIR}")
include(TableGen)
include(AddLLVM)
include(AddMLIR)
