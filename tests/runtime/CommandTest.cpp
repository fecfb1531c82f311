//===- CommandTest.cpp - The commands, on a fake model --------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Command.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

using namespace setun::abi;
using namespace setun::runtime;

namespace {
struct Result {
  int code;
  std::string out, err;
};
} // namespace

static Result run(std::vector<std::string> words,
                  const Model &model = setun_model) {
  std::vector<char *> argv = {const_cast<char *>("exe")};
  for (std::string &word : words)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  int code = dispatch(model, int(argv.size()) - 1, argv.data());
  std::string out = testing::internal::GetCapturedStdout();
  return {code, out, testing::internal::GetCapturedStderr()};
}

static bool contains(const std::string &text, const char *part) {
  return text.find(part) != text.npos;
}

static std::string contentsOf(const std::string &path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

static Model withLevels(std::span<const Level> levels) {
  Model model = setun_model;
  model.levels = levels.data();
  model.numLevels = levels.size();
  return model;
}

TEST(Run, GivesTheSameIdsHoweverItIsSplit) {
  std::vector<std::string> words = {"run",          "--ids",  "5,6,7,8,9",
                                    "--output-ids", "--temp", "0",
                                    "-n",           "20",     "--ignore-eos"};
  Result first = run(words);
  EXPECT_EQ(first.code, 0);
  EXPECT_EQ(std::count(first.out.begin(), first.out.end(), ','), 19);
  for (const char *threads : {"-t1", "-t2", "-t3"})
    for (const char *batch : {"-b1", "-b2", "-b100"}) {
      words.insert(words.end(), {threads, batch});
      EXPECT_EQ(run(words).out, first.out) << threads << batch;
    }
  words.erase(words.begin()); // `run` is what happens without a command
  EXPECT_EQ(run(words).out, first.out);
}

TEST(Run, SeedFixesTheTokens) {
  auto sample = [](const char *seed) {
    return run({"--ids", "1", "--output-ids", "-n", "30", "-s", seed,
                "--ignore-eos"})
        .out;
  };
  EXPECT_EQ(sample("3"), sample("3"));
  EXPECT_NE(sample("3"), sample("4"));
}

TEST(Run, DumpsTheLogitsBehindEachToken) {
  auto path = std::filesystem::path(testing::TempDir()) / "setun-logits.bin";
  std::filesystem::remove(path);
  Result result = run({"--ids", "1,2", "--output-ids", "-n", "3", "--temp", "0",
                       "--ignore-eos", "--dump-logits", path});
  ASSERT_EQ(result.code, 0) << result.err;
  uint32_t vocabulary = setun_model.vocabSize;
  std::vector<float> rows(3 * vocabulary);
  ASSERT_EQ(std::filesystem::file_size(path), rows.size() * sizeof(float));
  std::ifstream(path).read(reinterpret_cast<char *>(rows.data()),
                           rows.size() * sizeof(float));
  std::string ids;
  for (auto row = rows.begin(); row != rows.end(); row += vocabulary)
    ids += (ids.empty() ? "" : ",") +
           std::to_string(std::max_element(row, row + vocabulary) - row);
  EXPECT_EQ(result.out, ids + "\n");
}

static size_t count(const std::string &text, const std::string &part) {
  size_t found = 0;
  for (size_t at = 0; (at = text.find(part, at)) != text.npos; ++at)
    ++found;
  return found;
}

TEST(Run, ProfilesEveryOpOfEveryWorker) {
  std::string path = testing::TempDir() + "setun-profile.json";
  std::vector<std::string> words = {"run", "--ids", "1,2,3", "--output-ids",
                                    "-t",  "3",     "-n",    "4",
                                    "-s",  "1",     "-v",    "--ignore-eos"};
  std::string plain = run(words).out;
  words.insert(words.end(), {"--profile", path});
  Result result = run(words);
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, plain);
  std::string trace = contentsOf(path);
  // One step for the prompt and three for tokens, each by three workers.
  for (const char *name : {"layers.0.embed", "barrier", "predict"})
    EXPECT_EQ(count(trace, format("\"name\": \"%s\"", name)), 12u) << trace;
  EXPECT_EQ(count(trace, "\"cat\": \"step\""), 12u);
  EXPECT_EQ(count(trace, "\"name\": \"decode\""), 9u);
  EXPECT_EQ(count(trace, "\"ph\": \"X\""), 48u);
  EXPECT_EQ(count(trace, "\"tid\": 2"), 16u);
  EXPECT_EQ(count(trace, "{\"rows\": 3, \"position\": 0}"), 12u);
  EXPECT_EQ(count(trace, "{\"rows\": 1, \"position\": 5}"), 12u);
  EXPECT_EQ(count(result.err, "layers.*.embed"), 2u) << result.err;
  EXPECT_EQ(count(result.err, " 9 spans"), 4u) << result.err;
}

