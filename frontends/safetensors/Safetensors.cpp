//===- Safetensors.cpp ----------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/Safetensors.h"

#include "frontends/File.h"
#include "frontends/safetensors/Json.h"
#include "frontends/safetensors/Problems.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/Endian.h"

#include <tuple>

using namespace llvm;

namespace setun::frontends {

/// The limit of the format's own parser.
static constexpr uint64_t kMaxHeaderBytes = 100'000'000;
static constexpr size_t kMaxRank = 8;

static constexpr struct {
  StringLiteral name;
  unsigned bytes;
} kDTypes[] = { // in the order of DType
    {"BOOL", 1},    {"U8", 1},      {"I8", 1},  {"F8_E4M3", 1},
    {"F8_E5M2", 1}, {"F8_E8M0", 1}, {"I16", 2}, {"U16", 2},
    {"F16", 2},     {"BF16", 2},    {"I32", 4}, {"U32", 4},
    {"F32", 4},     {"I64", 8},     {"U64", 8}, {"F64", 8}};

StringRef dtypeName(DType dtype) { return kDTypes[size_t(dtype)].name; }
unsigned dtypeBytes(DType dtype) { return kDTypes[size_t(dtype)].bytes; }

std::optional<DType> parseDType(StringRef name) {
  for (auto [index, entry] : enumerate(kDTypes))
    if (entry.name == name)
      return DType(index);
  return std::nullopt;
}

std::string describe(ArrayRef<int64_t> shape) {
  auto sizes = map_range(shape, [](int64_t size) { return itostr(size); });
  return "[" + join(sizes, ", ") + "]";
}

std::string describe(const TensorInfo &tensor) {
  return (dtypeName(tensor.dtype) + " " + describe(tensor.shape)).str();
}

static Expected<DType> readDType(const json::Object &entry) {
  std::optional<StringRef> name = entry.getString("dtype");
  if (!name)
    return userError("found no 'dtype'");
  if (std::optional<DType> dtype = parseDType(*name))
    return *dtype;
  return userError("dtype '" + *name + "' is not known");
}

/// Fills in the shape; returns the bytes that it asks for.
static Expected<uint64_t> readShape(const json::Object &entry,
                                    TensorInfo &tensor) {
  const json::Array *shape = entry.getArray("shape");
  if (!shape)
    return userError("found no list 'shape'");
  if (shape->size() > kMaxRank)
    return userError("found " + Twine(shape->size()) +
                     " dimensions, expected at most " + Twine(kMaxRank));
  uint64_t bytes = dtypeBytes(tensor.dtype);
  for (const json::Value &value : *shape) {
    std::optional<int64_t> size = value.getAsInteger();
    if (!size || *size < 0)
      return userError("shape has " + shortText(value) +
                       ", expected non-negative integers");
    std::optional<uint64_t> product =
        checkedMulUnsigned(bytes, uint64_t(*size));
    if (!product)
      return userError("shape is larger than any file");
    bytes = *product;
    tensor.shape.push_back(*size);
  }
  return bytes;
}

/// Fills in where the tensor lies, relative to the payload.
static Error readRange(const json::Object &entry, TensorInfo &tensor) {
  const json::Array *range = entry.getArray("data_offsets");
  if (!range || range->size() != 2)
    return userError("found no pair 'data_offsets'");
  std::optional<uint64_t> begin = (*range)[0].getAsUINT64();
  std::optional<uint64_t> end = (*range)[1].getAsUINT64();
  if (!begin || !end || *begin > *end)
    return userError("data_offsets are not an ascending pair of integers");
  tensor.offset = *begin;
  tensor.bytes = *end - *begin;
  return Error::success();
}

static Error readTensor(const json::Value &value, TensorInfo &tensor) {
  const json::Object *entry = value.getAsObject();
  if (!entry || entry->size() != 3)
    return userError("expected an object of 'dtype', 'shape', 'data_offsets'");
  auto dtype = readDType(*entry);
  if (!dtype)
    return dtype.takeError();
  tensor.dtype = *dtype;
  auto bytes = readShape(*entry, tensor);
  if (!bytes)
    return bytes.takeError();
  if (Error error = readRange(*entry, tensor))
    return error;
  if (tensor.bytes != *bytes)
    return userError("data_offsets span " + Twine(tensor.bytes) + " bytes, " +
                     describe(tensor) + " needs " + Twine(*bytes));
  return Error::success();
}

/// A file that was cut short lacks many tensors for one cause: one problem.
static Error checkEnd(ArrayRef<TensorInfo> tensors, uint64_t payloadBytes,
                      StringRef origin) {
  uint64_t promised = 0;
  StringRef last;
  for (const TensorInfo &tensor : tensors)
    if (uint64_t end = tensor.offset + tensor.bytes; end > promised)
      promised = end, last = tensor.name;
  if (promised <= payloadBytes)
    return Error::success();
  return userError(origin + ": the payload has " + Twine(payloadBytes) +
                   " bytes, but the header promises " + Twine(promised) +
                   ", the end of tensor '" + last +
                   "'; the file is cut short, is the download complete?");
}

/// Sorts by position and finds what overlaps or is not covered.
static void checkLayout(MutableArrayRef<TensorInfo> tensors,
                        uint64_t payloadBytes, StringRef origin,
                        Problems &problems) {
  sort(tensors, [](const TensorInfo &a, const TensorInfo &b) {
    return std::tie(a.offset, a.bytes, a.name) <
           std::tie(b.offset, b.bytes, b.name);
  });
  uint64_t end = 0;
  for (const TensorInfo &tensor : tensors) {
    if (tensor.offset != end)
      problems.add(origin + ": tensor '" + tensor.name + "' starts at byte " +
                   Twine(tensor.offset) + " of the payload, expected " +
                   Twine(end) +
                   (tensor.offset < end ? ": tensors overlap"
                                        : ": bytes belong to no tensor"));
    end = tensor.offset + tensor.bytes;
  }
  if (end != payloadBytes && problems.empty())
    problems.add(origin + ": the payload has " + Twine(payloadBytes) +
                 " bytes, but the header promises " + Twine(end) +
                 "; the file has trailing bytes");
}

static Error checkMetadata(const json::Value &metadata, StringRef origin) {
  const json::Object *object = metadata.getAsObject();
  if (object && all_of(*object, [](const auto &member) {
        return member.second.getAsString().has_value();
      }))
    return Error::success();
  return userError(origin + ": '__metadata__' is not a map of strings");
}

static constexpr struct {
  StringLiteral start, what;
} kForeign[] = {{"PK\x03\x04", "a zip, as PyTorch writes"},
                {"\x80\x02", "a pickle of PyTorch's"},
                {"\x80\x04", "a pickle of Python's"},
                {"GGUF", "a GGUF file"},
                {"\x89HDF", "an HDF5 file"},
                {"\x93NUMPY", "an array of numpy's"},
                {"\x1f\x8b", "a gzip file"},
                {"{", "JSON text"}};

/// A length that is none may be the start of another format; or "".
static std::string describeForeign(StringRef contents, StringRef origin) {
  for (const auto &[start, what] : kForeign)
    if (contents.starts_with(start))
      return (origin + ": found " + what +
              ", expected safetensors; a model that transformers loads becomes "
              "that by save_pretrained(safe_serialization=True)")
          .str();
  return "";
}

/// The JSON between the length and the payload.
static Expected<StringRef> headerText(StringRef contents, StringRef origin) {
  if (contents.size() < sizeof(uint64_t))
    return userError(origin + ": found " +
                     (contents.empty() ? "an empty file"
                                       : itostr(contents.size()) + " bytes") +
                     ", too few for a safetensors file; is the download "
                     "complete?");
  uint64_t length = support::endian::read64le(contents.data());
  if (length > kMaxHeaderBytes || length > contents.size() - sizeof(uint64_t))
    if (std::string foreign = describeForeign(contents, origin);
        !foreign.empty())
      return userError(foreign);
  if (length > kMaxHeaderBytes)
    return userError(origin + ": header length is " + Twine(length) +
                     ", expected at most " + Twine(kMaxHeaderBytes) +
                     "; this is no safetensors file");
  contents = contents.drop_front(sizeof(uint64_t));
  if (length > contents.size())
    return userError(origin + ": header length is " + Twine(length) +
                     ", but only " + Twine(contents.size()) +
                     " bytes follow; is the download complete?");
  return contents.take_front(length);
}

Expected<std::vector<TensorInfo>>
readSafetensors(StringRef contents, StringRef origin, unsigned file) {
  auto text = headerText(contents, origin);
  if (!text)
    return text.takeError();
  auto header = parseJson(*text, origin);
  if (!header)
    return header.takeError();
  const json::Object *entries = header->getAsObject();
  if (!entries)
    return userError(origin + ": the header is not a JSON object");
  if (hasDuplicateKeys(*text, *header))
    return userError(origin + ": the header has the same key twice");

  Problems problems;
  std::vector<TensorInfo> tensors;
  uint64_t payload = text->end() - contents.begin();
  uint64_t payloadBytes = contents.size() - payload;
  for (StringRef key : sortedKeys(*entries)) {
    const json::Value &value = *entries->get(key);
    if (key == "__metadata__") {
      problems.add(checkMetadata(value, origin));
      continue;
    }
    TensorInfo tensor{key.str(), DType::U8, {}, file, 0, 0};
    if (Error error = readTensor(value, tensor))
      problems.add(origin + ": tensor '" + tensor.name +
                   "': " + toString(std::move(error)));
    else
      tensors.push_back(std::move(tensor));
  }
  if (Error error = checkEnd(tensors, payloadBytes, origin))
    problems.add(std::move(error));
  else if (problems.empty())
    checkLayout(tensors, payloadBytes, origin, problems);
  if (!problems.empty())
    return problems.take();
  for (TensorInfo &tensor : tensors)
    tensor.offset += payload;
  return tensors;
}

} // namespace setun::frontends
