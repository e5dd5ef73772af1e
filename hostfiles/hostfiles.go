// Package hostfiles embeds the batch scripts for Slurm that foliocast submits.
// The same files can be submitted by hand.
package hostfiles

import _ "embed"

// Batch is slurm/batch.sbatch: one file in, one file out, no services.
//
//go:embed slurm/batch.sbatch
var Batch string

// Pilot is slurm/pilot.sbatch: it drains the queue with the nodes of its job.
//
//go:embed slurm/pilot.sbatch
var Pilot string