TEST(Run, TellsZerosOfAllWorkers) {
  for (const char *threads : {"1", "3"}) {
    Result result = run({"run", "--ids", "1,2,3", "--output-ids", "-n", "4",
                         "-v", "--ignore-eos", "-t", threads});
    EXPECT_EQ(count(result.err, "zeros "), 2u) << result.err;
    EXPECT_TRUE(contains(result.err, " 50.0 %,  37.5 % of the lines skipped: "
                                     "up\n"))
        << result.err;
    EXPECT_TRUE(contains(result.err, " 75.0 %,  75.0 % of the lines skipped: "
                                     "down\n"))
        << result.err;
  }
}

TEST(Run, LeavesNoProfileBehindWhenItFails) {
  std::string path = testing::TempDir() + "setun-no-profile.json";
  std::filesystem::remove(path);
  EXPECT_EQ(run({"run", "--ids", "1", "--output-ids", "-n", "1", "--profile",
                 path, "--dump-logits", "/no/such/folder/file"})
                .code,
            1);
  EXPECT_FALSE(std::filesystem::exists(path));
  Result result = run({"bench", "--profile", "/no/such/folder/file"});
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.out, "");
  EXPECT_TRUE(contains(result.err, "cannot write '/no/such/folder/file'"));
}

TEST(Bench, ProfilesAllItsTests) {
  std::string path = testing::TempDir() + "setun-bench-profile.json";
  EXPECT_EQ(run({"bench", "-p", "8", "-n", "2", "-r", "1", "-t", "1,2",
                 "--no-warmup", "--profile", path})
                .code,
            0);
  std::string trace = contentsOf(path);
  EXPECT_EQ(count(trace, "\"name\": \"prefill\""), 3u);
  EXPECT_EQ(count(trace, "\"name\": \"decode\""), 6u);
}

TEST(Run, LeavesNoLogitsBehindWhenItFails) {
  Result result = run({"--ids", "1", "--output-ids", "-n", "1", "--dump-logits",
                       "/no/such/folder/file"});
  EXPECT_EQ(result.code, 1);
  EXPECT_TRUE(contains(result.err, "cannot write '/no/such/folder/file'"));
}

TEST(Run, StopsAtAStopToken) {
  Model model = setun_model;
  Result all = run({"--ids", "1,2,3", "--output-ids", "--temp", "0", "-n", "9",
                    "--ignore-eos"});
  int32_t second = atoi(all.out.c_str() + all.out.find(',') + 1);
  model.stopTokens = &second;
  Result stopped =
      run({"--ids", "1,2,3", "--output-ids", "--temp", "0", "-n", "9"}, model);
  EXPECT_EQ(stopped.out,
            all.out.substr(0, all.out.find(',', all.out.find(',') + 1)) + "\n");
}

/// The fake model, but its logits depend on the last token only: it soon runs
/// in circles.
static void circling(const Step *s, uint64_t worker) {
  setun_model.levels[0].classes[2].step(s, worker);
  setun_barrier(s->barrier);
  if (worker)
    return;
  for (uint64_t row = s->firstLogit; row < s->rows; ++row) {
    float *logits = s->logits + (row - s->firstLogit) * 101;
    logits[s->tokens[row] * 3 % 7 + 10] += 12;
  }
}

