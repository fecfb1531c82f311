//===- Choices.cpp - What measurements choose -----------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tuning/Choices.h"

#include "compiler/tuning/Convert.h"

#include <cmath>
#include <limits>

using setun::passes::BatchClass;
using setun::passes::LinearShape;

namespace setun::tuning {

double getProduct(std::optional<double> decode, std::optional<double> prefill) {
  return decode && prefill ? *decode * *prefill
                           : std::numeric_limits<double>::infinity();
}

namespace {
/// The measurements of one shape on one machine.
class Measured {
public:
  void add(unsigned threads, int session, const Measurement &measurement) {
    BatchClass batchClass =
        *passes::symbolizeBatchClass(measurement.batch_class());
    auto &[most, candidates] = classes[batchClass];
    if (threads < most)
      return;
    if (threads > most)
      candidates.clear();
    most = threads;
    candidates[{measurement.packing(),
                measurement.tile().SerializeAsString()}] = {&measurement,
                                                            session};
  }

  Choice choose() const;

private:
  struct Class {
    unsigned threads = 0;
    /// By packing and tile.
    std::map<std::pair<std::string, std::string>,
             std::pair<const Measurement *, int>>
        candidates;
  };
  using Fastest = std::map<std::pair<std::string, BatchClass>, Best>;

  Fastest findFastest() const;
  std::string getReference() const;
  static std::string choosePacking(const Fastest &fastest,
                                   const std::string &reference);

  std::map<BatchClass, Class> classes;
};
} // namespace

Measured::Fastest Measured::findFastest() const {
  Fastest fastest;
  for (auto &[batchClass, measured] : classes)
    for (auto &[key, candidate] : measured.candidates) {
      auto [measurement, session] = candidate;
      Best best{measurement->tile(), measurement->relative(), session};
      auto [known, isNew] = fastest.try_emplace({key.first, batchClass}, best);
      if (!isNew && best.relative < known->second.relative)
        known->second = best;
    }
  return fastest;
}

/// The packing that facts choose, "" if it was not measured.
std::string Measured::getReference() const {
  for (auto &[batchClass, measured] : classes)
    for (auto &[key, candidate] : measured.candidates)
      if (candidate.first->reference())
        return key.first;
  return "";
}

std::string Measured::choosePacking(const Fastest &fastest,
                                    const std::string &reference) {
  auto getTime = [&](const std::string &packing, BatchClass batchClass) {
    auto best = fastest.find({packing, batchClass});
    return best == fastest.end() ? std::nullopt
                                 : std::optional(best->second.relative);
  };
  auto getOwn = [&](const std::string &packing) {
    return getProduct(getTime(packing, BatchClass::Decode),
                      getTime(packing, BatchClass::Prefill));
  };
  std::string chosen;
  double smallest = getOwn(reference) * kWorthwhile;
  if (std::isinf(smallest))
    return "";
  for (auto &[key, best] : fastest)
    if (double product = getOwn(key.first);
        key.first != reference && product <= smallest) {
      smallest = product;
      chosen = key.first;
    }
  return chosen;
}

Choice Measured::choose() const {
  Choice choice;
  std::string reference = getReference();
  Fastest fastest = findFastest();
  choice.packing = choosePacking(fastest, reference);
  for (auto &[key, best] : fastest) {
    bool isOther = !reference.empty() && key.first != reference;
    if (isOther || best.relative <= kWorthwhile)
      choice.tiles.emplace(key, best);
  }
  return choice;
}

std::map<LinearShape, Choice> listChoices(const Tuning &tuning,
                                          llvm::StringRef target,
                                          llvm::StringRef producer) {
  std::map<LinearShape, Measured> measured;
  for (int i = 0; i < tuning.sessions_size(); ++i) {
    const Session &session = tuning.sessions(i);
    const Machine &machine = session.machine();
    if (machine.target() != target || machine.producer() != producer)
      continue;
    for (const Measurement &measurement : session.measurements())
      measured[toShape(measurement.linear())].add(machine.threads(), i,
                                                  measurement);
  }
  std::map<LinearShape, Choice> choices;
  for (auto &[shape, each] : measured)
    if (Choice choice = each.choose(); !choice.tiles.empty())
      choices.emplace(shape, std::move(choice));
  return choices;
}

} // namespace setun::tuning
