//===- Command.cpp - What an executable can be told to do -----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Command.h"

#include <stdio.h>

namespace setun::runtime {

static constexpr Command kCommands[] = {
    {"run", "continue a prompt (what happens without a command)", runCommand},
    {"chat", "talk with it, by its chat template", chatCommand},
    {"bench", "measure tokens per second", benchCommand},
    {"info", "what is in this executable", infoCommand},
    {"embed", "make vectors of texts", embedCommand},
    {"tokenize", "show the tokens of a text", tokenizeCommand},
    {"perplexity", "how well it predicts a text", perplexityCommand},
    {"verify", "compare every kernel with its portable twin", verifyCommand},
};
/// Of executables whose weights are made up.
static constexpr Command kMeasuring[] = {
    {"measure", "time every op of every batch class", measureCommand},
};

static std::span<const Command> commandsOf(const abi::Model &model) {
  return model.samples ? kMeasuring : std::span<const Command>(kCommands);
}

static int printHelp(const abi::Model &model, const char *program) {
  printf("%s, compiled by %s\n\nusage: %s [command] [options]\n\n", model.name,
         model.producer, program);
  std::span commands = commandsOf(model);
  for (const Command &command : commands)
    printf("  %-10s  %s\n", command.name, command.summary);
  printf("\n'%s %s --help' lists the options of %s%s.\n", program,
         commands[0].name, commands[0].name,
         commands.size() > 1 ? ", and so on" : "");
  return 0;
}

static std::string levelNames(const abi::Model &model, const char *separator) {
  std::vector<std::string> names;
  for (const abi::Level &level : levelsOf(model))
    names.push_back(level.name);
  return join(names, separator);
}

static int printVersion(const abi::Model &model) {
  printf("%s, compiled by %s for %s (%s)\n", model.name, model.producer,
         model.triple, levelNames(model, ", ").c_str());
  return 0;
}

int dispatch(const abi::Model &model, int argc, char **argv) {
  std::string_view first = argc > 1 ? argv[1] : "-";
  if (first == "--help" || first == "-h" || first == "help")
    return printHelp(model, argv[0]);
  if (first == "--version")
    return printVersion(model);
  if (model.samples && first != kMeasuring[0].name)
    return failUsage("this executable was made by 'setun tune' and has no "
                     "weights: it knows 'measure' alone",
                     argv[0]);
  if (first.starts_with("-"))
    return runCommand(model, argc, argv);
  // The command's argv[0] is what people type to reach it.
  std::string name = format("%s %s", argv[0], argv[1]);
  for (const Command &command : commandsOf(model))
    if (first == command.name) {
      argv[1] = name.data();
      return command.run(model, argc - 1, argv + 1);
    }
  return failUsage(format("unknown command '%s'", argv[1]), argv[0]);
}

std::optional<int> readOptions(std::span<const Option> options, int argc,
                               char **argv) {
  // Before the parsing: the help shows defaults.
  std::string description = describeOptions(options);
  bool help;
  Failure failure = parseOptions(options, argc, argv, help);
  if (!failure.empty())
    return failUsage(failure, argv[0]);
  if (!help)
    return std::nullopt;
  printf("usage: %s [options]\n\n%s  -h, --help\n", argv[0],
         description.c_str());
  return 0;
}

std::optional<int> readOptions(const abi::Model &model,
                               std::vector<Option> options,
                               const abi::Level *&level, int argc,
                               char **argv) {
  std::string names = levelNames(model, "|"), name = level ? level->name : "";
  options.push_back({0, "cpu", "LEVEL", Choice{&name, names},
                     "the code to use, one of the levels that info lists"});
  if (auto code = readOptions(options, argc, argv))
    return code;
  for (const abi::Level &each : levelsOf(model))
    if (each.name == name)
      level = &each;
  Failure failure = level ? checkLevel(model, *level) : "";
  if (failure.empty())
    return std::nullopt;
  fail(failure + "; without --cpu it runs " + chooseLevel(model)->name);
  return kExitWrongCpu;
}

int failUsage(const Failure &failure, const char *command) {
  fail(failure);
  fprintf(stderr, "see '%s --help'\n", command);
  return kExitUsage;
}

std::vector<Option> sessionOptions(SessionSettings &settings) {
  return {
      {'t', "threads", "N", Integer{&settings.threads, 0, kMaxWorkers},
       "threads; 0: one a CPU"},
      {'c', "ctx-size", "N", Integer{&settings.context, 0, UINT32_MAX},
       "tokens that fit into the context; 0: as the model allows"},
      {'b', "batch-size", "N", Integer{&settings.batchRows, 0, UINT32_MAX},
       "prompt tokens a step at most; 0: as the kernels allow"},
      {0, "no-skip", nullptr, &settings.readsAll,
       "read all weights, whatever is zero"},
  };
}

std::vector<Option> textOptions(std::string &text, std::string &file) {
  return {
      {'p', "prompt", "TEXT", &text, "the text"},
      {'f', "file", "FILE", &file, "a file with the text; -: standard input"},
  };
}

} // namespace setun::runtime
