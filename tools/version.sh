#!/bin/sh
# Prints the version of the source in this folder. At the tag of a release it is that release, as in 0.1.0. Elsewhere it is
# the newest release in CHANGELOG.md with the number of commits and the last one, as in 0.1.0+950.g5410ad0, which sorts
# after 0.1.0 and before 0.1.1. With changes that are not committed it ends in .dirty. It prints nothing outside a clone.
set -eu
commit=$(git describe --always --exclude '*' --dirty 2>/dev/null) || exit 0
tag=$(git describe --tags --exact-match --match 'v[0-9]*' --dirty 2>/dev/null) || tag=''
case $tag in
'' | *-dirty) ;;
*) echo "${tag#v}" && exit ;;
esac
release=$(sed -n 's/^## \([0-9][0-9.]*\).*/\1/p' CHANGELOG.md | head -n 1)
case $commit in
*-dirty) commit=${commit%-dirty}.dirty ;;
esac
echo "${release:-0.0.0}+$(git rev-list --count HEAD).g$commit"
