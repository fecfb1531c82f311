//===- Target.cpp - From the words of a user to a target ------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/targets/Target.h"

#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/TargetParser/Host.h"

using namespace llvm;

namespace setun::codegen {

#define SETUN_TARGET(name) const Isa &get##name();
#include "codegen/targets/Targets.def"

ArrayRef<const Isa *> getIsas() {
  static const Isa *isas[] = {
#define SETUN_TARGET(name) &get##name(),
#include "codegen/targets/Targets.def"
  };
  return isas;
}

static Error fail(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

/// Why there is no code for a target that LLVM knows, or "".
static StringRef findObstacle(const Triple &triple, StringRef target) {
  if (triple.getArch() == Triple::UnknownArch)
    return "";
  if (!triple.isLittleEndian())
    return "big-endian";
  if (!triple.isArch64Bit() || triple.isX32() || triple.isABIN32() ||
      triple.getEnvironmentName().contains("ilp32"))
    return "32-bit";
  if (!triple.isOSLinux() && target.contains('-'))
    return "not Linux";
  return "";
}

Expected<const Isa *> findIsa(StringRef target) {
  SmallVector<StringRef> names;
  for (const Isa *isa : getIsas()) {
    if (target == isa->name)
      return isa;
    names.push_back(isa->name);
  }
  Triple triple(Triple::normalize(target));
  if (StringRef obstacle = findObstacle(triple, target); !obstacle.empty())
    return fail(
        "target '" + target + "' is " + obstacle +
        "; there are 64-bit little-endian ones on Linux: " + join(names, ", "));
  for (const Isa *isa : getIsas())
    if (triple.getArch() == Triple(isa->triple).getArch())
      return isa;
  return fail("unknown target '" + target +
              "'; `setun targets` lists the known ones");
}

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

static const Target &getBackEnd(const Isa &isa) {
  isa.initialize();
  std::string message;
  const Target *target =
      TargetRegistry::lookupTarget(Triple(isa.triple), message);
  assert(target && "initialize() registers the ISA's back end");
  return *target;
}

static std::unique_ptr<MCSubtargetInfo> createSubtarget(const Isa &isa,
                                                        const CpuWords &words) {
  return std::unique_ptr<MCSubtargetInfo>(getBackEnd(isa).createMCSubtargetInfo(
      Triple(isa.triple), words.cpu, words.features));
}

static bool has(const MCSubtargetInfo &info, StringRef feature) {
  return info.checkFeatures(("+" + feature).str());
}

static SmallVector<StringRef> splitList(StringRef list) {
  SmallVector<StringRef> words;
  list.split(words, ',', -1, /*KeepEmpty=*/false);
  return words;
}

static void append(std::string &list, const Twine &word) {
  list += (list.empty() ? word : "," + word).str();
}

/// LLVM's word for a feature.
static StringRef translate(const Isa &isa, StringRef word) {
  return isa.findFeature ? isa.findFeature(word) : word;
}

static bool isKnown(const Isa &isa, StringRef word) {
  return is_contained(isa.features, translate(isa, word));
}

/// "+vnni" → "+avx512vnni"
static Expected<std::string> translateSigned(const Isa &isa,
                                             StringRef signedWord) {
  StringRef feature = signedWord.drop_front();
  if (StringRef("+-").contains(signedWord[0]) && isKnown(isa, feature))
    return (signedWord.take_front() + translate(isa, feature)).str();
  return fail("unknown feature '" + signedWord + "' for " + isa.name +
              ", expected + or - and one of " + join(isa.features, " "));
}

/// All in LLVM's words. It warns about unknown ones and goes on, or aborts;
/// here they are errors.
static Expected<CpuWords> translate(const Isa &isa, const CpuWords &words,
                                    StringRef level) {
  if (!createSubtarget(isa, {})->isCPUStringValid(words.cpu))
    return fail("unknown CPU '" + words.cpu + "' for " + isa.name +
                "; expected one like those of --cpu=" + isa.levels +
                ", or of `llc -march=" + Triple(isa.triple).getArchName() +
                " -mcpu=help`");
  CpuWords translated{words.cpu, ""};
  for (StringRef word : splitList(words.features)) {
    auto feature = translateSigned(isa, word);
    if (!feature)
      return feature.takeError();
    append(translated.features, *feature);
  }
  auto info = createSubtarget(isa, translated);
  for (StringRef rule : splitList(isa.must)) {
    auto [feature, needed] = rule.split(':');
    if (needed.empty() && !has(*info, feature))
      return fail("'" + level + "' has no " + feature + ", which " + isa.name +
                  " means");
    if (!needed.empty() && has(*info, feature) && !has(*info, needed))
      return fail("'" + level + "' has " + feature +
                  ", which means nothing "
                  "without " +
                  needed);
  }
  return translated;
}

/// What the host has of the ISA's features, as "+a,-b".
static CpuWords getHost(const Isa &isa) {
  CpuWords words{sys::getHostCPUName().str(), ""};
  StringMap<bool> host = sys::getHostCPUFeatures();
  for (StringRef feature : isa.features)
    if (auto found = host.find(feature); found != host.end())
      append(words.features, (found->second ? "+" : "-") + feature);
  return words;
}

/// A CPU or architecture without anything behind it.
static Expected<CpuWords> parseCpu(const Isa &isa, StringRef word) {
  if (word == "native") {
    if (Triple(sys::getDefaultTargetTriple()).getArch() !=
        Triple(isa.triple).getArch())
      return fail("--cpu=native: this machine is not " + isa.name);
    return getHost(isa);
  }
  CpuWords architecture;
  if (isa.findArchitecture)
    architecture = isa.findArchitecture(word);
  if (architecture.cpu.empty())
    return CpuWords{word.str(), ""};
  CpuWords words{architecture.cpu, ""};
  for (StringRef feature : splitList(architecture.features))
    if (is_contained(isa.features, feature.drop_front()))
      append(words.features, feature);
  return words;
}

/// The words of "cpu+a+nob" and of "+c,-d", which comes on top.
static Expected<CpuWords> parseLevel(const Isa &isa, StringRef level,
                                     StringRef features) {
  SmallVector<StringRef> parts;
  level.split(parts, '+');
  auto words = parseCpu(isa, parts[0]);
  if (!words)
    return words;
  for (StringRef part : drop_begin(parts)) {
    StringRef off = part.starts_with("no") ? part.drop_front(2) : "";
    bool isOff = !off.empty() && isKnown(isa, off);
    append(words->features, isOff ? "-" + off : "+" + part);
  }
  for (StringRef word : splitList(features))
    append(words->features, word);
  return translate(isa, *words, level);
}

//===----------------------------------------------------------------------===//
// Features
//===----------------------------------------------------------------------===//

/// The architecture's part of the feature bits: tuning is another matter.
static FeatureBitset getArchitecture(const MCSubtargetInfo &info) {
  FeatureBitset bits = info.getFeatureBits();
  for (const SubtargetSubTypeKV &cpu : info.getAllProcessorDescriptions())
    if (info.getCPU() == cpu.Key)
      bits &= ~cpu.TuneImplies.getAsBitset();
  return bits;
}

/// Adds "-a" for every feature that an executable would not check for: neither
/// one of the ISA's, nor implied by such, nor of the ISA's first level.
static CpuWords switchOffUnchecked(const Isa &isa, CpuWords words) {
  auto info = createSubtarget(isa, words);
  CpuWords first = cantFail(parseLevel(isa, isa.levels.split(',').first, ""));
  auto kept = createSubtarget(isa, first);
  for (StringRef feature : isa.features)
    if (has(*info, feature))
      kept->ApplyFeatureFlag(("+" + feature).str());
  FeatureBitset unchecked = getArchitecture(*info) & ~kept->getFeatureBits();
  for (const SubtargetFeatureKV &feature : info->getAllProcessorFeatures())
    if (unchecked.test(feature.Value))
      append(words.features, "-" + Twine(feature.Key));
  return words;
}

static std::vector<std::string> getRequired(const Isa &isa,
                                            const MCSubtargetInfo &info) {
  std::vector<std::string> required;
  for (StringRef feature : isa.features)
    if (has(info, feature))
      required.push_back(feature.str());
  return required;
}

std::vector<std::string> getRequiredFeatures(const TargetMachine &machine) {
  const Isa *isa = cantFail(findIsa(machine.getTargetTriple().str()));
  return getRequired(*isa, *machine.getMCSubtargetInfo());
}

//===----------------------------------------------------------------------===//
// Levels
//===----------------------------------------------------------------------===//

namespace {
/// A level, and what decides which of two is the better one.
struct Ranked {
  lut::TargetAttr target;
  uint64_t required; // a bit for each of the ISA's features

  /// A CPU that can run `other` can run this one.
  bool isPartOf(const Ranked &other) const {
    return required != other.required &&
           (required & other.required) == required;
  }
  /// What kernels gain from it.
  auto speed() const {
    return std::tuple(std::max(target.getDotMacs(), target.getLookupMacs()),
                      target.getDot(), popcount(required));
  }
};
} // namespace

/// The plainest first: each behind those it contains, or it would always give
/// way to them; else the slower one first.
static SmallVector<lut::TargetAttr> sortLevels(SmallVector<Ranked> levels) {
  SmallVector<lut::TargetAttr> sorted;
  while (!levels.empty()) {
    auto isLater = [&](const Ranked &level) {
      return any_of(levels,
                    [&](const Ranked &other) { return other.isPartOf(level); });
    };
    Ranked *next = nullptr;
    for (Ranked &level : levels)
      if (!isLater(level) && (!next || level.speed() < next->speed()))
        next = &level;
    sorted.push_back(next->target);
    levels.erase(next);
  }
  return sorted;
}

static Expected<Ranked> resolveLevel(mlir::MLIRContext &context, const Isa &isa,
                                     StringRef word, StringRef features) {
  auto words = parseLevel(isa, word, features);
  if (!words)
    return words.takeError();
  auto info = createSubtarget(isa, switchOffUnchecked(isa, *words));
  Facts facts = isa.describe(
      words->cpu, [&](StringRef feature) { return has(*info, feature); });
  auto toSkip = [&](Facts::Skip skip) {
    return skip.alone ? lut::SkipAttr::get(&context, skip.alone, skip.shared)
                      : lut::SkipAttr();
  };
  // As the user wrote it; native means something on this machine only.
  auto [cpu, onTop] = word.split('+');
  std::string name = cpu == "native" ? words->cpu : cpu.str();
  if (!onTop.empty())
    name += ("+" + onTop).str();
  for (StringRef feature : splitList(features))
    name += ((feature[0] == '-' ? "+no" : "+") + feature.drop_front()).str();
  auto target = lut::TargetAttr::get(
      &context, name, isa.triple, words->cpu, words->features, facts.dot,
      facts.permuteBytes, facts.dotMacs, facts.lookupMacs, facts.l2Bytes,
      facts.sums, facts.base3, facts.scalable, facts.u8Codes, facts.streams,
      facts.mixes, toSkip(facts.skipRows), toSkip(facts.skipColumns));
  assert(isa.features.size() <= 64);
  uint64_t required = 0;
  for (auto [i, feature] : enumerate(isa.features))
    required |= uint64_t(has(*info, feature)) << i;
  return Ranked{target, required};
}

Expected<SmallVector<lut::TargetAttr>> resolveLevels(mlir::MLIRContext &context,
                                                     StringRef target,
                                                     StringRef cpus,
                                                     StringRef features) {
  auto found = findIsa(target.empty() ? sys::getDefaultTargetTriple() : target);
  if (!found)
    return found.takeError();
  const Isa &isa = **found;
  if (cpus.empty())
    cpus = target.empty() ? "native" : isa.levels;
  SmallVector<Ranked> levels;
  for (StringRef word : splitList(cpus)) {
    auto level = resolveLevel(context, isa, word, features);
    if (!level)
      return level.takeError();
    for (const Ranked &known : levels)
      if (known.target.getName() == level->target.getName() ||
          (known.target.getCpu() == level->target.getCpu() &&
           known.required == level->required))
        return fail("--cpu=" + cpus + ": " + level->target.getName() + " and " +
                    known.target.getName() + " are the same");
    levels.push_back(*level);
  }
  if (levels.empty())
    return fail("--cpu=" + cpus + ": expected words between the commas");
  return sortLevels(std::move(levels));
}

Expected<std::unique_ptr<TargetMachine>>
createTargetMachine(lut::TargetAttr target) {
  auto found = findIsa(target.getTriple());
  if (!found)
    return found.takeError();
  const Isa &isa = **found;
  auto words =
      translate(isa, {target.getCpu().str(), target.getFeatures().str()},
                target.getName());
  if (!words)
    return words.takeError();
  *words = switchOffUnchecked(isa, *words);
  TargetOptions options;
  options.AllowFPOpFusion = FPOpFusion::Strict;
  options.FunctionSections = options.DataSections = true;
  return std::unique_ptr<TargetMachine>(getBackEnd(isa).createTargetMachine(
      Triple(isa.triple), words->cpu, words->features, options, Reloc::Static,
      isa.codeModel, CodeGenOptLevel::Aggressive));
}

} // namespace setun::codegen
