#!/usr/bin/env bash
# scripts/install.sh [--tests]: puts in place what Setun is built with: packages
# of Debian 12, and two wheels from PyPI unpacked into build/wheels; with --tests
# also the browser that opens reports, and the judge of chat templates. Does only
# what is still missing.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

packages=(
  clang-22 lld-22 libclang-rt-22-dev            # the compiler; sanitizers
  llvm-22-dev libmlir-22-dev liblld-22-dev      # what Setun is made of
  llvm-22-tools mlir-22-tools                   # lit, FileCheck, mlir-tblgen
  zlib1g-dev libzstd-dev                       # what lldELF links with
  cmake ninja-build ccache git
  libprotobuf-dev protobuf-compiler             # tokenizer.model
  libutf8proc-dev libpcre2-dev                  # Unicode tables; test oracle
  libgtest-dev
  python3 python3-numpy python3-pip             # tests, wheels
  qemu-user                                     # other ISAs; counts
  ca-certificates
)
case ${1-} in
--tests) packages+=(chromium python3-jinja2) ;; # 120 MB to load, 360 MB on the disk
?*) die "unknown option '$1'; there is --tests" ;;
esac

# name, version, wheel, sha256
wheels=(
  "halide 21.0.0
   halide-21.0.0-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl
   3686c2b4c9aed1e26e1e55631608b2c4a4c3fe2d4386505ba1921859adb683ab"
  "ziglang 0.17.0
   ziglang-0.17.0-py3-none-manylinux_2_12_x86_64.manylinux2010_x86_64.musllinux_1_1_x86_64.whl
   97079827064a7492cce5541ceb438ae8003ce1e54e399676da2d62fb7a5dc08b"
)
downloads=$XDG_CACHE_HOME/setun/wheels

check_system() {
  [ "$(uname -sm)" = "Linux x86_64" ] ||
    die "Setun is built on x86-64 Linux; this is $(uname -sm)"
  local ID='' VERSION_ID=''
  # shellcheck source=/dev/null
  [ -r /etc/os-release ] && . /etc/os-release
  [ "$ID $VERSION_ID" = "debian 12" ] ||
    say "warning: made for Debian 12, this is ${ID:-unknown} $VERSION_ID"
}

missing_packages() {
  local package status
  for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) || :
    [ "$status" = installed ] || echo "$package"
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install_packages() {
  local missing
  command -v dpkg-query >/dev/null ||
    die "no dpkg here; install by hand: ${packages[*]}"
  read -r -d '' -a missing <<<"$(missing_packages)" || true
  [ ${#missing[@]} = 0 ] && return
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
    die "needs root or sudo to install: ${missing[*]}"

  say "installing ${missing[*]}"
  local apt=(apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)
  as_root "${apt[@]}" update ||
    die "apt-get update failed; is the network up?"
  apt-cache show clang-22 >/dev/null 2>&1 ||
    die "apt does not know clang-22; is the network up, and this a source?" \
      "deb http://deb.debian.org/debian-security bookworm-security main"
  as_root env DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y \
    --no-install-recommends "${missing[@]}" ||
    die "apt-get could not install: ${missing[*]}"
}

sum_is() { echo "$2  $1" | sha256sum --check --status 2>/dev/null; }

# Debian's own Python: another one in PATH may lack pip, or be of a version for
# which there is no such wheel.
download_wheel() {
  local name=$1 version=$2 file=$downloads/$3 sum=$4
  sum_is "$file" "$sum" && return
  say "downloading $name $version from PyPI"
  mkdir -p "$downloads"
  rm -f "$file"
  /usr/bin/python3 -m pip download --no-deps --only-binary=:all: \
    --python-version 3.11 --platform manylinux_2_28_x86_64 \
    --platform manylinux_2_12_x86_64 --dest "$downloads" "$name==$version" ||
    die "cannot download $name $version; is PyPI reachable?"
  sum_is "$file" "$sum" ||
    die "$file is not the wheel that is expected (sha256 $sum)"
}

# Into a folder beside first: a run that is interrupted leaves no half of it.
unpack_wheel() {
  local name=$1 file=$downloads/$3 sum=$4 place=build/wheels/$1
  local stamp=$place/.sha256 fresh=build/wheels/.$1.new
  [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ] && return
  download_wheel "$@"
  say "unpacking $name into $place"
  rm -rf "$fresh" "$place"
  mkdir -p "$fresh"
  /usr/bin/python3 -m zipfile -e "$file" "$fresh"
  # zipfile forgets which files are programs.
  find "$fresh/$name" \( -path '*/bin/*' -o -name zig \) -type f \
    -exec chmod +x {} +
  echo "$sum" >"$fresh/$name/.sha256"
  mv "$fresh/$name" "$place"
  rm -rf "$fresh"
}

check_system
install_packages
for wheel in "${wheels[@]}"; do
  read -r -d '' -a fields <<<"$wheel" || true
  unpack_wheel "${fields[@]}"
done
