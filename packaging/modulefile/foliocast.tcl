#%Module
# For Environment Modules and Lmod. make install fills in the version and the places.
module-whatis {Foliocast @VERSION@: forecasts of portfolios of time series on MPI clusters}
proc ModulesHelp {} {
    puts stderr {Foliocast @VERSION@: mpirun mpicalc run --help, foliocast --help, @DOCDIR@}
}
conflict foliocast
prepend-path PATH {@BINDIR@}
prepend-path MANPATH {@MANDIR@}
setenv FOLIOCAST_SBATCH {@DATA@/slurm}
