package arch

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"strings"
	"testing"
)

// Imports are in the order of goimports -local foliocast: one block each for
// the standard library, for other modules and for this one. gofmt sorts within
// a block; neither it nor goimports joins or moves blocks.
func TestImportOrder(t *testing.T) {
	t.Parallel()
	for _, name := range tracked(t) {
		if !strings.HasSuffix(name, ".go") {
			continue
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, "../../"+name, nil, parser.ImportsOnly|parser.ParseComments)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range orderFaults(files, file.Imports) {
			t.Errorf("%s: %s", name, fault)
		}
	}
}

// orderFaults compares each import with the one before it: a block ends exactly
// where the origin changes, and origins only grow.
func orderFaults(files *token.FileSet, specs []*ast.ImportSpec) []string {
	var faults []string
	for i, spec := range specs[min(1, len(specs)):] {
		before := specs[i]
		begin := spec.Pos()
		if spec.Doc != nil {
			begin = spec.Doc.Pos()
		}
		separate := files.Position(begin).Line-files.Position(before.End()).Line > 1
		switch from, to := origin(before), origin(spec); {
		case to < from:
			faults = append(faults, fmt.Sprintf("%s must come before %s", spec.Path.Value, before.Path.Value))
		case to == from && separate:
			faults = append(faults, fmt.Sprintf("%s belongs to the block of %s", spec.Path.Value, before.Path.Value))
		case to > from && !separate:
			faults = append(faults, fmt.Sprintf("a blank line must part %s from %s", spec.Path.Value, before.Path.Value))
		}
	}
	return faults
}

// origin ranks an import: "C", which stands alone with its C code, 0; the
// standard library 1; other modules, whose paths begin with a host name, 2; this
// module 3.
func origin(spec *ast.ImportSpec) int {
	path := strings.Trim(spec.Path.Value, `"`)
	first, _, _ := strings.Cut(path, "/")
	switch {
	case path == "C":
		return 0
	case first+"/" == module:
		return 3
	case strings.Contains(first, "."):
		return 2
	default:
		return 1
	}
}
