//===- LinkTest.cpp - Executables with weights ----------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/link/Link.h"

#include "codegen/link/RuntimeObjects.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "gtest/gtest.h"

#include <csignal>
#include <sys/resource.h>

using namespace llvm;
using namespace setun::codegen;

namespace {

/// The bytes of a small model: no two pages alike.
std::string makeWeights(size_t bytes) {
  std::string weights(bytes, '\0');
  uint64_t state = 1;
  for (char &byte : weights)
    byte = (state = state * 6364136223846793005u + 1442695040888963407u) >> 56;
  return weights;
}

/// What the program of Inputs/runtime.c prints (FNV-1a).
std::string checksum(StringRef bytes) {
  uint64_t sum = 14695981039346656037u;
  for (unsigned char byte : bytes)
    sum = (sum ^ byte) * 1099511628211u;
  char text[17];
  snprintf(text, sizeof(text), "%016lx", sum);
  return text;
}

class LinkTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(sys::fs::createUniqueDirectory("setun-link", folder));
    path = (folder + "/exe").str();
  }
  void TearDown() override { sys::fs::remove_directories(folder); }

  static std::string fixture(StringRef name, StringRef arch) {
    auto file = MemoryBuffer::getFile(Twine(LINK_FIXTURES "/") + name + "-" +
                                      arch + ".o");
    return file ? (*file)->getBuffer().str() : "";
  }

  Error link(StringRef weights, StringRef arch = "x86_64") {
    return linkStreamed(
        weights.size(),
        [&](raw_fd_ostream &stream) {
          // In pieces, as the compiler does.
          for (StringRef rest = weights; !rest.empty();
               rest = rest.drop_front(std::min<size_t>(rest.size(), 70001)))
            stream << rest.take_front(70001);
          return Error::success();
        },
        arch);
  }

  Error linkStreamed(uint64_t bytes,
                     function_ref<Error(raw_fd_ostream &)> write,
                     StringRef arch = "x86_64") {
    const std::string model = fixture("model", arch);
    const std::string runtime = fixture("runtime", arch);
    LinkInput input{
        model, runtime, Triple(arch + "-unknown-linux-musl"), bytes,
        [&](raw_fd_ostream &stream, uint64_t) { return write(stream); }};
    return linkExecutable(input, path);
  }

  /// Its output, or "exit N" (a signal: -2).
  std::string run(std::vector<StringRef> arguments, StringRef emulator = "") {
    const std::string output = (folder + "/stdout").str();
    arguments.insert(arguments.begin(), path);
    if (!emulator.empty())
      arguments.insert(arguments.begin(), emulator);
    const int code = sys::ExecuteAndWait(arguments[0], arguments, std::nullopt,
                                         {"", output, ""});
    return code ? "exit " + std::to_string(code) : read(output);
  }

  static std::string read(StringRef file) {
    auto bytes = MemoryBuffer::getFile(file);
    return bytes ? (*bytes)->getBuffer().str() : "";
  }

  std::vector<std::string> filesLeft() {
    std::vector<std::string> names;
    std::error_code error;
    for (sys::fs::directory_iterator at(folder, error), end;
         at != end && !error; at.increment(error))
      names.push_back(sys::path::filename(at->path()).str());
    return names;
  }

  SmallString<128> folder;
  std::string path;
};

/// "" on success, so that a failure shows its text.
std::string text(Error error) { return toString(std::move(error)); }

TEST_F(LinkTest, ReadsItsWeights) {
  for (size_t bytes : {0u, 1u, 4095u, 65536u, 65537u, 5000011u}) {
    const std::string weights = makeWeights(bytes);
    ASSERT_EQ(text(link(weights)), "");
    EXPECT_EQ(run({"sum", "0", std::to_string(bytes)}), checksum(weights));
    EXPECT_EQ(filesLeft().size(), 2u); // the executable and its stdout
  }
}

TEST_F(LinkTest, WeightsAreReadOnly) {
  ASSERT_EQ(text(link("trit")), "");
  EXPECT_EQ(run({"poke"}), "exit -2");
}

