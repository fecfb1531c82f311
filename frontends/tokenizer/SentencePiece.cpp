//===- SentencePiece.cpp ------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/tokenizer/Description.h"
#include "frontends/tokenizer/sentencepiece.pb.h"

#include "llvm/Support/JSON.h"

#include <cmath>
#include <limits>
#include <map>
#include <utf8proc.h>

using namespace llvm;

namespace setun::frontends::tokenizer {
namespace {

constexpr StringRef kSpace = "\u2581"; // ▁, how a space looks in a piece
constexpr size_t kMaxPieceBytes = 256;

const char *modelTypeName(int type) {
  constexpr const char *kNames[] = {"?", "unigram", "BPE", "word", "char"};
  return type > 0 && type < int(std::size(kNames)) ? kNames[type] : kNames[0];
}

constexpr int kUnigramType = 1, kBpeType = 2;

class Reader {
public:
  Reader(const spm::Model &model, uint32_t vocabSize, Description &d,
         Problems &problems)
      : model(model), vocabSize(vocabSize), d(d), problems(problems) {}

  void run() {
    checkModel();
    d.unigram = d.floatScores = model.trainer().model_type() == kUnigramType;
    setUnknownScore();
    readPieces();
    if (!problems.empty())
      return;
    if (model.trainer().byte_fallback())
      d.byteFallback = findByteTokens(d, problems);
    d.fuseUnknown = true;
    d.normalizeAdded = false;
    d.leadingSpaces = normalizer().add_dummy_prefix() ||
                      normalizer().remove_extra_whitespaces();
    addNormalizers();
    if (!d.unigram)
      addMerges();
    d.bos = controlToken("bos_id", model.trainer().bos_id());
    d.eos = controlToken("eos_id", model.trainer().eos_id());
    if (d.bos)
      d.prefix = {*d.bos};
  }

private:
  const spm::Normalizer &normalizer() const { return model.normalizer(); }

  void checkModel() {
    if (model.pieces_size() == 0)
      problems.add("pieces", "found none, expected a SentencePiece model");
    if (!model.has_trainer() || !model.has_normalizer())
      problems.add("the file", "found no trainer_spec or no normalizer_spec, "
                               "expected a whole SentencePiece model");
    if (int type = model.trainer().model_type();
        type != kUnigramType && type != kBpeType)
      problems.add("model_type", Twine("found ") + modelTypeName(type) + " (" +
                                     Twine(type) +
                                     "), expected unigram or BPE");
    if (!model.denormalizer().precompiled_charsmap().empty())
      problems.add("denormalizer", "found one, which is not supported");
    if (model.trainer().treat_whitespace_as_suffix())
      problems.add("treat_whitespace_as_suffix",
                   "found true, which is not supported");
  }

  /// As SentencePiece does it, in its precision.
  void setUnknownScore() {
    float least = std::numeric_limits<float>::max();
    for (const spm::Piece &piece : model.pieces())
      if (piece.type() == spm::Piece::NORMAL)
        least = std::min(least, piece.score());
    d.unknownScore = least - float(kUnknownPenalty);
  }

  void readPieces() {
    for (int id = 0; id < model.pieces_size() && problems.empty(); ++id) {
      const spm::Piece &piece = model.pieces(id);
      std::string place = "pieces[" + std::to_string(id) + "]";
      StringRef name = piece.piece();
      if (name.size() > kMaxPieceBytes || !json::isUTF8(name))
        problems.add(place, "found " + Twine(name.size()) +
                                " bytes, expected UTF-8 of at most " +
                                Twine(kMaxPieceBytes));
      else if (d.find(name))
        problems.add(place, "found '" + name + "' a second time");
      else if (addToken(d, name, id, vocabSize, place, problems))
        readPiece(piece, id, place);
    }
  }

  void readPiece(const spm::Piece &piece, uint32_t id, StringRef place) {
    Token &token = d.tokens[id];
    token.decoded = replaceAll(piece.piece(), kSpace, " ");
    switch (piece.type()) {
    case spm::Piece::NORMAL:
      token.surface = piece.piece();
      token.score = piece.score();
      if (!std::isfinite(piece.score()))
        problems.add(place, "found a score that is no finite number");
      break;
    case spm::Piece::USER_DEFINED:
      if (d.unigram) { // found like others, but no others are worth more
        token.surface = piece.piece();
        token.score = float(0.1 * (int(piece.piece().size()) - 1));
      } else if (!piece.piece().empty())
        d.added.push_back({id, piece.piece(), 0, /*normalized=*/true});
      break;
    case spm::Piece::UNKNOWN:
      d.unknown = id;
      [[fallthrough]];
    case spm::Piece::CONTROL:
      if (!piece.piece().empty())
        d.added.push_back({id, piece.piece(), abi::kTokenSpecial});
      break;
    case spm::Piece::BYTE:
      if (auto byte = byteOfName(piece.piece()))
        token.decoded = std::string(1, char(*byte));
      else
        problems.add(place, "found byte '" + piece.piece() +
                                "', expected a name like <0x0A>");
      break;
    case spm::Piece::UNUSED: // nothing finds them
      if (!d.unigram)
        problems.add(place, "pieces of type UNUSED are not supported in BPE");
      break;
    }
  }

