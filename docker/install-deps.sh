#!/bin/sh
# Installs the Debian packages that Foliocast needs and that are missing. This
# is the only list of them: the Makefile and the image both use it.
#   usage: install-deps.sh GROUP...
#     compiler   a C compiler
#     mpi-dev    what mpicalc needs to compile, besides the compiler
#     mpi        Open MPI, to run ranks
#     sshd       the server of OpenSSH, by which the hosts of a world reach each other
#     engine     Debootstrap, Buildah, Docker and Compose, to build the images and to run them
#     mpich      MPICH, to test the binding with it; mpicc and mpirun stay Open MPI's
#     postgres   PostgreSQL
#     model      Spin, the checker of queue/model
#     cluster    Slurm, and tools to simulate hosts with namespaces
#     shells     bash, zsh, fish, mandoc and groff, to test completion and manual pages
#     browser    Chromium without a window, and a font, to test pages
#     python     Python with pandas, to test the client in Python and to pack it
#     r          R, to test the client in R
#     systemd    systemd, to check units with systemd-analyze
#     modules    Environment Modules, to load the module file
#     debian     debootstrap, to install the Debian package in a clean system
#     prometheus Prometheus and promtool, to evaluate the dashboard and the alerts
# It needs root only when something is missing.
set -eu

compiler='gcc libc6-dev'
mpi_dev='libopenmpi-dev pkg-config'
mpi='openmpi-bin'
sshd='openssh-server openssh-client'
engine='debootstrap buildah docker.io docker-compose iproute2 openssh-client openssl'
mpich='libmpich-dev mpich'
postgres='postgresql'
model='spin'
cluster='slurmctld slurmd slurm-client iproute2'
shells='bash zsh fish mandoc groff-base'
browser='chromium-headless-shell fonts-dejavu-core'
python='python3 python3-pandas python3-setuptools python3-wheel'
r='r-base-core r-cran-curl r-cran-jsonlite'
systemd='systemd'
modules='environment-modules'
debian='debootstrap'
prometheus='prometheus'

wanted=''
programs='' # the programs to look for on other systems
for group in "$@"; do
    case $group in
    compiler) wanted="$wanted $compiler" programs="$programs gcc" ;;
    mpi-dev) wanted="$wanted $mpi_dev" programs="$programs mpicc pkg-config" ;;
    mpi) wanted="$wanted $mpi" programs="$programs mpirun" ;;
    sshd) wanted="$wanted $sshd" programs="$programs sshd ssh" ;;
    engine) wanted="$wanted $engine" programs="$programs debootstrap buildah dockerd docker docker-compose ip ssh-keygen openssl" ;;
    mpich) wanted="$wanted $mpich" programs="$programs mpiexec.hydra" ;;
    postgres) wanted="$wanted $postgres" programs="$programs initdb" ;;
    cluster) wanted="$wanted $cluster" programs="$programs slurmctld slurmd sbatch ip" ;;
    shells) wanted="$wanted $shells" programs="$programs bash zsh fish mandoc groff" ;;
    browser) wanted="$wanted $browser" programs="$programs chromium-headless-shell" ;;
    model) wanted="$wanted $model" programs="$programs spin gcc" ;;
    python) wanted="$wanted $python" programs="$programs python3" ;;
    r) wanted="$wanted $r" programs="$programs Rscript" ;;
    systemd) wanted="$wanted $systemd" programs="$programs systemd-analyze" ;;
    modules) wanted="$wanted $modules" programs="$programs envml" ;;
    debian) wanted="$wanted $debian" programs="$programs debootstrap" ;;
    prometheus) wanted="$wanted $prometheus" programs="$programs prometheus promtool" ;;
    *)
        echo "install-deps.sh: $group is not a group: use compiler, mpi-dev, mpi, mpich, postgres, cluster, shells, browser, model, python, r, systemd, modules, debian, sshd, engine or prometheus" >&2
        exit 2
        ;;
    esac
done
if [ -z "$wanted" ]; then
    echo "usage: install-deps.sh GROUP..., of compiler, mpi-dev, mpi, mpich, postgres, cluster, shells, browser, model, python, r, systemd, modules, debian, sshd, engine and prometheus" >&2
    exit 2
fi

if ! command -v dpkg-query >/dev/null; then
    missing=''
    for program in $programs; do
        command -v "$program" >/dev/null || missing="$missing $program"
    done
    [ -z "$missing" ] && exit 0
    echo "These programs are missing, and this script can install them only on Debian:$missing." >&2
    echo "Ask an administrator to install them. Foliocast needs Open MPI 4.1 or newer and PostgreSQL 15 or newer." >&2
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
        echo "These packages are missing, and only root can install them. Ask an administrator for:" >&2
        echo "  apt-get install$missing" >&2
        exit 1
    fi
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
apt="$as_root apt-get -qq -o DPkg::Lock::Timeout=400"
# shellcheck disable=SC2086
first=$($apt install -y --no-install-recommends $missing 2>&1 >/dev/null) || {
    # The lists of packages may be old, or missing.
    $apt update
    # shellcheck disable=SC2086
    $apt install -y --no-install-recommends $missing >/dev/null || {
        printf 'Before the lists of packages were renewed, apt-get said:\n%s\n' "$first" >&2
        exit 1
    }
}
