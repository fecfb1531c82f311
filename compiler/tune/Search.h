//===- Search.h - Which candidates to measure next --------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_TUNE_SEARCH_H
#define SETUN_COMPILER_TUNE_SEARCH_H

#include "compiler/tune/TuningModule.h"

#include <map>
#include <set>

namespace setun::compiler {

/// What was measured of a candidate.
struct Result {
  double nanoseconds, relative; ///< median; divided by the reference's
  unsigned runs;
};

/// Candidates of one shape, packing and batch class. It walks downhill: next
/// comes what is most like the best so far, and every third time what costs
/// least as predicted, wherever it is.
class Cell {
public:
  /// `facts`: the first one is the reference.
  Cell(llvm::SmallVector<passes::Candidate> candidates, bool facts)
      : candidates(std::move(candidates)), facts(facts) {}

  lut::TileAttr getTile(unsigned i) const { return candidates[i].tile; }
  /// The index of a tile, if it is one of the candidates.
  std::optional<unsigned> find(lut::TileAttr tile) const;
  /// `again`: beside the best ones, which confirms.
  void record(unsigned i, const Result &result, bool again = false);
  void forget();

  /// Neither measured nor in `planned`; none if nothing is left.
  std::optional<unsigned> pick(const std::set<unsigned> &planned) const;
  /// Measured ones, the fastest first.
  llvm::SmallVector<unsigned> rank() const;
  /// The same, of those not confirmed; none if the fastest of all is.
  llvm::SmallVector<unsigned> listDoubtful() const;
  /// Forgets what is faster than all that are confirmed, if any are.
  llvm::SmallVector<unsigned> dropLucky();
  unsigned getBest() const;
  std::optional<double> getBestTime() const; ///< relative, if any is measured
  size_t countMeasured() const { return results.size(); }
  size_t size() const { return candidates.size(); }

private:
  bool isReference(unsigned i) const { return facts && i == 0; }

  llvm::SmallVector<passes::Candidate> candidates; ///< the cheapest first
  bool facts;
  std::map<unsigned, Result> results;
  std::set<unsigned> confirmed;
};

/// A linear to be measured, by indices.
struct Slot {
  static constexpr size_t kClasses = std::size(passes::kBatchClasses);
  unsigned shape = 0, packing = 0;
  std::array<unsigned, kClasses> candidates{};
  std::array<bool, kClasses> wanted{}; ///< else it only fills the place
  bool reference = false;
  bool again = false; ///< known, to be confirmed
};

class Search {
public:
  Search(llvm::ArrayRef<passes::LinearShape> shapes, lut::TargetAttr target);

  /// Each shape's reference and up to `perShape` linears with candidates that
  /// nobody has measured, in at most `maxBytes` of weights but for the first;
  /// nothing when nothing is left.
  std::vector<Slot> plan(unsigned perShape, int64_t maxBytes) const;
  /// The fastest ones again beside the reference, in as many bytes, where the
  /// fastest is not confirmed.
  std::vector<Slot> planFinal(int64_t maxBytes) const;

  Trial getTrial(const Slot &slot) const;
  void record(const Slot &slot, passes::BatchClass batchClass,
              const Result &result);
  /// Something that a file knows, if it is a candidate.
  void record(const passes::LinearShape &shape, llvm::StringRef packing,
              passes::BatchClass batchClass, lut::TileAttr tile,
              const Result &result);
  void forget();
  /// Forgets what only luck makes faster than what is confirmed.
  std::vector<std::pair<Trial, passes::BatchClass>> dropLucky();

  /// Measured, and all there are; references, too.
  size_t countMeasured() const;
  size_t countCandidates() const;

private:
  struct Packing {
    lut::PackingInterface attr;
    llvm::SmallVector<Cell> cells; ///< by batch class
  };
  struct Shape {
    passes::LinearShape shape;
    llvm::SmallVector<Packing> packings; ///< that of the facts first
  };
  using Planned = std::map<std::pair<unsigned, unsigned>, std::set<unsigned>>;

  double getProduct(const Packing &packing) const;
  llvm::SmallVector<unsigned> getHopeful(const Shape &shape) const;
  std::optional<Slot> planSlot(unsigned shape, unsigned packing,
                               Planned &planned) const;
  Slot getReference(unsigned shape) const;
  std::vector<Slot> planAgain(unsigned shape) const;
  /// Adds slots of one shape behind its reference, if they fit.
  void append(std::vector<Slot> &round, std::vector<Slot> slots,
              int64_t &rest) const;

  std::vector<Shape> shapes;
};

} // namespace setun::compiler

#endif // SETUN_COMPILER_TUNE_SEARCH_H
