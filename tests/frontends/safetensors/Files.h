//===- Files.h - Checkpoints made by hand for the tests ---------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_TESTS_FRONTENDS_SAFETENSORS_FILES_H
#define SETUN_TESTS_FRONTENDS_SAFETENSORS_FILES_H

#include "llvm/Support/Endian.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <string>
#include <utility>
#include <vector>

namespace setun::frontends {

/// A directory that vanishes with its test.
class TempDirectory {
public:
  TempDirectory() {
    llvm::SmallString<128> name;
    llvm::cantFail(llvm::errorCodeToError(
        llvm::sys::fs::createUniqueDirectory("setun-test", name)));
    path = std::string(name);
  }
  ~TempDirectory() { llvm::sys::fs::remove_directories(path); }

  void write(const std::string &name, llvm::StringRef contents) const {
    std::error_code error;
    llvm::raw_fd_ostream(path + "/" + name, error) << contents;
  }

  std::string path;
};

struct Tensor {
  std::string name, dtype;
  std::vector<int64_t> shape;
  std::string bytes;
};

/// Length, header, payload, whatever they say.
inline std::string rawSafetensors(llvm::StringRef header,
                                  llvm::StringRef payload = "") {
  char length[8];
  llvm::support::endian::write64le(length, header.size());
  return std::string(length, 8) + header.str() + payload.str();
}

inline std::string safetensors(const std::vector<Tensor> &tensors) {
  llvm::json::Object header;
  std::string payload;
  for (const Tensor &tensor : tensors) {
    int64_t begin = payload.size();
    payload += tensor.bytes;
    header[tensor.name] =
        llvm::json::Object{{"dtype", tensor.dtype},
                           {"shape", tensor.shape},
                           {"data_offsets", {begin, int64_t(payload.size())}}};
  }
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(header));
  return rawSafetensors(text, payload);
}

/// The little-endian bytes of `values`.
template <typename T> std::string bytesOf(const std::vector<T> &values) {
  return std::string(reinterpret_cast<const char *>(values.data()),
                     values.size() * sizeof(T));
}

inline std::string f32(std::vector<float> values) { return bytesOf(values); }

/// What an error says; "" for success.
template <typename T> std::string messageOf(llvm::Expected<T> value) {
  return value ? "" : llvm::toString(value.takeError());
}
inline std::string messageOf(llvm::Error error) {
  return llvm::toString(std::move(error));
}

} // namespace setun::frontends

/// The message must hold `text`; prints it when it does not.
#define EXPECT_MESSAGE(value, text)                                            \
  EXPECT_PRED2(                                                                \
      [](const std::string &message, const std::string &part) {                \
        return message.find(part) != std::string::npos;                        \
      },                                                                       \
      ::setun::frontends::messageOf(value), std::string(text))

#endif // SETUN_TESTS_FRONTENDS_SAFETENSORS_FILES_H
