//===- Embed.cpp - Texts become vectors -----------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Flags and output are those of llama-embedding (ggml-org/llama.cpp).
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Command.h"
#include "runtime/commands/Embedding.h"
#include "runtime/commands/Prompt.h"

#include <algorithm>
#include <stdio.h>

namespace setun::runtime {

namespace {
struct EmbedSettings {
  std::string prompt, file, pooling, output = "text", separator = "\n";
  std::optional<std::string> ids;
  int64_t normalization = 2;
  SessionSettings session;
};
} // namespace

static std::vector<Option> embedOptions(EmbedSettings &settings) {
  std::vector<Option> options = textOptions(settings.prompt, settings.file);
  for (const Option &option : sessionOptions(settings.session))
    options.push_back(option);
  options.push_back({0, "ids", "1,2,3", &settings.ids, "tokens, not a text"});
  options.push_back({0, "pooling", "KIND",
                     Choice{&settings.pooling, "none|mean|cls|last"},
                     "which tokens the vector is made of"});
  options.push_back({0, "embd-normalize", "N",
                     Integer{&settings.normalization, -1, 2},
                     "-1: not, 0: the largest is 32760, 1: taxicab, "
                     "2: Euclidean"});
  options.push_back({0, "embd-output-format", "FORMAT",
                     Choice{&settings.output, "text|array|json|json+"},
                     "how vectors are printed"});
  options.push_back(
      {0, "embd-separator", "TEXT", &settings.separator, "between two texts"});
  return options;
}

/// The texts between separators that are not empty.
static std::vector<std::string> split(const std::string &text,
                                      const std::string &separator) {
  std::vector<std::string> texts;
  for (size_t begin = 0, end; begin <= text.size();
       begin = end + std::max<size_t>(separator.size(), 1)) {
    end = separator.empty() ? text.npos : text.find(separator, begin);
    end = std::min(end, text.size());
    if (end > begin)
      texts.push_back(text.substr(begin, end - begin));
  }
  return texts;
}

/// The tokens of each text; without texts, of ids.
static Failure readInputs(const abi::Model &model,
                          const EmbedSettings &settings,
                          std::vector<std::string> &texts,
                          std::vector<std::vector<int32_t>> &inputs) {
  if (settings.ids && !(settings.prompt + settings.file).empty())
    return "give the input as text or with --ids, not both";
  if (settings.ids) {
    Failure failure = parseIds(model, *settings.ids, inputs.emplace_back());
    if (failure.empty() && inputs[0].empty())
      failure = "--ids: found no tokens";
    return failure;
  }
  Failure failure;
  std::optional<Tokenizer> tokenizer = findTokenizer(model, failure);
  std::string all;
  if (tokenizer)
    failure = readText(settings.prompt, settings.file, all);
  if (!failure.empty())
    return failure;
  texts = split(all, settings.separator);
  if (texts.empty())
    return "found no text; give one with -p or -f";
  for (const std::string &text : texts)
    inputs.push_back(tokenizer->encode(text, /*addSpecial=*/true));
  return {};
}

static Failure embed(Session &session, std::span<const int32_t> ids,
                     const EmbedSettings &settings, Embeddings &out) {
  if (ids.empty() || ids.size() > session.capacity())
    return format("found a text of %zu tokens, expected 1 to %llu: the context "
                  "is that long",
                  ids.size(), (unsigned long long)session.capacity());
  std::vector<float> rows(ids.size() * out.width);
  session.restart();
  session.readRows(ids, rows.data());
  std::vector<float> vectors = pool(rows, out.width, settings.pooling);
  for (size_t i = 0; i < vectors.size(); i += out.width)
    normalize({vectors.data() + i, out.width}, settings.normalization);
  out.values.insert(out.values.end(), vectors.begin(), vectors.end());
  return {};
}

int embedCommand(const abi::Model &model, int argc, char **argv) {
  EmbedSettings settings;
  settings.pooling = model.pooling;
  const abi::Level *level = chooseLevel(model);
  if (auto code = readOptions(model, embedOptions(settings), level, argc, argv))
    return *code;
  std::vector<std::vector<int32_t>> inputs;
  Embeddings out = {{}, model.hiddenSize, {}, settings.normalization == 0};
  Failure failure = readInputs(model, settings, out.texts, inputs);
  std::unique_ptr<Session> session;
  if (failure.empty())
    session = Session::create(model, *level, settings.session, failure);
  for (size_t i = 0; session && failure.empty() && i < inputs.size(); ++i)
    failure = embed(*session, inputs[i], settings, out);
  if (!failure.empty())
    return fail(failure);
  if (settings.pooling == "none")
    out.texts.clear();
  printEmbeddings(out, settings.output);
  return fflush(stdout) || ferror(stdout) ? fail("cannot write the output") : 0;
}

} // namespace setun::runtime
