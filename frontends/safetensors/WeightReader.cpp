//===- WeightReader.cpp - Values of a module's weights --------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/WeightReader.h"

#include "frontends/File.h"
#include "frontends/safetensors/Pages.h"
#include "frontends/safetensors/Problems.h"
#include "frontends/safetensors/Rows.h"

#include <limits>

using namespace mlir;

namespace setun::frontends {

static std::pair<int64_t, int64_t> getMatrix(tern::WeightOp weight) {
  ArrayRef<int64_t> shape = weight.getType().getShape();
  return {shape.size() == 2 ? shape[0] : 1, shape.back()};
}

static Encoding getEncoding(tern::WeightOp weight) {
  return parseEncoding(weight.getSource().getEncoding())->first;
}

static Derived getDerived(tern::WeightOp weight) {
  return parseEncoding(weight.getSource().getEncoding())->second;
}

/// Values of the file that a number is the largest of.
static uint64_t getRun(tern::WeightOp weight) {
  auto [rows, columns] = getMatrix(weight);
  return weight.getSource().getBytes() /
         encodedBytes(getEncoding(weight), rows, columns);
}

/// Why `weight` cannot be read from `files`, or "".
static std::string
findProblem(tern::WeightOp weight,
            ArrayRef<std::unique_ptr<llvm::MemoryBuffer>> files) {
  tern::SourceAttr source = weight.getSource();
  if (source.getFile() >= files.size())
    return "names a file that the module does not list";
  auto parsed = parseEncoding(source.getEncoding());
  if (!parsed)
    return ("has the unknown encoding '" + source.getEncoding() + "'").str();
  auto [encoding, derived] = *parsed;
  auto [rows, columns] = getMatrix(weight);
  constexpr int64_t kMaxWeights = std::numeric_limits<int64_t>::max() / 4;
  if (rows > kMaxWeights / columns)
    return "has a shape larger than any file";
  bool dense = isa<tern::DenseAttr>(weight.getType().getElement());
  if ((dense && encoding == Encoding::HfPacked) ||
      (!dense && derived != Derived::Nothing) ||
      (!dense && encoding != Encoding::HfPacked && !source.getQuant()))
    return "has an encoding that does not hold its type";
  if (FloatAttr quant = source.getQuant())
    if (!quant.getType().isF32() || quant.getValue().isNegative() ||
        quant.getValue().isNaN() || quant.getValue().isZero())
      return "has a quant that is no positive f32";
  if (encoding == Encoding::HfPacked && rows % 4)
    return "is packed but its rows are no multiple of 4";
  uint64_t bytes = encodedBytes(encoding, rows, columns);
  if (derived == Derived::Peaks && bytes && source.getBytes() % bytes == 0)
    bytes = std::max(bytes, source.getBytes());
  if (bytes != source.getBytes())
    return ("has " + Twine(source.getBytes()) + " bytes, expected " +
            Twine(bytes))
        .str();
  uint64_t size = files[source.getFile()]->getBufferSize();
  if (source.getOffset() > size || bytes > size - source.getOffset())
    return "lies beyond the end of its file, which must have changed since "
           "the import";
  return "";
}

/// The file may have changed since the import looked at every value.
llvm::Error WeightReader::checkValues(tern::WeightOp weight) {
  Encoding encoding = getEncoding(weight);
  auto [rows, columns] = getMatrix(weight);
  std::string name =
      (files[weight.getSource().getFile()]->getBufferIdentifier() +
       ": tensor '" + weight.getSymName() + "'")
          .str();
  llvm::Error error = encoding == Encoding::HfPacked
                          ? checkPacked(getBytes(weight), rows, columns, name)
                      : getDerived(weight) == Derived::Peaks
                          ? llvm::Error::success() // it is another's tensor
                          : checkFinite(encoding, getBytes(weight), name);
  release(weight);
  return error;
}

llvm::Expected<WeightReader> WeightReader::open(ModuleOp module) {
  auto names = module->getAttrOfType<ArrayAttr>(tern::kFilesAttr);
  if (!names)
    return userError("the module has no 'tern.files' attribute");
  WeightReader reader;
  for (Attribute name : names) {
    auto path = dyn_cast<StringAttr>(name);
    if (!path)
      return userError("'tern.files' must list paths");
    auto file = mapFile(path.getValue());
    if (!file)
      return file.takeError();
    reader.files.push_back(std::move(*file));
  }
  Problems problems;
  for (auto weight : module.getOps<tern::WeightOp>()) {
    std::string problem = findProblem(weight, reader.files);
    if (problem.empty())
      problems.add(reader.checkValues(weight));
    else
      problems.add(weight.getSymName() + ": " + problem);
  }
  if (llvm::Error error = problems.take())
    return error;
  return reader;
}

llvm::StringRef WeightReader::getBytes(tern::WeightOp weight) {
  tern::SourceAttr source = weight.getSource();
  return files[source.getFile()]->getBuffer().substr(source.getOffset(),
                                                     source.getBytes());
}

void WeightReader::readTrits(tern::WeightOp weight, int64_t first,
                             int64_t count, int8_t *out) {
  auto [rows, columns] = getMatrix(weight);
  FloatAttr quant = weight.getSource().getQuant();
  frontends::readTrits(getEncoding(weight), getBytes(weight), rows, columns,
                       first, count,
                       quant ? quant.getValue().convertToFloat() : 0, out);
}

void WeightReader::readFloats(tern::WeightOp weight, int64_t first,
                              int64_t count, float *out) {
  Derived derived = getDerived(weight);
  if (derived == Derived::Peaks)
    return readPeaks(getEncoding(weight), getBytes(weight), getRun(weight),
                     first, count, out);
  frontends::readFloats(getEncoding(weight), getBytes(weight), first, count,
                        out);
  for (int64_t i = 0; i < count && derived == Derived::Inverse; ++i)
    out[i] = float(1.0 / double(out[i]));
  tern::SourceAttr source = weight.getSource();
  for (float &value : MutableArrayRef(out, count)) {
    if (FloatAttr plus = source.getPlus())
      value += plus.getValue().convertToFloat();
    if (FloatAttr times = source.getTimes())
      value *= times.getValue().convertToFloat();
  }
}

uint64_t WeightReader::countNearTies(tern::WeightOp weight) {
  FloatAttr quant = weight.getSource().getQuant();
  if (!quant)
    return 0;
  uint64_t ties = frontends::countNearTies(
      getEncoding(weight), getBytes(weight), quant.getValue().convertToFloat());
  release(weight);
  return ties;
}

void WeightReader::release(tern::WeightOp weight) {
  tern::SourceAttr source = weight.getSource();
  releasePages(*files[source.getFile()], source.getOffset(), source.getBytes());
}

} // namespace setun::frontends