TEST(Run, LooksUpTheSameTokens) {
  BatchClass classes[3];
  std::copy_n(setun_model.levels[0].classes, 3, classes);
  for (BatchClass &each : classes)
    each.step = circling;
  Level level = setun_model.levels[0];
  level.classes = classes;
  Model model = withLevels({&level, 1});
  int32_t stop = 16;
  model.stopTokens = &stop;
  auto path = testing::TempDir() + "setun-lookup.bin";
  for (std::vector<std::string> how : std::vector<std::vector<std::string>>{
           {"--temp", "0", "--ignore-eos"},
           {"--temp", "0"},
           {"-s", "3", "--ignore-eos"},
           {"-s", "4", "--repeat-penalty", "1.3", "--ignore-eos"},
           {"-c", "21", "--temp", "0", "--ignore-eos"},
           {"-n", "0"},
           {"-n", "1", "--ignore-eos"},
           {"-n", "17", "-t", "3", "--temp", "0", "--ignore-eos"},
           {"-b", "1", "--temp", "0", "--ignore-eos"}}) {
    std::vector<std::string> words = {
        "run", "--ids", "5,6,5,6", "--output-ids", "-v", "--dump-logits", path};
    words.insert(words.end(), how.begin(), how.end());
    Result plain = run(words, model);
    std::string logits = contentsOf(path);
    EXPECT_EQ(plain.code, 0);
    for (const char *least : {"0", "1", "2", "9"}) {
      std::vector<std::string> more = words;
      more.insert(more.end(), {"--lookup", "--draft-min", least});
      Result looked = run(more, model);
      EXPECT_EQ(looked.out, plain.out) << join(more, " ");
      EXPECT_EQ(contentsOf(path), logits) << join(more, " ");
      EXPECT_EQ(contains(looked.err, "is full"),
                contains(plain.err, "is full"));
    }
  }
  Result looked =
      run({"run", "--ids", "5,6,5,6", "--output-ids", "-v", "--temp", "0",
           "--lookup", "--draft-min", "9", "-n", "50", "--ignore-eos"},
          model);
  int guessed = 0, right = 0;
  size_t at = looked.err.find("lookup ");
  ASSERT_NE(at, looked.err.npos);
  sscanf(looked.err.c_str() + at, "lookup %d tokens guessed, %d", &guessed,
         &right);
  EXPECT_GT(right, 10) << looked.err;
  EXPECT_GE(guessed, right);
}

TEST(Run, StopsWhenTheContextIsFull) {
  Result result = run({"--ids", "1,2,3", "--output-ids", "-n", "99", "-c", "8",
                       "--ignore-eos"});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), ','), 5);
  EXPECT_TRUE(contains(result.err, "context of 8 tokens is full"));
}

TEST(Run, ExplainsWhatItCannotDo) {
  struct Case {
    std::vector<std::string> words;
    int code;
    const char *message;
  };
  for (const Case &c : std::vector<Case>{
           {{"frobnicate"}, 2, "unknown command 'frobnicate'"},
           {{"run", "--frob"},
            2,
            "unknown option '--frob'\nsee 'exe run --help"},
           {{"-p", "hi"}, 1, "compiled with --no-tokenizer"},
           {{"--ids", "1"}, 1, "compiled with --no-tokenizer"},
           {{"--ids", "1,101", "--output-ids"},
            1,
            "'101' is not between 0 and"},
           {{"--ids", "1,", "--output-ids"}, 1, "--ids: expected numbers"},
           {{"--ids", "", "--output-ids"}, 1, "--ids: expected numbers"},
           {{"--ids", "1", "-p", "x", "--output-ids"}, 1, "not both"},
           {{"--ids", "1,2,3", "-c", "2", "--output-ids"},
            1,
            "the prompt has 3 tokens, but the context holds 2"},
           {{"tokenize", "-p", "hi"}, 1, "compiled with --no-tokenizer"},
           {{"bench", "-p", "65"}, 1, "allows 64 at most"},
       }) {
    Result result = run(c.words);
    EXPECT_EQ(result.code, c.code) << result.err;
    EXPECT_TRUE(contains(result.err, c.message)) << result.err;
    EXPECT_EQ(result.out, "");
  }
}

TEST(Bench, HasLlamaBenchsColumnsAndKeys) {
  Result md = run({"bench", "-p", "8", "-n", "4", "-r", "2", "-t", "1,2"});
  EXPECT_EQ(md.code, 0);
  EXPECT_EQ(std::count(md.out.begin(), md.out.end(), '\n'), 2 + 4 + 2);
  EXPECT_TRUE(contains(md.out, "|             pp8 |"));
  EXPECT_TRUE(contains(md.out, "|             tg4 |"));
  Result json = run({"bench", "-p", "8", "-n", "0", "-r", "2", "-o", "json"});
  for (const char *key : {"\"model_n_params\": 256", "\"n_prompt\": 8",
                          "\"n_gen\": 0", "\"avg_ts\": ", "\"samples_ns\": ["})
    EXPECT_TRUE(contains(json.out, key)) << json.out;
}

