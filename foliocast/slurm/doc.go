// Package slurm talks to Slurm through its programs. It makes batch scripts from
// those in the hostfiles folder, submits them, waits for them, and finds out
// what keeps them from running.
//
// Pure functions build what goes to Slurm (Script, Environment), read what comes
// from it (ParseJob, ParseNodes …) and judge it (Diagnose). Only Commands and
// Examine start programs.
package slurm
