package chart

import (
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
)

// letters are the outlines of text in PNG, and tell how wide text is.
type letters struct {
	regular, bold *sfnt.Font
}

// loadLetters parses the fonts, once.
var loadLetters = sync.OnceValue(func() letters {
	parse := func(ttf []byte) *sfnt.Font {
		f, err := opentype.Parse(ttf)
		if err != nil {
			panic("chart: a font that is part of the program: " + err.Error())
		}
		return f
	}
	return letters{parse(goregular.TTF), parse(gobold.TTF)}
})

// face is a font of a size. It is for one goroutine.
func face(size float64, bold bool) font.Face {
	f := loadLetters().regular
	if bold {
		f = loadLetters().bold
	}
	made, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		panic("chart: a face of a font that is part of the program: " + err.Error())
	}
	return made
}

// wider is how much wider than these fonts the widest of those is that browsers may take for a picture, DejaVu Sans.
const wider = 1.13

// textWidth is how wide a text is at most. A character that the font lacks, as of Chinese, is as wide as the text is high.
func textWidth(text string, size float64, bold bool) float64 {
	f := loadLetters().regular
	if bold {
		f = loadLetters().bold
	}
	var b sfnt.Buffer
	width := 0.0
	for _, r := range text {
		index, err := f.GlyphIndex(&b, r)
		if err != nil || index == 0 {
			width += size
			continue
		}
		advance, err := f.GlyphAdvance(&b, index, fixedUnits, font.HintingNone)
		if err != nil {
			width += size
			continue
		}
		width += float64(advance) / float64(fixedUnits) * size * wider
	}
	return width
}

// fixedUnits is the size at which glyphs are measured, 1000 pixels in units of 1/64.
const fixedUnits = 1000 << 6
