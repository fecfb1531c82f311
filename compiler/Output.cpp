//===- Output.cpp - Files, progress and errors ----------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Output.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"

using namespace llvm;

namespace setun::compiler {

void printError(Error error) {
  SmallVector<StringRef> lines;
  std::string text = toString(std::move(error));
  StringRef(text).split(lines, '\n', -1, /*KeepEmpty=*/false);
  for (StringRef line : lines)
    errs() << "error: " << line << '\n';
}

void printWarning(StringRef text) { errs() << "warning: " << text << '\n'; }

void printDiagnostic(mlir::Diagnostic &diagnostic) {
  switch (diagnostic.getSeverity()) {
  case mlir::DiagnosticSeverity::Error:
    errs() << "error: ";
    break;
  case mlir::DiagnosticSeverity::Warning:
    errs() << "warning: ";
    break;
  default:
    errs() << "note: ";
  }
  mlir::Location loc = diagnostic.getLocation();
  if (auto name = loc->findInstanceOf<mlir::NameLoc>())
    errs() << name.getName().getValue() << ": ";
  else if (auto file = loc->findInstanceOf<mlir::FileLineColLoc>())
    errs() << file.getFilename().getValue() << ':' << file.getLine() << ':'
           << file.getColumn() << ": ";
  errs() << diagnostic << '\n';
  for (mlir::Diagnostic &note : diagnostic.getNotes())
    printDiagnostic(note);
}

/// A rename would replace a device or socket, and fail late on a folder.
static Error checkOutput(StringRef path) {
  sys::fs::file_status status;
  if (path == "-" || path == "/dev/null" || sys::fs::status(path, status) ||
      status.type() == sys::fs::file_type::regular_file)
    return Error::success();
  return createStringError("'" + path + "': is not a regular file; name one");
}

Error writeFile(StringRef path, function_ref<void(raw_ostream &)> write) {
  if (Error error = checkOutput(path))
    return error;
  return writeToOutput(path, [&](raw_ostream &out) {
    write(out);
    return Error::success();
  });
}

Error writeModule(mlir::ModuleOp module, StringRef path) {
  mlir::OpPrintingFlags flags;
  flags.enableDebugInfo(/*enable=*/true);
  return writeFile(path, [&](raw_ostream &out) {
    module->print(out, flags);
    out << '\n';
  });
}

void Progress::finish(StringRef stage, const Twine &what) {
  Clock::time_point now = Clock::now();
  if (shown)
    errs() << format("%-10s", stage.str().c_str())
           << format("%7.2f s  ",
                     std::chrono::duration<double>(now - start).count())
           << what << '\n';
  start = now;
}

} // namespace setun::compiler
