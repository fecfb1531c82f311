# How a room is built: setun_library, setun_tool, setun_dialect, setun_test.

set(SETUN_FLAGS -Wall -Wextra -Werror -Wno-unused-parameter -fno-rtti
    -fno-exceptions -ffp-contract=off)
# Without `function`: it reads what lies before a function, and code from the
# JIT has nothing there.
if(SETUN_SANITIZE)
  list(APPEND SETUN_FLAGS -fsanitize=address,undefined -fno-sanitize=vptr,function
       -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()

# Fuzzers follow what the code under test does.
if(SETUN_FUZZ)
  list(APPEND SETUN_FLAGS -fsanitize=fuzzer-no-link)
endif()

function(_setun_flags target)
  target_compile_options(${target} PRIVATE ${SETUN_FLAGS})
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}
                                              ${PROJECT_BINARY_DIR})
  target_include_directories(${target} SYSTEM PUBLIC ${LLVM_INCLUDE_DIRS}
                                                     ${MLIR_INCLUDE_DIRS})
endfunction()

# One precompiled header for everything that includes MLIR.
function(_setun_mlir_pch target)
  if(NOT TARGET setun_pch)
    file(WRITE ${PROJECT_BINARY_DIR}/setun_pch.cpp "")
    add_library(setun_pch OBJECT ${PROJECT_BINARY_DIR}/setun_pch.cpp)
    _setun_flags(setun_pch)
    target_compile_options(setun_pch PRIVATE -Xclang -fno-pch-timestamp)
    target_precompile_headers(setun_pch PRIVATE
                              ${PROJECT_SOURCE_DIR}/scripts/cmake/pch.h)
  endif()
  target_compile_options(${target} PRIVATE -Xclang -fno-pch-timestamp)
  target_precompile_headers(${target} REUSE_FROM setun_pch)
  get_target_property(type ${target} TYPE)
  if(SETUN_SANITIZE AND type STREQUAL EXECUTABLE)
    target_sources(${target} PRIVATE
                   ${PROJECT_SOURCE_DIR}/scripts/cmake/AsanOptions.cpp)
  endif()
endfunction()

# setun_library(name [MLIR] SOURCES … [LINK …] [DEPENDS …])
function(setun_library name)
  cmake_parse_arguments(ARG "MLIR" "" "SOURCES;LINK;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  _setun_flags(${name})
  if(ARG_MLIR)
    _setun_mlir_pch(${name})
    target_link_libraries(${name} PUBLIC MLIR LLVM)
  endif()
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()

# setun_tool(name SOURCES … LINK …): an MLIR executable in bin/
function(setun_tool name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  _setun_flags(${name})
  _setun_mlir_pch(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} MLIR LLVM)
endfunction()

# setun_test(name [MLIR] SOURCES … [LINK …] [ARGS …]): one GoogleTest binary
# and one ctest entry
function(setun_test name)
  cmake_parse_arguments(ARG "MLIR" "" "SOURCES;LINK;ARGS" ${ARGN})
  find_package(GTest REQUIRED)
  add_executable(${name} ${ARG_SOURCES})
  _setun_flags(${name})
  if(ARG_MLIR)
    _setun_mlir_pch(${name})
    target_link_libraries(${name} PRIVATE MLIR)
  endif()
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name} ${ARG_ARGS})
endfunction()
