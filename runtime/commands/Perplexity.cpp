//===- Perplexity.cpp - How well the model predicts a text ----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// As llama-perplexity counts (ggml-org/llama.cpp, tools/perplexity): the text
// is cut into chunks of the context's length, which do not know each other; of
// each, tokens of the second half are predicted, and the first becomes the
// model's beginning.
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Command.h"
#include "runtime/commands/Prompt.h"
#include "runtime/support/Math.h"

#include <algorithm>
#include <math.h>
#include <stdio.h>

namespace setun::runtime {

/// Predictions whose logits are kept at once.
static constexpr size_t kPredictions = 64;

namespace {
/// Negative log-likelihoods, in nats.
struct Surprise {
  double sum = 0, squares = 0;
  uint64_t count = 0;

  void add(double nll) {
    sum += nll;
    squares += nll * nll;
    ++count;
  }
  double perplexity() const { return 1 / expOfNegative(-sum / count); }
  /// Standard error of the perplexity; 0 of a single token.
  double error() const {
    double mean = sum / count, variance = squares / count - mean * mean;
    if (count < 2 || !(variance > 0))
      return 0;
    return sqrt(variance / (count - 1)) * perplexity();
  }
};
} // namespace

/// −ln softmax(logits)[token], in fp64.
static double surpriseAt(std::span<const float> logits, int32_t token) {
  float peak = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (float logit : logits)
    sum += expOfNegative(double(logit) - double(peak));
  return logOfLarge(sum) - (double(logits[token]) - double(peak));
}

/// The tokens of one chunk from `first` + 1 on, each from all before it. False
/// when memory for the logits is short.
static bool predict(Session &session, std::span<const int32_t> chunk,
                    size_t first, Surprise &surprise) {
  session.restart();
  if (first && !session.evaluate(chunk.first(first)))
    return false;
  size_t vocabulary = session.model().vocabSize, last = chunk.size() - 1;
  double nll[kPredictions];
  for (size_t at = first; at < last; at += kPredictions) {
    size_t count = std::min(kPredictions, last - at);
    const float *logits = session.evaluate(chunk.subspan(at, count), 0);
    if (!logits)
      return false;
    WorkerPool &workers = session.workers();
    workers.run([&](uint64_t worker) {
      for (size_t i = worker; i < count; i += workers.size())
        nll[i] = surpriseAt({logits + i * vocabulary, vocabulary},
                            chunk[at + i + 1]);
    });
    for (size_t i = 0; i < count; ++i)
      surprise.add(nll[i]);
  }
  return true;
}

static Failure measure(Session &session, std::vector<int32_t> &ids,
                       size_t chunks, int32_t begin, Surprise &surprise) {
  size_t length = session.capacity();
  fprintf(stderr,
          "perplexity: calculating perplexity over %zu chunks, "
          "n_ctx=%zu\n",
          chunks, length);
  for (size_t i = 0; i < chunks; ++i) {
    std::span<int32_t> chunk(ids.data() + i * length, length);
    if (begin >= 0)
      chunk[0] = begin;
    if (!predict(session, chunk, length / 2, surprise))
      return "no memory for the logits";
    printf("[%zu]%.4f,", i + 1, surprise.perplexity());
    fflush(stdout);
  }
  printf("\nFinal estimate: PPL = %.4f +/- %.5f\n", surprise.perplexity(),
         surprise.error());
  return {};
}

/// The text's tokens; `begin`: what the model wants before a text, or −1.
static Failure readTokens(const abi::Model &model, const std::string &prompt,
                          const std::string &file, std::vector<int32_t> &ids,
                          int32_t &begin) {
  Failure failure;
  std::optional<Tokenizer> tokenizer = findTokenizer(model, failure);
  std::string text;
  if (tokenizer)
    failure = readText(prompt, file, text);
  if (!failure.empty())
    return failure;
  ids = tokenizer->encode(text, /*addSpecial=*/true, /*parseSpecial=*/false);
  begin = tokenizer->addsBos() ? tokenizer->bosToken() : -1;
  return {};
}

int perplexityCommand(const abi::Model &model, int argc, char **argv) {
  constexpr int64_t kShortest = 4;
  std::string prompt, file;
  SessionSettings settings;
  settings.context = std::min<int64_t>(512, model.contextLength);
  int64_t wanted = -1;
  std::vector<Option> options = textOptions(prompt, file);
  for (const Option &option : sessionOptions(settings))
    options.push_back(option);
  options.push_back({0, "chunks", "N", Integer{&wanted, -1, UINT32_MAX},
                     "of the text at most; -1: all"});
  const abi::Level *level = chooseLevel(model);
  if (auto code = readOptions(model, options, level, argc, argv))
    return *code;
  std::vector<int32_t> ids;
  int32_t begin;
  Failure failure = readTokens(model, prompt, file, ids, begin);
  std::unique_ptr<Session> session;
  if (failure.empty())
    session = Session::create(model, *level, settings, failure);
  if (!session)
    return fail(failure);
  size_t length = session->capacity();
  if (length < size_t(kShortest) || ids.size() < 2 * length)
    return fail(format("found %zu tokens and a context of %zu, expected at "
                       "least two contexts of %d or more: take a longer text "
                       "or a smaller -c",
                       ids.size(), length, int(kShortest)));
  size_t chunks = ids.size() / length;
  if (wanted >= 0)
    chunks = std::min<size_t>(chunks, wanted);
  if (!chunks)
    return fail("--chunks 0: nothing to measure");
  Surprise surprise;
  failure = measure(*session, ids, chunks, begin, surprise);
  if (!failure.empty())
    return fail(failure);
  return ferror(stdout) ? fail("cannot write the output") : 0;
}

} // namespace setun::runtime
