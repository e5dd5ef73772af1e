// Package chart draws the pictures of forecasts, risks and backtests: as SVG for the report and the console, as PNG where SVG cannot be
// shown, and as text for a terminal. It knows numbers and times, and neither jobs nor files.
//
// Each kind of picture is a struct with its data, such as [Fan]. Its method Draw lays it out for a width and returns a [Picture], which
// writes itself. A picture names what it shows in its title, and says what a reader sees in it in its description: in SVG they are the text
// alternative.
//
// # How pictures look
//
// Colours are those of Okabe and Ito (2008), which people with any kind of colour vision tell apart, in a light and a dark variant; each
// has a contrast of at least 3 to 1 with its background, and text of 4.5 to 1 (WCAG 2.2, 1.4.3 and 1.4.11). Nothing is told by colour alone:
// lines also differ in dashes, points in shape. SVG follows the reader's colour scheme.
//
// Steps are as far apart as they are in number, not in time: a weekend leaves no gap. Numbers that are not finite are not drawn.
package chart
