package job

import "foliocast/internal/problem"

// maxJointSteps bounds assets × horizon of bands over assets: the answers to all assets wait in memory until the last one is known.
const maxJointSteps = 50_000

func (s Spec) validateBands(f *faults) {
	validateLevels(f, "bands", s.Bands)
	switch {
	case s.BandsOver != "" && s.BandsOver != BandsOverHorizon && s.BandsOver != BandsOverAssets:
		f.add("/bands_over", "must be horizon or assets, is %q", s.BandsOver)
	case s.BandsOver != "" && len(s.Bands) == 0:
		f.add("/bands_over", "belongs to bands, and the job asks for none")
	}
}

// JointFaults returns the fault of a job of so many assets with more steps in a band than may be, or nil.
func (s Spec) JointFaults(assets int) (f []problem.Fault) {
	if s.BandsOver == BandsOverAssets && s.Horizon <= maxHorizon && assets*s.Horizon > maxJointSteps {
		f = problem.Addf(f, "/bands_over", "may be assets for %d assets times steps at most: %d assets of %d steps are %d", maxJointSteps, assets, s.Horizon, assets*s.Horizon)
	}
	return f
}
