// Package slurm has the jobs of deploy/slurm run under a real Slurm, which a test starts on this machine: munge, the
// controller and one node. It takes OPENARENA_REAL=1, the superuser, and Debian's packages slurmctld, slurmd and munge.
package slurm
