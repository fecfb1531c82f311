//===- Generation.cpp - Evaluate, choose, show ----------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Generation.h"
#include "runtime/support/Clock.h"

#include <algorithm>

namespace setun::runtime {

/// The most rows of a step that verifies guesses.
static size_t mostRows(const Session &session,
                       const GenerationSettings &settings) {
  size_t rows = session.smallRows();
  if (settings.draftMost)
    rows = std::min<size_t>(rows, settings.draftMost + 1);
  return rows;
}

Generation::Generation(Session &session, const GenerationSettings &settings,
                       Printer &printer)
    : session(session), settings(settings),
      sampler(settings.sampler, settings.seed), printer(printer),
      lookup(settings.lookup ? session.capacity() + 1 : 0),
      draftLength(mostRows(session, settings)) {}

void Generation::accept(int32_t token) {
  sampler.accept(token);
  sequence.push_back(token);
  if (settings.lookup)
    lookup.add(token);
}

bool Generation::isStop(int32_t token) const {
  const abi::Model &model = session.model();
  auto holds = [&](std::span<const int32_t> ids) {
    return std::find(ids.begin(), ids.end(), token) != ids.end();
  };
  return holds({model.stopTokens, model.numStopTokens}) ||
         holds(settings.stopTokens);
}

/// A screened head leads to the same choice, but has no logits to dump.
bool Generation::evaluate(std::span<const int32_t> tokens, size_t firstRow) {
  screening = session.screens() && !dump.wanted() && !sampler.needsAll();
  if (screening)
    return session.screen(tokens, firstRow);
  logits = session.evaluate(tokens, firstRow);
  return logits;
}

int32_t Generation::chooseFrom(size_t row) {
  if (screening)
    return sampler.choose(session.screened(row));
  size_t width = session.model().vocabSize;
  std::span all(logits + row * width, width);
  failure = dump.write(all);
  return sampler.choose(all);
}

/// The next token, from a row of the last step.
int32_t Generation::choose(size_t row) {
  int32_t token = chooseFrom(row);
  accept(token);
  ++made;
  stopped = isStop(token) && !settings.ignoreEos;
  if (!stopped || settings.outputIds)
    stopped |= !printer.add(token);
  return token;
}

/// Puts guesses behind the last token, as many as are worth it.
void Generation::guess() {
  size_t rows = std::min<size_t>(mostRows(session, settings), session.room());
  if (settings.predict >= 0)
    rows = std::min<size_t>(rows, settings.predict - made);
  if (!settings.lookup || rows < 2)
    return;
  odds.resize(rows - 1);
  next.resize(rows);
  odds.resize(lookup.guess(std::span(next).subspan(1), odds));
  size_t least = std::min<size_t>(settings.draftLeast, odds.size());
  next.resize(1 + std::max(least, draftLength.choose(odds)));
  guessed += next.size() - 1;
}

/// Appends the tokens and chooses, from firstRow on, until a choice differs
/// from the token that was appended in its place; what lies behind it goes.
Failure Generation::step(std::span<const int32_t> tokens, size_t firstRow) {
  uint64_t begin = nanoseconds();
  if (!evaluate(tokens, firstRow))
    return "no memory for the logits";
  uint64_t evaluated = nanoseconds() - begin;
  size_t row = firstRow;
  int32_t token;
  do {
    token = choose(row - firstRow);
    ++row;
  } while (row < tokens.size() && token == tokens[row] && !finished() &&
           failure.empty());
  session.rewind(session.length() - (tokens.size() - row));
  next.assign(1, token);
  bool first = prefill.tokens == 0;
  Timing &timing = first ? prefill : decode;
  timing.tokens += first ? tokens.size() : row;
  timing.nanoseconds += nanoseconds() - begin;
  if (!first) {
    draftLength.measured(tokens.size(), row, evaluated);
    guessedRight += row - 1;
  }
  return failure;
}

/// How many tokens of the prompt stay in the context for good.
static size_t countKept(const GenerationSettings &settings,
                        std::span<const int32_t> prompt,
                        const Session &session) {
  bool begins = !prompt.empty() && prompt[0] == session.model().bosToken;
  size_t wanted = settings.keep < 0 ? prompt.size() : settings.keep + begins;
  return std::min(wanted, prompt.size());
}

/// Forgets half of the full context behind what is kept. The rest is computed
/// anew: logits are those of a text that began so.
void Generation::shift() {
  uint64_t begin = nanoseconds();
  size_t length = session.length();
  size_t first = std::min(kept, length - 1);
  size_t forgotten = std::max<size_t>((length - first) / 2, 1);
  auto from = sequence.begin() + first;
  sequence.erase(from, from + forgotten);
  session.restart();
  std::span rest(sequence.data(), length - forgotten);
  session.evaluate(rest, rest.size());
  shifts.tokens += rest.size();
  shifts.nanoseconds += nanoseconds() - begin;
}

Failure Generation::start(std::span<const int32_t> prompt) {
  for (int32_t token : prompt)
    accept(token);
  kept = countKept(settings, prompt, session);
  failure = dump.open(settings.logitsFile);
  next.assign(prompt.begin() + session.length(), prompt.end());
  if (finished()) // -n 0
    session.evaluate(next, next.size());
  else if (failure.empty())
    failure = step(std::vector(next), next.size() - 1);
  return failure;
}

Failure Generation::finish() {
  while (failure.empty() && !finished()) {
    if (session.room() == 0 && settings.shift)
      shift();
    if (session.room() == 0) {
      fprintf(stderr, "note: the context of %llu tokens is full\n",
              (unsigned long long)session.capacity());
      break;
    }
    guess();
    failure = step(std::vector(next), 0);
  }
  if (failure.empty())
    failure = printer.finish();
  return failure.empty() ? dump.finish() : failure;
}

void Generation::Timing::print(const char *what) const {
  fprintf(stderr, "%-10s  %6llu tokens  %10.2f ms  %10.2f tokens/s\n", what,
          (unsigned long long)tokens, nanoseconds / 1e6,
          nanoseconds ? tokens * 1e9 / nanoseconds : 0.0);
}

void Generation::printTimes() const {
  prefill.print("prompt");
  decode.print("generation");
  if (shifts.tokens)
    shifts.print("shift");
  if (screening)
    fprintf(stderr, "head        %6llu KB of its rows a token\n",
            (unsigned long long)(session.computedBytes() / made / 1000));
  for (const Zeros &zeros : session.zeros())
    fprintf(stderr, "zeros       %5.1f %%, %5.1f %% of the lines skipped: %s\n",
            100 * zeros.share, 100 * zeros.skipped, zeros.weight);
  if (settings.lookup)
    fprintf(stderr, "lookup      %6llu tokens guessed, %llu right\n",
            (unsigned long long)guessed, (unsigned long long)guessedRight);
}

} // namespace setun::runtime
