//===- Progress.cpp - How far tuning has come -----------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tune/Progress.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace setun::compiler {

static constexpr unsigned kBarWidth = 24;
/// Back to the beginning of the line, which is erased.
static constexpr char kErase[] = "\r\x1b[K";

void TuneProgress::show(const Twine &what) {
  if (!errs().is_displayed())
    return;
  double seconds = getSeconds();
  auto full = static_cast<unsigned>(kBarWidth * std::min(seconds / budget, 1.));
  errs() << kErase << '[' << std::string(full, '#')
         << std::string(kBarWidth - full, '.') << "] "
         << format("%.0f of %.0f s  ", seconds, budget) << what;
  errs().flush();
  drawn = true;
}

void TuneProgress::finishRound(const Twine &what) {
  if (!errs().is_displayed())
    errs() << format("%6.1f s  ", getSeconds()) << what << '\n';
}

void TuneProgress::clear() {
  if (drawn)
    errs() << kErase;
  drawn = false;
}

} // namespace setun::compiler
