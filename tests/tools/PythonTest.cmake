# setun_python_test(name script [argument…]): a Python test, driven by Debian's
# Python and numpy; it finds the compiler in $SETUN.
function(setun_python_test name script)
  find_program(SETUN_PYTHON python3 HINTS /usr/bin NO_CACHE REQUIRED)
  add_test(NAME ${name} COMMAND ${SETUN_PYTHON}
           ${CMAKE_CURRENT_SOURCE_DIR}/${script} ${ARGN})
  set_tests_properties(${name} PROPERTIES TIMEOUT 600 ENVIRONMENT
    "SETUN=$<TARGET_FILE:setun>;OMP_NUM_THREADS=1;PYTHONDONTWRITEBYTECODE=1")
endfunction()
