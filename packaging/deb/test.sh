#!/bin/sh
# Installs a package in a clean Debian and lives with it: test.sh PACKAGE. systemd starts the services as docs/install.md says, a job is
# forecast, the package is installed again over the running services, and a purge leaves nothing behind. It needs root, and the
# mirror MIRROR for the system, in which no service of this machine can be reached.
set -eu
package=$1
MIRROR=${MIRROR:-http://deb.debian.org/debian}
here=$(dirname "$0")
work=$(mktemp -d)
root=$work/root
boot=''
end() {
    if [ -n "$boot" ]; then
        kill -KILL "$boot" 2>/dev/null || :
        wait "$boot" 2>/dev/null || :
        group=$(find /sys/fs/cgroup -maxdepth 2 -type d -name "foliocast-deb-test-$boot")
        for _ in $(seq 100); do # the kernel takes a moment to end its processes
            find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && break
            sleep 0.1
        done
    fi
    rm -rf --one-file-system "$work"
}
trap end EXIT
trap 'exit 1' INT TERM
fail() { echo "deb-test: $*" >&2; exit 1; }
say() { echo "deb-test: $*"; }

[ "$(id -u)" = 0 ] || fail "only root can boot a system in a folder"
say "a clean Debian from $MIRROR"
. /etc/os-release
debootstrap --variant=minbase --include=ca-certificates,systemd-sysv,dbus,postgresql,jq "$VERSION_CODENAME" "$root" "$MIRROR" >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; fail "debootstrap failed"; }
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" # nothing starts while packages are installed from outside
chmod +x "$root/usr/sbin/policy-rc.d"
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp "$package" "$root/var/cache/foliocast.deb"
apt() { chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "apt-get $* failed"; }; }
# Its dependencies come first, so that what is different in the end came from the package itself.
# shellcheck disable=SC2046
apt install $(dpkg-deb -f "$package" Depends | sed 's/([^)]*)//g; s/,/ /g')
trace() { (cd "$root" && find . -xdev \( -path ./proc -o -path ./run -o -path ./tmp -o -path ./var/log -o -path ./var/tmp -o -path ./var/lib/postgresql -o -path ./var/cache/ldconfig \) -prune -o -print | sort; cat etc/passwd etc/group); }
trace >"$work/before"
mkdir "$root/var/admin"

say "install $(basename "$package")"
apt install /var/cache/foliocast.deb
"$here/boot.sh" "$root" >"$work/boot" 2>&1 &
boot=$!
for _ in $(seq 600); do
    init=$(pgrep -P "$boot" -x systemd || :)
    [ -z "$init" ] || break
    kill -0 "$boot" 2>/dev/null || { cat "$work/boot" >&2; fail "systemd did not start"; }
    sleep 0.1
done
inside() { nsenter -t "$init" -m -p -u -i -n -C -r -w env -i HOME=/var/admin TERM=dumb PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/foliocast/bin "$@"; }
for _ in $(seq 600); do
    state=$(inside systemctl is-system-running 2>/dev/null || :)
    [ "$state" != running ] || break
    sleep 0.1
done
[ "$state" = running ] || fail "the system is $state: $(inside systemctl --failed --no-pager || :)"

say "the steps of docs/install.md"
awk '/^```sh$/ { step = 1; next } /^```/ { step = 0 } step' "$here/../../docs/install.md" >"$root/var/admin/steps"
inside timeout 300 sh -ex /var/admin/steps >"$work/log" 2>&1 || { cat "$work/log" >&2; inside journalctl --no-pager -n 100 -u 'foliocast-*' >&2; fail "the steps failed"; }
grep -q '^overall ' "$work/log" || { cat "$work/log" >&2; fail "no forecast"; }
units='foliocast-authsvc foliocast-queue foliocast-frontend foliocast-worker'
for unit in $units; do
    [ "$(inside systemctl is-active "$unit")" = active ] || fail "$unit is not active"
done

say "install it again, over the running services"
inside dpkg -i /var/cache/foliocast.deb >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "dpkg -i failed"; }
inside timeout 120 foliocast job submit --dataset prices --assets '*' --horizon 3 --wait >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "no forecast after that"; }

say "a wrong setting ends a service once"
echo FOLIOCAST_LEASE=0s >>"$root/etc/foliocast/queue.env"
! inside systemctl restart foliocast-queue 2>/dev/null || fail "queue runs with a wrong setting"
[ "$(inside systemctl show -P Result -P NRestarts -P ExecMainStatus foliocast-queue | sort | tr '\n' ' ')" = "0 2 exit-code " ] || fail "queue: $(inside systemctl show -P Result -P NRestarts -P ExecMainStatus foliocast-queue)"
inside journalctl --no-pager -u foliocast-queue | grep -q 'FOLIOCAST_LEASE must be at least 1s' || fail "queue does not say which setting is wrong"

say "purge"
inside dpkg --purge foliocast >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "dpkg --purge failed"; }
! inside sh -c 'grep -las /usr/lib/folioc[a]st /proc/[0-9]*/cmdline' >&2 || fail "processes are left"
inside runuser -u postgres -- psql -q -c 'DROP DATABASE foliocast' -c 'DROP ROLE foliocast_authsvc, foliocast_queue, foliocast_frontend'
rm -r "$root/var/admin" # the sign-in of the user who followed the steps
trace >"$work/after"
grep -v -e '^\./var/lib/systemd/' "$work/before" >"$work/was"
grep -v -e '^\./var/lib/systemd/' "$work/after" >"$work/is" # random seed, timers
diff "$work/was" "$work/is" >&2 || fail "the purge left traces"
say "all passed"
