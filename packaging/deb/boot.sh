#!/bin/sh
# Boots systemd in the folder ROOT: boot.sh ROOT. It has processes, mounts, a host name, a control group and a network of its own,
# without a way out. It ends when this process is killed.
set -eu
if [ "$#" -eq 1 ]; then
    group=/sys/fs/cgroup
    [ -e $group/cgroup.controllers ] || group=$group/unified
    group=$group/foliocast-deb-test-$$
    mkdir "$group"
    echo $$ >"$group/cgroup.procs"
    exec unshare --mount --pid --fork --kill-child --uts --ipc --cgroup --net sh "$0" "$1" inside
fi
root=$1
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for node in null zero full random urandom tty; do
    : >"$root/dev/$node"
    mount --bind "/dev/$node" "$root/dev/$node"
done
mkdir "$root/dev/shm" "$root/dev/pts" "$root/.outside"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
cd "$root"
pivot_root . .outside
umount -l /.outside
rmdir /.outside
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit=multi-user.target