TEST(Bench, TellsBytesAndShareOfGenerationOnly) {
  auto bench = [](std::vector<std::string> more) {
    std::vector<std::string> words = {"bench", "-r", "1", "--roofline"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words).out;
  };
  std::string text = bench({"-p", "8", "-n", "4"});
  EXPECT_TRUE(contains(text, "bytes/token |   GB/s | read GB/s | of read |"));
  EXPECT_TRUE(contains(text, "|    2.94 KiB |")) << text;
  EXPECT_TRUE(contains(text, "|             |        |")) << text;
  // Weights without 550 bytes each that are skipped of two, and 8 bytes a
  // position: 8 and on average 2.
  text = bench({"-p", "0", "-n", "4", "-d", "8", "-o", "jsonl"});
  for (const char *key : {"\"n_depth\": 8,", "\"token_bytes\": 3076,",
                          "\"gb_s\": ", "\"read_gb_s\": ", "\"read_share\": "})
    EXPECT_TRUE(contains(text, key)) << text;
  text = bench({"-p", "8", "-n", "0", "-o", "jsonl"});
  EXPECT_TRUE(contains(text, "\"token_bytes\": null, \"gb_s\": null")) << text;
  EXPECT_TRUE(contains(text, "\"read_share\": null")) << text;
  text = bench({"-p", "8", "-n", "0", "-o", "csv"});
  EXPECT_TRUE(contains(text, "token_bytes,gb_s,read_gb_s,read_share\n"));
  EXPECT_TRUE(contains(text, "\",\"\",\"\",\"")) << text;
}

static void wrongKernel(const uint8_t *, const int8_t *q, const int32_t *,
                        const float *, float, const float *, float *out,
                        uint8_t *, uint64_t rows, uint64_t) {
  out[(rows - 1) * 32 + 5] = q[0];
}
static void wildKernel(const uint8_t *, const int8_t *, const int32_t *,
                       const float *, float, const float *, float *out,
                       uint8_t *, uint64_t, uint64_t) {
  out[4 * 32] = 1;
}

TEST(Verify, FindsWrongAndWildKernels) {
  Result good = run({"verify"});
  EXPECT_EQ(good.code, 0);
  EXPECT_TRUE(contains(good.out, "ok      gemv_i8_32x8.plain"));
  Level level = setun_model.levels[0];
  KernelEntry entry = level.kernels[0];
  level.kernels = &entry;
  Model model = withLevels({&level, 1});
  entry.kernel = wrongKernel;
  Result wrong = run({"verify"}, model);
  EXPECT_EQ(wrong.code, 1);
  EXPECT_TRUE(contains(wrong.out, "FAILED  gemv_i8_32x8.plain: random"));
  entry.kernel = wildKernel;
  EXPECT_TRUE(contains(run({"verify"}, model).out, "beyond its buffer"));
}

namespace {
/// The fake model with two levels that run here, and one in front of the last
/// that runs nowhere.
struct ThreeLevels {
  const char *nowhere[1] = {"flux-capacitor"};
  Level levels[3];
  Model model;

  ThreeLevels() : model(withLevels(levels)) {
    const char *names[] = {"plain", "nowhere", "good"};
    for (int i = 0; i < 3; ++i) {
      levels[i] = setun_model.levels[0];
      levels[i].name = names[i];
      levels[i].kernels = setun_model.levels[i].kernels;
    }
    levels[1].features = nowhere;
    levels[1].numFeatures = 1;
  }
};
} // namespace

TEST(Levels, InfoTellsThemApart) {
  ThreeLevels three;
  std::string text = run({"info"}, three.model).out;
  EXPECT_TRUE(contains(text, "levels        plain\n"
                             "              nowhere  (this CPU lacks "
                             "flux-capacitor)\n"
                             "              good  (runs here)\n"
                             "features "))
      << text;
  text = run({"info", "--cpu", "plain"}, three.model).out;
  EXPECT_TRUE(contains(text, "levels        plain  (runs here)\n")) << text;
  text = run({"info", "--json"}, three.model).out;
  for (const char *part :
       {"\"cpu\": \"good\"", "\"name\": \"good\", \"chosen\": true",
        "\"name\": \"nowhere\", \"chosen\": false, "
        "\"lacking\": [\"flux-capacitor\"]",
        "\"features\": [\"flux-capacitor\"]",
        "\"kernels\": [\"gemv_i8_32x8.better\"]"})
    EXPECT_TRUE(contains(text, part)) << part << text;

  text = run({"info"}, withLevels({three.levels, 1})).out;
  EXPECT_FALSE(contains(text, "levels")) << text;
  EXPECT_TRUE(contains(text, "linux-musl, plain\n")) << text;
}

