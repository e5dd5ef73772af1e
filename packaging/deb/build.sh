#!/bin/sh
# Packs what is in bin as bin/foliocast_VERSION_ARCH.deb: build.sh VERSION. It runs in the top folder, with SOURCE_DATE_EPOCH.
# The programs are in a folder of their own: other packages have programs called queue and mpicalc.
set -eu
export VERSION="$1" GOARCH="$(go env GOARCH)" SOURCE_DATE_EPOCH
STAGE=$(mktemp -d)
export STAGE
trap 'rm -rf "$STAGE"' EXIT
DESTDIR=$STAGE PREFIX=/usr BINDIR=/usr/lib/foliocast/bin MANDIR=/usr/lib/foliocast/share/man DOCDIR=/usr/share/doc/foliocast \
    ZSHDIR=/usr/share/zsh/vendor-completions UNITDIR=/usr/lib/systemd/system SYSCONFDIR=/etc LAUNCHER=/usr/bin/mpirun packaging/install.sh install
rm "$STAGE/usr/share/doc/foliocast/LICENSE" # see copyright
bin/nfpm package --config packaging/deb/nfpm.yaml --packager deb --target "bin/foliocast_${VERSION}_$GOARCH.deb"
