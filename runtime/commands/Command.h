//===- Command.h - What an executable can be told to do ---------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_COMMANDS_COMMAND_H
#define SETUN_RUNTIME_COMMANDS_COMMAND_H

#include "runtime/abi/Model.h"
#include "runtime/cpu/Level.h"
#include "runtime/options/Options.h"
#include "runtime/session/Session.h"

#include <optional>

namespace setun::runtime {

/// Exit code when the command line makes no sense.
inline constexpr int kExitUsage = 2;

/// A command parses its own arguments (argv[0] is its name) and returns the
/// exit code.
struct Command {
  const char *name;
  const char *summary;
  int (*run)(const abi::Model &model, int argc, char **argv);
};

// One file each.
int runCommand(const abi::Model &model, int argc, char **argv);
int chatCommand(const abi::Model &model, int argc, char **argv);
int benchCommand(const abi::Model &model, int argc, char **argv);
int infoCommand(const abi::Model &model, int argc, char **argv);
int embedCommand(const abi::Model &model, int argc, char **argv);
int tokenizeCommand(const abi::Model &model, int argc, char **argv);
int perplexityCommand(const abi::Model &model, int argc, char **argv);
int verifyCommand(const abi::Model &model, int argc, char **argv);
/// Of executables whose weights are made up, which have no other command.
int measureCommand(const abi::Model &model, int argc, char **argv);

/// Picks the command by argv[1]; `run` when that is an option or absent. This
/// CPU runs one of the model's levels at least.
int dispatch(const abi::Model &model, int argc, char **argv);

/// Parses a command's arguments. A value is the exit code to end with, after
/// help or a complaint has been printed.
std::optional<int> readOptions(std::span<const Option> options, int argc,
                               char **argv);

/// The same with --cpu, which names one of the levels inside: `level` is the
/// default, and then the level that is wanted. Exit code 3 when this CPU cannot
/// run it.
std::optional<int> readOptions(const abi::Model &model,
                               std::vector<Option> options,
                               const abi::Level *&level, int argc, char **argv);

/// The complaint about a command line, and its exit code.
int failUsage(const Failure &failure, const char *command);

/// -t, -c and -b.
std::vector<Option> sessionOptions(SessionSettings &settings);

/// -p and -f.
std::vector<Option> textOptions(std::string &text, std::string &file);

} // namespace setun::runtime

#endif // SETUN_RUNTIME_COMMANDS_COMMAND_H
