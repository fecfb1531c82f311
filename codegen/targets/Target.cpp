//===- Target.cpp - From the words of a user to a target ------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/targets/Target.h"

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

const Isa *findIsa(StringRef target) {
  Triple triple(Triple::normalize(target));
  bool linux = (triple.isOSLinux() || triple.getOS() == Triple::UnknownOS) &&
               !triple.isX32();
  for (const Isa *isa : getIsas())
    if (target == isa->name ||
        (linux && triple.getArch() == Triple(isa->triple).getArch()))
      return isa;
  return nullptr;
}

static Expected<std::unique_ptr<TargetMachine>>
createMachine(const Isa &isa, StringRef cpu, StringRef features) {
  isa.initialize();
  std::string message;
  Triple triple(isa.triple);
  const Target *target = TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return fail(message);
  std::string all =
      (isa.never + (features.empty() ? "" : ",") + features).str();
  TargetOptions options;
  options.AllowFPOpFusion = FPOpFusion::Strict;
  options.FunctionSections = options.DataSections = true;
  return std::unique_ptr<TargetMachine>(
      target->createTargetMachine(triple, cpu, all, options, Reloc::Static,
                                  isa.codeModel, CodeGenOptLevel::Aggressive));
}

/// LLVM warns about unknown words and goes on, or aborts; here they are errors.
static Error checkWords(const Isa &isa, StringRef cpu, StringRef features) {
  auto machine = createMachine(isa, "", "");
  if (!machine)
    return machine.takeError();
  if (!(*machine)->getMCSubtargetInfo()->isCPUStringValid(cpu))
    return fail("unknown CPU '" + cpu + "' for " + isa.name + "; `llc -march=" +
                Triple(isa.triple).getArchName() + " -mcpu=help` lists them");
  SmallVector<StringRef> words;
  features.split(words, ',', -1, /*KeepEmpty=*/false);
  for (StringRef word : words)
    if ((word[0] != '+' && word[0] != '-') ||
        !is_contained(isa.features, word.drop_front()))
      return fail("unknown feature '" + word + "' for " + isa.name +
                  ", expected + or - and one of " + join(isa.features, " "));
  return Error::success();
}

/// What the host has of the ISA's features, as "+a,-b".
static std::string getHostFeatures(const Isa &isa) {
  StringMap<bool> host = sys::getHostCPUFeatures();
  std::string text;
  for (StringRef feature : isa.features)
    if (auto found = host.find(feature); found != host.end())
      text += (Twine(text.empty() ? "" : ",") + (found->second ? "+" : "-") +
               feature)
                  .str();
  return text;
}

Expected<lut::TargetAttr> resolveTarget(mlir::MLIRContext &context,
                                        StringRef target, StringRef cpu,
                                        StringRef features) {
  std::string host = sys::getDefaultTargetTriple();
  const Isa *isa = findIsa(target.empty() ? StringRef(host) : target);
  if (!isa)
    return fail("unknown target '" +
                (target.empty() ? StringRef(host) : target) +
                "'; `setun targets` lists the known ones");
  bool isHost = Triple(host).getArch() == Triple(isa->triple).getArch();
  if (cpu == "native" && !isHost)
    return fail("--cpu=native on this machine is not a " + isa->name);
  std::string allFeatures = features.str();
  std::string name = cpu.str();
  if (cpu == "native" || (cpu.empty() && target.empty())) {
    name = sys::getHostCPUName().str();
    allFeatures = getHostFeatures(*isa);
    if (!features.empty())
      allFeatures += "," + features.str();
  } else if (cpu.empty()) {
    name = isa->baseline.str();
  }
  if (Error error = checkWords(*isa, name, allFeatures))
    return error;
  auto machine = createMachine(*isa, name, allFeatures);
  if (!machine)
    return machine.takeError();
  const MCSubtargetInfo &info = *(*machine)->getMCSubtargetInfo();
  if (!info.checkFeatures(("+" + isa->must).str()))
    return fail("CPU '" + name + "' has no " + isa->must + ", which " +
                isa->name + " means");
  Facts facts = isa->describe(name, [&](StringRef feature) {
    return info.checkFeatures(("+" + feature).str());
  });
  return lut::TargetAttr::get(&context, isa->triple, name, allFeatures,
                              facts.dot, facts.permuteBytes, facts.dotMacs,
                              facts.lookupMacs, facts.l2Bytes);
}

Expected<std::unique_ptr<TargetMachine>>
createTargetMachine(lut::TargetAttr target) {
  const Isa *isa = findIsa(target.getTriple());
  if (!isa)
    return fail("unknown target '" + target.getTriple() + "'");
  if (Error error = checkWords(*isa, target.getCpu(), target.getFeatures()))
    return error;
  return createMachine(*isa, target.getCpu(), target.getFeatures());
}

std::vector<std::string> getRequiredFeatures(const TargetMachine &machine) {
  const MCSubtargetInfo &info = *machine.getMCSubtargetInfo();
  std::vector<std::string> required;
  for (StringRef feature : findIsa(machine.getTargetTriple().str())->features)
    if (info.checkFeatures(("+" + feature).str()))
      required.push_back(feature.str());
  return required;
}

} // namespace setun::codegen
