// Package slurm speaks with Slurm through its programs: it makes batch
// scripts of those in the hostfiles folder, submits them, waits for them, and
// finds out what keeps them from running.
//
// What goes to Slurm is built by pure functions (Script, Environment), what
// comes from it is read by others (ParseJob, ParseNodes …), and what it means
// is decided by a third (Diagnose); only Commands and Examine start programs.
package slurm
