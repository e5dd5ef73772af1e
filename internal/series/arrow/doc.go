// Package arrow reads Arrow IPC files, and keeps tables of series in them: in the stored form, whose values a process can
// map into memory instead of reading them. The library of Apache is imported as apache throughout.
package arrow
