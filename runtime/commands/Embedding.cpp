//===- Embedding.cpp - One vector of the tokens of a text -----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Embedding.h"

#include <algorithm>
#include <math.h>
#include <stdio.h>

namespace setun::runtime {

std::vector<float> pool(std::span<const float> rows, size_t width,
                        std::string_view kind) {
  size_t count = rows.size() / width;
  if (kind == "none")
    return {rows.begin(), rows.end()};
  if (kind != "mean") {
    auto row = rows.subspan(kind == "cls" ? 0 : (count - 1) * width, width);
    return {row.begin(), row.end()};
  }
  std::vector<float> mean(width);
  for (size_t i = 0; i < width; ++i) {
    double sum = 0;
    for (size_t token = 0; token < count; ++token)
      sum += rows[token * width + i];
    mean[i] = static_cast<float>(sum / double(count));
  }
  return mean;
}

void normalize(std::span<float> x, int64_t kind) {
  constexpr double kLargest = 32760;
  double sum = 0;
  for (double value : x) {
    double magnitude = fabs(value);
    if (kind == 0)
      sum = std::max(sum, magnitude / kLargest);
    else
      sum += kind == 1 ? magnitude : value * value;
  }
  if (kind < 0 || sum == 0)
    return;
  float factor = static_cast<float>(1 / (kind == 2 ? sqrt(sum) : sum));
  for (float &value : x)
    value *= factor;
}

static double cosine(std::span<const float> a, std::span<const float> b) {
  double dot = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    dot += double(a[i]) * b[i];
    aa += double(a[i]) * a[i];
    bb += double(b[i]) * b[i];
  }
  if (aa == 0 || bb == 0)
    return aa == bb; // two zero vectors are the same
  return dot / (sqrt(aa) * sqrt(bb));
}

/// A vector of several is cut short: it is for people to look at.
static void printText(const Embeddings &e) {
  constexpr size_t kShown = 16;
  bool several = e.count() > 1;
  for (size_t i = 0; i < e.count(); ++i) {
    printf("embedding %zu: ", i);
    for (float value :
         e[i].first(several ? std::min(kShown, e.width) : e.width))
      printf(e.whole ? "%6.0f " : "%9.6f ", value);
    printf("\n");
  }
  if (e.texts.size() < 2)
    return;
  printf("\ncosine similarity matrix:\n\n");
  for (const std::string &text : e.texts)
    printf("%6.6s ", text.c_str());
  printf("\n");
  for (size_t i = 0; i < e.count(); ++i) {
    for (size_t j = 0; j < e.count(); ++j)
      printf("%6.2f ", cosine(e[i], e[j]));
    printf("%1.10s\n", e.texts[i].c_str());
  }
}

static void printArray(std::span<const float> values, const char *number) {
  for (size_t i = 0; i < values.size(); ++i) {
    printf(i ? "," : "[");
    printf(number, values[i]);
  }
  printf("]");
}

static void printCosines(const Embeddings &e) {
  printf(",\n  \"cosineSimilarity\": [\n");
  for (size_t i = 0; i < e.count(); ++i) {
    printf("    [");
    for (size_t j = 0; j < e.count(); ++j)
      printf(j ? ", %6.2f" : "%6.2f", cosine(e[i], e[j]));
    printf(i + 1 < e.count() ? " ],\n" : " ]");
  }
  printf("\n  ]");
}

void printEmbeddings(const Embeddings &e, std::string_view format) {
  if (format == "text")
    return printText(e);
  bool array = format == "array";
  const char *number = e.whole ? "%1.0f" : "%1.7f";
  printf(array ? "[" : "{\n  \"object\": \"list\",\n  \"data\": [\n");
  for (size_t i = 0; i < e.count(); ++i) {
    if (!array)
      printf("    {\n      \"object\": \"embedding\",\n      \"index\": %zu,\n"
             "      \"embedding\": ",
             i);
    printArray(e[i], number);
    bool last = i + 1 == e.count();
    printf(array ? (last ? "" : ",") : (last ? "\n    }" : "\n    },\n"));
  }
  printf(array ? "]\n" : "\n  ]");
  if (format == "json+" && e.texts.size() > 1)
    printCosines(e);
  if (!array)
    printf("\n}\n");
}

} // namespace setun::runtime
