//===- RunnerTest.cpp - Commands that run executables ---------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tune/Runner.h"
#include "compiler/tune/Temporary.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace setun::compiler;

namespace {
struct RunnerTest : testing::Test {
  RunnerTest() { (void)sys::fs::createUniqueDirectory("runner", folder); }
  ~RunnerTest() { (void)sys::fs::remove_directories(folder); }

  /// A shell script; in the tests it also stands for an executable.
  std::string script(StringRef name, StringRef text) {
    SmallString<128> path(folder);
    sys::path::append(path, name);
    std::error_code code;
    raw_fd_ostream(path, code) << "#!/bin/sh\n" << text << '\n';
    sys::fs::setPermissions(path, sys::fs::all_all);
    return path.str().str();
  }
  static std::string run(const std::string &command, StringRef executable,
                         unsigned seconds = 20) {
    auto runner = Runner::create(command, seconds);
    if (!runner)
      return "error: " + toString(runner.takeError());
    auto text = runner->run(executable, {"measure", "-t", "2"});
    return text ? *text : "error: " + toString(text.takeError());
  }
  static bool contains(StringRef text, StringRef part) {
    return text.contains(part);
  }

  SmallString<128> folder;
};
} // namespace

TEST_F(RunnerTest, HereOrBehindACommand) {
  std::string exe = script("exe", "echo ran: $@");
  EXPECT_EQ(run("", exe), "ran: measure -t 2\n");
  EXPECT_EQ(run("env", exe), "ran: measure -t 2\n");
  EXPECT_EQ(run("env 'A=two words'", script("show", "echo \"$A\"")),
            "two words\n");
}

TEST_F(RunnerTest, Fails) {
  std::string exe = script("exe", "echo half; echo no paper >&2; exit 7");
  std::string text = run("", exe);
  EXPECT_PRED2(contains, text, "exit code 7:\nno paper");
  EXPECT_PRED2(contains, text, "exe measure -t 2");
  EXPECT_PRED2(contains, run("no-such-program x", exe), "no-such-program");
  EXPECT_PRED2(contains, run("", "/no/such/file"), "error: /no/such/file");
  EXPECT_PRED2(contains, run("", script("dies", "kill -SEGV $$")), "error:");
}

TEST_F(RunnerTest, Hangs) {
  EXPECT_PRED2(contains, run("", script("exe", "exec sleep 100"), 1),
               "timed out");
}

/// LLVM's handlers take it, as they do for signals.
TEST(Temporary, GoesWithTheObjectOrASignal) {
  std::string path;
  {
    Temporary file("txt");
    path = file.getPath().str();
    EXPECT_TRUE(sys::fs::exists(path));
  }
  EXPECT_FALSE(sys::fs::exists(path));
  Temporary file("txt");
  sys::RunInterruptHandlers();
  EXPECT_FALSE(sys::fs::exists(file.getPath()));
}

TEST_F(RunnerTest, PrintsWithoutEnd) {
  EXPECT_PRED2(contains, run("", script("exe", "head -c 80000000 /dev/zero")),
               "expected some kilobytes");
}

/// The other machine gets one command and the executable's bytes.
TEST_F(RunnerTest, Ssh) {
  std::string ssh = script("ssh", "test \"$1\" = -p || exit 9\n"
                                  "test $# = 4 || exit 8\nexec sh -c \"$4\"");
  std::string exe = script("exe", "echo $0: $@");
  std::string text = run(ssh + " -p 22 board", exe);
  auto [copy, rest] = StringRef(text).split(": ");
  EXPECT_EQ(rest, "measure -t 2\n");
  EXPECT_TRUE(copy.starts_with("/tmp/setun-tune.")) << text;
  EXPECT_FALSE(sys::fs::exists(copy)) << text;
  // It goes when the executable fails, too, and its exit code comes back.
  text = run(ssh + " -p 22 board", script("bad", "echo $0 >&2; exit 5"));
  EXPECT_PRED2(contains, text, "exit code 5");
  copy = StringRef(text).rsplit('\n').second;
  EXPECT_TRUE(copy.starts_with("/tmp/setun-tune.")) << text;
  EXPECT_FALSE(sys::fs::exists(copy)) << text;
}
