package calendar_test

import (
	"fmt"
	"time"

	"foliocast/internal/series/calendar"
)

func at(year int, month time.Month, day int) int64 {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).UnixMicro()
}

// Fridays, of which the last was a holiday.
func ExampleInfer() {
	times := []int64{at(2024, 3, 1), at(2024, 3, 8), at(2024, 3, 15), at(2024, 3, 22), at(2024, 3, 28)}
	c, breaks := calendar.Infer(times)
	fmt.Println(c, "means", c.Describe())
	fmt.Println("next:", time.UnixMicro(c.Next(times[4])).UTC().Format(time.DateOnly))
	fmt.Println("breaks:", breaks)
	// Output:
	// W-FRI means weeks, on Friday
	// next: 2024-04-05
	// breaks: [4]
}

func ExampleParse() {
	c, err := calendar.Parse("XNYS")
	if err != nil {
		panic(err)
	}
	fmt.Println(c.Describe())
	fmt.Println("after Thursday:", time.UnixMicro(c.Next(at(2024, 3, 28))).UTC().Format("Monday, 2006-01-02"))
	fmt.Println("slots between:", c.Slot(at(2024, 4, 1))-c.Slot(at(2024, 3, 28)))
	// Output:
	// sessions of XNYS (New York Stock Exchange)
	// after Thursday: Monday, 2024-04-01
	// slots between: 2
}

// A name that says only months takes the day from the times.
func ExampleCalendar_Fit() {
	months, err := calendar.Parse("M")
	if err != nil {
		panic(err)
	}
	c := months.Fit([]int64{at(2024, 1, 31), at(2024, 2, 29), at(2024, 3, 29), at(2024, 4, 30)})
	fmt.Println(c, "means", c.Describe())
	// Output: BME means months, on the last business day
}

func ExampleContradicts() {
	years, err := calendar.Parse("YE")
	if err != nil {
		panic(err)
	}
	times := []int64{at(2024, 1, 1), at(2024, 1, 2), at(2024, 1, 3), at(2024, 1, 6)}
	fmt.Println(calendar.Contradicts(years.Fit(times), times))
	// Output: YE-DEC means years, on the last day of December, but the times are calendar days (D): 2024-01-01 and 2024-01-02 fall into one period
}
