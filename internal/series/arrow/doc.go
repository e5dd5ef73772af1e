// Package arrow reads Arrow IPC files, and keeps tables of series in them: in the stored form, whose values a process can
// map into memory instead of reading them. The library of Apache is imported as apache throughout.
//
// A file of another program, or a stream, may be compressed and have numbers, decimals, dates, timestamps, text and bytes of
// every width, also as views, in dictionaries and in runs. A column of another type can be left out; otherwise the file is
// refused, with the column, its type and what to do.
package arrow
