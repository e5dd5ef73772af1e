package foliocast

import (
	"bufio"
	"io"
	"math"
	"math/rand/v2"
	"strconv"
	"time"
)

// classroom describes data for exercises: assets named 1..Assets with a price
// for each of Days days. The same numbers give the same file on every machine.
type classroom struct {
	Assets int
	Days   int
	Seed   uint64
}

// Bounds of a classroom, so that the service accepts the upload.
const (
	maxClassroomAssets = 10_000
	maxClassroomDays   = 10_000
	maxClassroomValues = 2_000_000
)

func (c classroom) check() error {
	switch {
	case c.Assets < 1 || c.Assets > maxClassroomAssets:
		return usagef("--assets must be 1 to %d, is %d", maxClassroomAssets, c.Assets)
	case c.Days < 1 || c.Days > maxClassroomDays:
		return usagef("--days must be 1 to %d, is %d", maxClassroomDays, c.Days)
	case c.Assets*c.Days > maxClassroomValues:
		return usagef("--assets times --days must be at most %d, is %d", maxClassroomValues, c.Assets*c.Days)
	}
	return nil
}

// write writes the data as long CSV with the columns asset, date and price.
// An asset starts between 20 and 200, drifts by at most 0.1 percent a day, and
// moves by normal noise of 0.5 to 2.5 percent a day in its logarithm.
func (c classroom) write(w io.Writer) error {
	b := bufio.NewWriter(w)
	_, _ = b.WriteString("asset,date,price\n")
	for asset := 1; asset <= c.Assets; asset++ {
		// A generator for each asset: more assets do not change the first ones.
		r := rand.New(rand.NewPCG(c.Seed, uint64(asset)))
		logPrice := math.Log(20 + 180*r.Float64())
		drift := 0.002*r.Float64() - 0.001
		noise := 0.005 + 0.02*r.Float64()
		day := time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC)
		for range c.Days {
			_, _ = b.WriteString(strconv.Itoa(asset) + "," + day.Format(time.DateOnly) + "," +
				strconv.FormatFloat(math.Exp(logPrice), 'f', 4, 64) + "\n")
			logPrice += drift + noise*r.NormFloat64()
			day = day.AddDate(0, 0, 1)
		}
	}
	return b.Flush() // reports the first error of all writes
}
