package series

import "fmt"

// verify checks what opening a stored file leaves out, because it would touch every value: that the names can be names
// and differ, and that the values are finite.
func (t *Table) verify() error {
	seen := make(map[string]bool, len(t.names))
	var faults Findings
	for i, name := range t.names {
		if reason := nameFault(name); reason != "" {
			faults.add(Finding{Line: int64(i) + 1, Reason: reason})
		} else if seen[name] {
			faults.add(Finding{Line: int64(i) + 1, Asset: name, Reason: "the asset stands in an earlier row already"})
		}
		seen[name] = true
		for k, v := range t.assets[i].values {
			if v-v != 0 {
				faults.add(Finding{Line: int64(i) + 1, Asset: name, Reason: fmt.Sprintf("value %d is %v", k+1, v)})
				break
			}
		}
	}
	if faults.Count > 0 {
		return &RejectError{faults.First, faults.Count}
	}
	return nil
}
