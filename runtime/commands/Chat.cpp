//===- Chat.cpp - Talk with the model -------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Json.h"
#include "runtime/commands/Command.h"
#include "runtime/commands/Conversation.h"
#include "runtime/commands/Generation.h"
#include "runtime/commands/Prompt.h"

#include <algorithm>
#include <errno.h>
#include <string.h>
#include <unistd.h>

namespace setun::runtime {

namespace {
struct Settings {
  std::string prompt, file, system, variables, renderFile;
  bool singleTurn = false, verbose = false, verbosePrompt = false;
  SessionSettings session;
  GenerationSettings generation;
};

/// The turns of one conversation. What the session holds of it is not
/// evaluated again.
class Chat {
public:
  Chat(const Settings &settings, Tokenizer tokenizer, Session &session,
       Conversation conversation)
      : settings(settings), generating(settings.generation),
        tokenizer(tokenizer), session(session),
        conversation(std::move(conversation)) {}

  Failure run();

private:
  void findEnds();
  bool readTurn(std::string &text);
  Failure reply(const std::string &text);
  Failure checkLength(size_t tokens) const;

  const Settings &settings;
  GenerationSettings generating;
  Tokenizer tokenizer;
  Session &session;
  Conversation conversation;
  std::vector<int32_t> held; ///< what the session holds
  bool first = true;
};
} // namespace

static volatile sig_atomic_t interrupted = 0;

/// Ctrl-C ends a reply, or a wait for the next turn.
static void catchInterrupts() {
  struct sigaction action = {};
  action.sa_handler = [](int) { interrupted = 1; };
  sigaction(SIGINT, &action, nullptr);
}

static std::vector<Option> describe(Settings &s) {
  std::vector<Option> options = {
      {'p', "prompt", "TEXT", &s.prompt, "the first message"},
      {'f', "file", "FILE", &s.file, "a file with the first message"},
      {0, "system", "TEXT", &s.system, "a system message; also -sys"},
      {0, "system-prompt", "TEXT", &s.system, nullptr},
      {0, "single-turn", nullptr, &s.singleTurn, "end after one reply"},
      {0, "chat-template-kwargs", "JSON", &s.variables,
       "variables for the template, as in {\"enable_thinking\": false}"},
      {0, "render", "FILE", &s.renderFile,
       "print the text for a JSON file with messages, tools and so on"},
      {0, "verbose-prompt", nullptr, &s.verbosePrompt,
       "print each prompt and its tokens on stderr"},
      {'v', "verbose", nullptr, &s.verbose, "print times on stderr"},
  };
  for (const std::vector<Option> &more :
       {generationOptions(s.generation), sessionOptions(s.session)})
    options.insert(options.end(), more.begin(), more.end());
  return options;
}

/// Beside those of the configuration: those that end a turn by their names,
/// and the one that the template puts there.
void Chat::findEnds() {
  std::span<const int32_t> named = tokenizer.stopTokens();
  generating.stopTokens.assign(named.begin(), named.end());
  if (auto end = conversation.endToken())
    generating.stopTokens.push_back(*end);
  generating.interrupted = &interrupted;
}

/// A line of standard input; at first what -p or -f gave. False at the end.
bool Chat::readTurn(std::string &text) {
  if (first && !settings.prompt.empty()) {
    text = settings.prompt;
    return true;
  }
  bool shows = isatty(STDIN_FILENO);
  for (text.clear(); text.empty();) {
    if (shows)
      fputs("> ", stdout);
    fflush(stdout);
    char *line = nullptr;
    size_t capacity = 0;
    ssize_t bytes = getline(&line, &capacity, stdin);
    if (bytes > 0)
      text.assign(line, bytes - (line[bytes - 1] == '\n'));
    free(line);
    if (bytes > 0)
      continue;
    if (shows)
      fputs("\n", stdout);
    return false;
  }
  return true;
}

Failure Chat::checkLength(size_t tokens) const {
  if (tokens == 0)
    return "the chat template made an empty text";
  if (tokens <= session.capacity())
    return {};
  return format("the conversation has %zu tokens, but the context holds %llu; "
                "begin a new one or give a larger -c (%s allows %u)",
                tokens, (unsigned long long)session.capacity(),
                session.model().name, session.model().contextLength);
}

Failure Chat::reply(const std::string &text) {
  conversation.add("user", text);
  chat::Text rendered;
  Failure failure = conversation.render(rendered);
  if (!failure.empty())
    return failure;
  std::vector<int32_t> prompt = conversation.encode(rendered);
  if (settings.verbosePrompt)
    printPrompt(tokenizer, rendered.view(), prompt);
  failure = checkLength(prompt.size());
  if (!failure.empty())
    return failure;
  auto differs =
      std::mismatch(held.begin(), held.end(), prompt.begin(), prompt.end() - 1);
  session.rewind(differs.first - held.begin());

  Printer printer(/*asIds=*/false, tokenizer, generating.stopStrings);
  printer.skip(prompt);
  Generation generation(session, generating, printer);
  failure = generation.start(prompt);
  if (failure.empty())
    failure = generation.finish();
  std::span<const int32_t> evaluated = generation.evaluated();
  held.assign(evaluated.begin(), evaluated.end());
  conversation.add("assistant", printer.reply());
  ++generating.seed;
  if (settings.verbose)
    generation.printTimes();
  return failure;
}

Failure Chat::run() {
  findEnds();
  catchInterrupts();
  std::string text;
  Failure failure;
  while (failure.empty() && (first || !settings.singleTurn)) {
    if (interrupted || !readTurn(text))
      break;
    failure = reply(text);
    first = false;
    interrupted = 0; // that was for the reply
  }
  return failure;
}

/// The text of a JSON file's messages, on standard output.
static Failure renderFile(const std::string &path,
                          const chat::Templates &templates) {
  std::string json;
  Failure failure = readFile(path, json);
  chat::Value variables;
  if (failure.empty())
    failure = chat::readJson(json, variables);
  if (failure.empty() && !variables.is(chat::Type::Dict))
    failure = "expected an object with messages";
  if (!failure.empty())
    return path + ": " + failure;
  chat::Text text;
  failure = templates.render(variables, text);
  fwrite(text.view().data(), 1, failure.empty() ? text.size() : 0, stdout);
  if (failure.empty() && (fflush(stdout) || ferror(stdout)))
    return "cannot write the output";
  return failure;
}

static Failure converse(const abi::Model &model, const abi::Level &level,
                        const Settings &settings, chat::Templates templates) {
  Failure failure;
  std::optional<Tokenizer> tokenizer = findTokenizer(model, failure);
  if (!tokenizer)
    return failure;
  Conversation conversation(templates, *tokenizer);
  failure = conversation.setVariables(settings.variables);
  if (!settings.system.empty())
    conversation.add("system", settings.system);
  if (!failure.empty())
    return failure;
  auto session = Session::create(model, level, settings.session, failure);
  if (!session)
    return failure;
  return Chat(settings, *tokenizer, *session, conversation).run();
}

int chatCommand(const abi::Model &model, int argc, char **argv) {
  Settings settings;
  static char system[] = "--system";
  for (int i = 1; i < argc; ++i)
    if (strcmp(argv[i], "-sys") == 0)
      argv[i] = system;
  const abi::Level *level = chooseLevel(model);
  if (auto code = readOptions(model, describe(settings), level, argc, argv))
    return *code;
  Failure failure = settings.generation.complete(model);
  if (!failure.empty())
    return failUsage(failure, argv[0]);
  std::string text;
  failure = readText(settings.prompt, settings.file, text);
  settings.prompt = text;
  if (!failure.empty())
    return fail(failure);
  std::optional<chat::Templates> templates = findTemplates(model, failure);
  if (!templates)
    return fail(failure);
  failure = settings.renderFile.empty()
                ? converse(model, *level, settings, *templates)
                : renderFile(settings.renderFile, *templates);
  return failure.empty() ? 0 : fail(failure);
}

} // namespace setun::runtime