  void addNormalizers() {
    bool escape = normalizer().escape_whitespaces();
    StringRef space = escape ? kSpace : " ";
    addCharsmap();
    if (normalizer().remove_extra_whitespaces())
      d.normalizers.push_back({abi::StepKind::Collapse});
    if (normalizer().add_dummy_prefix())
      d.normalizers.push_back({abi::StepKind::Prepend, 0, "", space.str()});
    if (escape)
      d.normalizers.push_back({abi::StepKind::Replace, 0, " ", kSpace.str()});
    // A ▁ that the text has itself goes with the spaces at the end.
    if (escape && normalizer().remove_extra_whitespaces())
      d.normalizers.push_back(
          {abi::StepKind::Trim, abi::kTrimRight, kSpace.str()});
  }

  /// The text of a user-defined piece stays as it is, whatever the rules are.
  void addCharsmap() {
    auto charsmap = readCharsmap(normalizer().precompiled_charsmap());
    if (!charsmap)
      return problems.add("normalizer", "found a damaged precompiled_charsmap");
    if (charsmap->units.empty())
      return;
    Step &step = d.normalizers.emplace_back(Step{abi::StepKind::Map});
    step.charsmap = std::move(*charsmap);
    for (const spm::Piece &piece : model.pieces())
      if (piece.type() == spm::Piece::USER_DEFINED && !piece.piece().empty())
        step.map[piece.piece()] = piece.piece();
  }

  std::optional<uint32_t> controlToken(StringRef place, int id) {
    if (id < 0 || id >= model.pieces_size())
      return std::nullopt;
    return id;
  }

  bool isNormal(uint32_t id) const {
    return id >= d.tokens.size() ||
           model.pieces(id).type() == spm::Piece::NORMAL;
  }

  /// SentencePiece merges neighbours whose texts together are a piece, the
  /// best score first. As a table of pairs: every way to cut every piece in
  /// two, ranked by the piece's score. A character that is no piece itself
  /// may be a half; it becomes a symbol beyond the vocabulary.
  void addMerges() {
    std::map<float, uint32_t, std::greater<>> ranks;
    for (const spm::Piece &piece : model.pieces())
      ranks.emplace(piece.score(), 0);
    uint32_t next = 0;
    for (auto &[score, rank] : ranks)
      rank = next++;

    symbols = d.ids;
    for (int id = 0; id < model.pieces_size(); ++id)
      if (isNormal(id))
        addPartialSymbols(model.pieces(id).piece());
    for (int id = 0; id < model.pieces_size(); ++id)
      if (isNormal(id))
        addCuts(id, ranks[model.pieces(id).score()]);
  }

  static size_t characterBytes(StringRef text) {
    utf8proc_int32_t c;
    auto *bytes = reinterpret_cast<const utf8proc_uint8_t *>(text.data());
    return std::max<utf8proc_ssize_t>(1,
                                      utf8proc_iterate(bytes, text.size(), &c));
  }

  void addPartialSymbols(StringRef piece) {
    if (piece.empty() || characterBytes(piece) == piece.size())
      return;
    for (; !piece.empty(); piece = piece.drop_front(characterBytes(piece))) {
      StringRef character = piece.take_front(characterBytes(piece));
      auto known = symbols.find(character);
      if (known != symbols.end() && isNormal(known->second))
        continue;
      symbols[character] = d.tokens.size() + d.partialSymbols.size();
      d.partialSymbols.push_back(character.str());
    }
  }

  void addCuts(uint32_t id, uint32_t rank) {
    StringRef piece = model.pieces(id).piece();
    if (piece.empty())
      return;
    for (size_t cut = characterBytes(piece); cut < piece.size();
         cut += characterBytes(piece.drop_front(cut))) {
      auto left = symbols.find(piece.take_front(cut));
      auto right = symbols.find(piece.drop_front(cut));
      if (left != symbols.end() && right != symbols.end() &&
          isNormal(left->second) && isNormal(right->second))
        d.merges.push_back({left->second, right->second, rank, id});
    }
  }

  const spm::Model &model;
  uint32_t vocabSize;
  Description &d;
  Problems &problems;
  llvm::StringMap<uint32_t> symbols;
};

} // namespace

void readSentencePiece(StringRef file, uint32_t vocabSize, Description &d,
                       Problems &problems) {
  spm::Model model;
  if (file.size() > INT32_MAX ||
      !model.ParseFromArray(file.data(), file.size()))
    return problems.add("the file", "not a SentencePiece model (its protobuf "
                                    "is damaged or something else)");
  Reader(model, vocabSize, d, problems).run();
}

} // namespace setun::frontends::tokenizer
