# A recipe for Spack: put it into a repository of yours as packages/foliocast/package.py, with the address of the clone that you build.
from spack.package import *


class Foliocast(MakefilePackage):
    """Forecasts of portfolios of time series on MPI clusters."""

    license("Apache-2.0")

    git = "https://git.example.org/foliocast.git"

    version("main", branch="main")

    depends_on("c", type="build")
    depends_on("go@1.26:", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("openmpi@4.1:", type=("build", "link", "run"))

    def build(self, spec, prefix):
        # make build would look for Debian's packages first.
        make("-o", "setup", "build")

    def install(self, spec, prefix):
        make(
            "install",
            "PREFIX={0}".format(prefix),
            "SYSCONFDIR={0}".format(prefix.etc),
            "LAUNCHER={0}".format(join_path(spec["openmpi"].prefix.bin, "mpirun")),
        )