TEST_F(LinkTest, OtherMachines) {
  const std::string weights = makeWeights(100003);
  for (StringRef arch : {"aarch64", "riscv64"}) {
    ASSERT_EQ(text(link(weights, arch)), "");
    auto emulator = sys::findProgramByName(("qemu-" + arch).str());
    if (!emulator)
      emulator = sys::findProgramByName(("qemu-" + arch + "-static").str());
    if (emulator)
      EXPECT_EQ(run({"sum", "0", "100003"}, *emulator), checksum(weights));
  }
}

/// The loaded segments of the executable, by address.
std::vector<object::ELF64LE::Phdr> loadSegments(StringRef path) {
  auto file = cantFail(object::ObjectFile::createObjectFile(path));
  const auto &elf =
      cast<object::ELF64LEObjectFile>(file.getBinary())->getELFFile();
  std::vector<object::ELF64LE::Phdr> segments;
  for (const auto &header : cantFail(elf.program_headers()))
    if (header.p_type == ELF::PT_LOAD && header.p_memsz)
      segments.push_back(header);
  return segments;
}

// AArch64's kernels are built for pages of 4, 16 or 64 KiB. A segment that is
// not congruent, or shares a page with one of other rights, cannot be mapped.
TEST_F(LinkTest, PagesOfEveryKernel) {
  const std::pair<StringRef, uint64_t> machines[] = {
      {"x86_64", 4096}, {"aarch64", 65536}, {"riscv64", 4096}};
  for (auto [arch, page] : machines) {
    SCOPED_TRACE(arch.str());
    ASSERT_EQ(text(link(makeWeights(100003), arch)), "");
    auto segments = loadSegments(path);
    ASSERT_GE(segments.size(), 3u);
    uint64_t free = 0; // the first page behind the segment before
    for (const auto &segment : segments) {
      EXPECT_GE(segment.p_align, page);
      EXPECT_EQ(segment.p_offset % page, segment.p_vaddr % page);
      EXPECT_GE(segment.p_vaddr / page * page, free);
      free = alignTo(segment.p_vaddr + segment.p_memsz, page);
    }
    EXPECT_EQ(segments.back().p_vaddr % 65536, 0u);
    EXPECT_EQ(segments.back().p_filesz, 100003u);
  }
}

TEST_F(LinkTest, SegmentAndSectionAgree) {
  for (uint64_t bytes : {uint64_t(100), uint64_t(70) << 20}) {
    ASSERT_EQ(text(linkStreamed(bytes,
                                [&](raw_fd_ostream &stream) {
                                  stream.seek(stream.tell() + bytes);
                                  return Error::success();
                                })),
              "");
    auto file = object::ObjectFile::createObjectFile(path);
    ASSERT_TRUE(bool(file));
    const auto &elf =
        cast<object::ELF64LEObjectFile>(file->getBinary())->getELFFile();

    auto segments = cantFail(elf.program_headers());
    const auto &last = *llvm::find_if(reverse(segments), [](auto &header) {
      return header.p_type == ELF::PT_LOAD;
    });
    const uint64_t alignment = bytes > (64 << 20) ? 2 << 20 : 64 << 10;
    EXPECT_EQ(last.p_flags, unsigned(ELF::PF_R));
    EXPECT_EQ(last.p_filesz, bytes);
    EXPECT_EQ(last.p_memsz, bytes);
    EXPECT_EQ(last.p_align, alignment);
    EXPECT_EQ(last.p_offset % alignment, 0u);
    EXPECT_EQ(last.p_vaddr % alignment, 0u);
    EXPECT_EQ(last.p_offset + bytes, file->getBinary()->getData().size());
    for (const auto &header : segments)
      EXPECT_NE(header.p_type, unsigned(ELF::PT_INTERP));

    bool found = false;
    for (const auto &section : cantFail(elf.sections())) {
      if (cantFail(elf.getSectionName(section)) != ".setun_weights")
        continue;
      found = true;
      EXPECT_EQ(section.sh_type, unsigned(ELF::SHT_PROGBITS));
      EXPECT_EQ(section.sh_offset, last.p_offset);
      EXPECT_EQ(section.sh_size, bytes);
    }
    EXPECT_TRUE(found);
  }
}

TEST_F(LinkTest, SameBytesEachTime) {
  const std::string weights = makeWeights(12345);
  ASSERT_EQ(text(link(weights)), "");
  const std::string first = read(path);
  path = (folder + "/another-name").str();
  ASSERT_EQ(text(link(weights)), "");
  EXPECT_FALSE(first.empty());
  EXPECT_TRUE(first == read(path));
}