TEST(Levels, VerifyTakesAllThatRun) {
  ThreeLevels three;
  Result all = run({"verify"}, three.model);
  EXPECT_EQ(all.code, 0);
  EXPECT_TRUE(contains(all.out, "ok      gemv_i8_32x8.plain"));
  EXPECT_TRUE(
      contains(all.out, "skipped nowhere: this CPU lacks flux-capacitor\n"));
  EXPECT_TRUE(contains(all.out, "ok      gemv_i8_32x8.best"));
  EXPECT_TRUE(contains(all.out, "2 kernels, 0 failed"));
  Result one = run({"verify", "--cpu", "plain"}, three.model);
  EXPECT_EQ(one.code, 0);
  EXPECT_FALSE(contains(one.out, "best"));
  EXPECT_TRUE(contains(one.out, "1 kernels, 0 failed"));
}

static int calls[3];
template <int level> static void countedStep(const Step *step, uint64_t w) {
  if (w == 0)
    ++calls[level];
  setun_model.levels[0].classes[0].step(step, w);
}

TEST(Levels, RunAndBenchUseTheOneWanted) {
  ThreeLevels three;
  BatchClass classes[3];
  StepFunction steps[] = {countedStep<0>, countedStep<1>, countedStep<2>};
  for (int i = 0; i < 3; ++i) {
    classes[i] = three.levels[i].classes[0];
    classes[i].step = steps[i];
    three.levels[i].classes = &classes[i];
    three.levels[i].numClasses = 1;
  }
  std::vector<std::string> words = {
      "run", "--ids", "1", "--output-ids", "-n", "2", "--ignore-eos"};
  run(words, three.model);
  EXPECT_EQ(std::vector(calls, calls + 3), std::vector({0, 0, 2}));
  words.insert(words.end(), {"--cpu", "plain"});
  run(words, three.model);
  EXPECT_EQ(std::vector(calls, calls + 3), std::vector({2, 0, 2}));
  Result bench = run({"bench", "--cpu", "plain", "-p", "0", "-n", "3", "-r",
                      "1", "--no-warmup"},
                     three.model);
  EXPECT_EQ(std::vector(calls, calls + 3), std::vector({5, 0, 2}));
  EXPECT_TRUE(contains(bench.out, "build: a test, plain\n")) << bench.out;
}

TEST(Levels, WrongNamesAreExplained) {
  ThreeLevels three;
  for (const char *command : {"run", "bench", "info", "verify"}) {
    Result unknown = run({command, "--cpu", "warp"}, three.model);
    EXPECT_EQ(unknown.code, 2);
    EXPECT_TRUE(contains(unknown.err, "--cpu: expected one of "
                                      "plain|nowhere|good, found 'warp'"))
        << unknown.err;
    Result lacking = run({command, "--cpu", "nowhere"}, three.model);
    EXPECT_EQ(lacking.code, 3);
    EXPECT_EQ(lacking.out, "");
    EXPECT_TRUE(contains(lacking.err, "has flux-capacitor, which fake was "
                                      "compiled for (nowhere); without --cpu "
                                      "it runs good"))
        << lacking.err;
    EXPECT_TRUE(contains(run({command, "--help"}, three.model).out, "--cpu"));
  }
}

TEST(Info, CarriesTheNoticesOfItsLibraries) {
  Result result = run({"info", "--licenses"});
  EXPECT_EQ(result.code, 0);
  for (const char *part :
       {"Rich Felker", "Zig contributors", "LLVM Exceptions"})
    EXPECT_TRUE(contains(result.out, part)) << part;
}

TEST(Info, ListsTheSections) {
  EXPECT_TRUE(contains(run({"info"}).out, "dense"));
  EXPECT_TRUE(
      contains(run({"info", "--json"}).out, "\"bits_per_weight\": 8.000000"));
}
