// Package timetext reads a time that is written as text, by the form that it has or by a pattern of strftime. It knows no
// files: which of several readings of a text is meant is for a whole column to say, so it tells where there are several.
package timetext