TEST_F(LinkTest, AboveTwoGigabytes) {
  const uint64_t bytes = (uint64_t(5) << 29) + 7; // 2.5 GiB, nearly all a hole
  if (cantFail(errorOrToExpected(sys::fs::disk_space(folder))).available <
      bytes + (1 << 20))
    GTEST_SKIP() << "the disk has no room for 2.5 GiB";
  ASSERT_EQ(text(linkStreamed(bytes,
                              [&](raw_fd_ostream &stream) {
                                stream.seek(stream.tell() + bytes - 7);
                                stream << "ternary";
                                return Error::success();
                              })),
            "");
  EXPECT_EQ(run({"sum", std::to_string(bytes - 7), "7"}), checksum("ternary"));
}

TEST_F(LinkTest, FailingWriterLeavesTheOldFile) {
  ASSERT_EQ(text(link("old")), "");
  const std::string old = read(path);
  EXPECT_EQ(text(linkStreamed(9,
                              [](raw_fd_ostream &stream) {
                                stream << "some";
                                return createStringError("no such tensor");
                              })),
            "no such tensor");
  EXPECT_TRUE(old == read(path));
  EXPECT_EQ(filesLeft(), std::vector<std::string>{"exe"});
}

TEST_F(LinkTest, WriterThatWritesTooLittle) {
  EXPECT_NE(text(linkStreamed(9,
                              [](raw_fd_ostream &stream) {
                                stream << "short";
                                return Error::success();
                              }))
                .find("came to 5 bytes, expected 9"),
            std::string::npos);
  EXPECT_TRUE(filesLeft().empty());
}

TEST_F(LinkTest, DiskThatFillsUp) {
  const std::string weights = makeWeights(3 << 20);
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small = {1 << 20, before.rlim_max};
  auto handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string error = text(link(weights));
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(error, "'" + path + "': File too large");
  EXPECT_TRUE(filesLeft().empty());
}

TEST_F(LinkTest, PlacesThatCannotBeWritten) {
  path = (folder + "/nowhere/exe").str();
  EXPECT_EQ(text(link("x")), "'" + path + "': No such file or directory");
  path = folder.str();
  EXPECT_NE(text(link("x")).find("is not a regular file"), std::string::npos);
  path = "/dev/null";
  EXPECT_NE(text(link("x")).find("is not a regular file"), std::string::npos);
}

TEST_F(LinkTest, LinkerErrorsAreReadable) {
  const std::string runtime = fixture("runtime", "x86_64");
  LinkInput input{runtime, runtime, Triple("x86_64-unknown-linux-musl"), 0,
                  [](raw_fd_ostream &, uint64_t) { return Error::success(); }};
  const std::string error = text(linkExecutable(input, path));
  EXPECT_NE(error.find("duplicate symbol: _start"), std::string::npos);
  EXPECT_NE(error.find("model object:("), std::string::npos);
  EXPECT_EQ(error.find(".tmp"), std::string::npos);
  EXPECT_TRUE(filesLeft().empty());
  EXPECT_EQ(text(link("and again")), "");
}

TEST_F(LinkTest, ObjectsOfAnotherMachine) {
  const std::string model = fixture("model", "riscv64");
  const std::string runtime = fixture("runtime", "x86_64");
  LinkInput input{model, runtime, Triple("riscv64-unknown-linux-musl"), 0,
                  [](raw_fd_ostream &, uint64_t) { return Error::success(); }};
  EXPECT_EQ(text(linkExecutable(input, path)),
            "the runtime object is for x86_64, expected riscv64");
}

TEST(RuntimeObjects, KnowsItsTargets) {
  for (const char *arch : {"x86_64", "aarch64", "riscv64"}) {
    auto runtime = runtimeObject(Triple(arch, "unknown", "linux-musl"));
    ASSERT_TRUE(bool(runtime)) << text(runtime.takeError());
    EXPECT_TRUE(runtime->starts_with("\177ELF"));
  }
  EXPECT_NE(text(runtimeObject(Triple("mips-unknown-linux")).takeError())
                .find("no runtime for 'mips-unknown-linux'"),
            std::string::npos);
}

} // namespace
