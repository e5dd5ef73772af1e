#!/bin/sh
# Installs what is in bin with all that belongs to it, or removes it: install.sh install|uninstall. make install and make
# uninstall run it in the top folder, with these variables:
#   DESTDIR     is put before every path, for packages
#   PREFIX      /usr/local
#   BINDIR      PREFIX/bin: the five programs, which must stay together
#   MANDIR      PREFIX/share/man
#   DOCDIR      PREFIX/share/doc/foliocast
#   ZSHDIR      PREFIX/share/zsh/site-functions
#   UNITDIR     PREFIX/lib/systemd/system
#   SYSCONFDIR  /etc: settings, which are left alone where they exist, and left behind where they were changed
#   LAUNCHER    mpirun on PATH
set -eu
action=$1
PREFIX=${PREFIX:-/usr/local}
BINDIR=${BINDIR:-$PREFIX/bin}
MANDIR=${MANDIR:-$PREFIX/share/man}
DOCDIR=${DOCDIR:-$PREFIX/share/doc/foliocast}
ZSHDIR=${ZSHDIR:-$PREFIX/share/zsh/site-functions}
UNITDIR=${UNITDIR:-$PREFIX/lib/systemd/system}
SYSCONFDIR=${SYSCONFDIR:-/etc}
LAUNCHER=${LAUNCHER:-$(command -v mpirun || echo /usr/bin/mpirun)}
DATA=$PREFIX/share/foliocast
DESTDIR=${DESTDIR:-}

[ -x bin/foliocast ] || { echo "$action: there is no bin/foliocast: run make build first" >&2; exit 1; }
version=$(bin/foliocast --version | sed 's/.* //')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# put MODE FILE PATH installs or removes one file; its time is that of the source.
put() {
    if [ "$action" = install ]; then
        install -D -m "$1" "$2" "$DESTDIR$3"
        [ -z "${SOURCE_DATE_EPOCH:-}" ] || touch -d "@$SOURCE_DATE_EPOCH" "$DESTDIR$3"
    else
        rm -f "$DESTDIR$3"
    fi
}

# keep is put for settings, which people change.
keep() {
    if [ "$action" = install ]; then
        [ -e "$DESTDIR$3" ] || put "$@"
    elif cmp -s "$2" "$DESTDIR$3"; then
        put "$@"
    fi
}

# fill FILE replaces the places in a template.
fill() {
    sed -e "s|@BINDIR@|$BINDIR|g" -e "s|@DOCDIR@|$DOCDIR|g" -e "s|@SYSCONFDIR@|$SYSCONFDIR|g" -e "s|@MPIRUN@|$LAUNCHER|g" \
        -e "s|@MANDIR@|$MANDIR|g" -e "s|@DATA@|$DATA|g" -e "s|@VERSION@|$version|g" "$1" >"$work/filled"
}

for program in authsvc frontend queue foliocast mpicalc; do
    put 755 "bin/$program" "$BINDIR/$program"
    "bin/$program" man | gzip -9n >"$work/page"
    put 644 "$work/page" "$MANDIR/man1/$program.1.gz"
done
for program in foliocast mpicalc; do
    for shell in bash zsh fish; do
        "bin/$program" completion $shell >"$work/$shell"
    done
    put 644 "$work/bash" "$PREFIX/share/bash-completion/completions/$program"
    put 644 "$work/zsh" "$ZSHDIR/_$program"
    put 644 "$work/fish" "$PREFIX/share/fish/vendor_completions.d/$program.fish"
done

for unit in packaging/systemd/*.service; do
    fill "$unit"
    put 644 "$work/filled" "$UNITDIR/${unit##*/}"
done
put 644 packaging/systemd/sysusers.conf "$PREFIX/lib/sysusers.d/foliocast.conf"
put 644 packaging/systemd/tmpfiles.conf "$PREFIX/lib/tmpfiles.d/foliocast.conf"

# settings PROGRAM NAME ARGUMENT... makes the environment file NAME.env. Only root may read it: it may have secrets.
settings() {
    program=$1 name=$2
    shift 2
    echo "# Settings of foliocast-$name.service. A line with # in front has the default." >"$work/settings"
    echo >>"$work/settings"
    "bin/$program" settings "$@" >>"$work/settings"
    [ "$name" != worker ] || printf '\n%s\n%s\n' '# flags of mpirun; without -np there is a rank for each core' '#MPIRUN_FLAGS=--bind-to none' >>"$work/settings"
    keep 600 "$work/settings" "$SYSCONFDIR/foliocast/$name.env"
}
database='FOLIOCAST_DATABASE_URL=postgres:///foliocast?host=/run/postgresql'
settings authsvc authsvc "$database" FOLIOCAST_ADMIN_FILE=/var/lib/foliocast/authsvc/admin.json FOLIOCAST_KEY_ENCRYPTION_FILE=/var/lib/foliocast/authsvc/keys
settings queue queue "$database"
settings frontend frontend "$database" FOLIOCAST_DATA_DIR=/var/lib/foliocast/frontend
settings mpicalc worker FOLIOCAST_CLIENT_FILE=/etc/foliocast/worker.json FOLIOCAST_CACHE_DIR=/var/cache/foliocast/worker

fill packaging/modulefile/foliocast.tcl
put 644 "$work/filled" "$DATA/modulefiles/foliocast/$version"
for file in prometheus.yml foliocast-alerts.yml grafana.json; do
    put 644 "packaging/monitoring/$file" "$DATA/monitoring/$file"
done
put 644 packaging/database.sql "$DATA/database.sql"
put 644 clients/python/foliocast.py "$DATA/foliocast.py"
put 644 clients/r/foliocast.R "$DATA/foliocast.R"
for script in batch pilot; do
    put 755 "hostfiles/slurm/$script.sbatch" "$DATA/slurm/$script.sbatch"
done
for page in README.md CHANGELOG.md LICENSE docs/*.md docs/*.svg docs/data/*.csv docs/data/*.md; do
    put 644 "$page" "$DOCDIR/$page"
done

if [ "$action" = uninstall ]; then # what is empty then
    for folder in "$DATA/slurm" "$DATA/monitoring" "$DATA/modulefiles/foliocast" "$DATA/modulefiles" "$DATA" "$DOCDIR/docs/data" "$DOCDIR/docs" "$DOCDIR" "$SYSCONFDIR/foliocast"; do
        rmdir "$DESTDIR$folder" 2>/dev/null || :
    done
fi
