#!/bin/sh
# Installs the Debian packages that Foliocast needs and that are missing. This
# is the one list: make setup and the images both use it.
#   usage: install-deps.sh [build] [run] [test]     all three when none is named
# It needs root only when something is missing.
set -eu

build='gcc libc6-dev libopenmpi-dev pkg-config make'
run='openmpi-bin postgresql'
test='iproute2 util-linux slurmctld slurmd slurm-client'

[ $# -gt 0 ] || set -- build run test
wanted=''
for group in "$@"; do
    case $group in
    build) wanted="$wanted $build" ;;
    run) wanted="$wanted $run" ;;
    test) wanted="$wanted $test" ;;
    *)
        echo "install-deps.sh: no group named $group: use build, run or test" >&2
        exit 2
        ;;
    esac
done

if ! command -v dpkg-query >/dev/null; then
    missing=''
    for program in gcc pkg-config mpirun initdb; do
        command -v "$program" >/dev/null || missing="$missing $program"
    done
    [ -z "$missing" ] && exit 0
    echo "This is no Debian system, and these programs are missing:$missing." >&2
    echo "Ask an administrator for a C compiler, pkg-config, Open MPI 4.1 or newer with its headers, and PostgreSQL 15 or newer." >&2
    exit 1
fi

# shellcheck disable=SC2086  # one word a package
installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' $wanted 2>/dev/null | sed -n 's/^ii *//p')
missing=''
for package in $wanted; do
    printf '%s\n' "$installed" | grep -qx "$package" || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

as_root=''
if [ "$(id -u)" != 0 ]; then
    if sudo -n true 2>/dev/null; then
        as_root=sudo
    else
        echo "These packages are missing and only root can install them. Ask an administrator for:" >&2
        echo "  apt-get install$missing" >&2
        exit 1
    fi
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
apt="$as_root apt-get -qq -o DPkg::Lock::Timeout=400"
# shellcheck disable=SC2086
$apt install -y --no-install-recommends $missing >/dev/null 2>&1 || {
    $apt update
    $apt install -y --no-install-recommends $missing >/dev/null
}
