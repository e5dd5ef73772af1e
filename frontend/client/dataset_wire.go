package client

import (
	"time"

	"foliocast/internal/job"
)

// Version is one immutable version of a dataset.
type Version struct {
	job.Dataset
	StoredBytes int64     `json:"stored_bytes" doc:"How many bytes the service stores of the file: fewer than all where rows were appended, because versions share what did not change"`
	Owner       string    `json:"owner" doc:"Who uploaded it"`
	CreatedAt   time.Time `json:"created_at"`
	Audit       Audit     `json:"audit"`
	Further     []Column  `json:"further,omitempty" nullable:"false" doc:"The other columns of prices that the file has, which a job may choose by its field column; absent in the list of datasets"`
	X           []Column  `json:"x,omitempty" nullable:"false" doc:"The columns that are known in advance, which a job may name in its field x; absent in the list of datasets"`
}

// Column is a further column of a version.
type Column struct {
	Column      string `json:"column" example:"adj_close"`
	SHA256      string `json:"sha256" doc:"Of the stored Arrow file, lower-case hexadecimal"`
	Bytes       int64  `json:"bytes"`
	StoredBytes int64  `json:"stored_bytes" doc:"How many of them the service stores"`
	Audit       Audit  `json:"audit"`
}

// Datasets is a page of datasets in the order of their names, each with its newest
// version.
type Datasets struct {
	Items []Version `json:"items" nullable:"false"`
	Next  string    `json:"next,omitzero" doc:"Send it as after=… to get the next page; absent on the last"`
}

// Versions is a page of the versions of one dataset, the newest first.
type Versions struct {
	Items []Version `json:"items" nullable:"false"`
	Next  int       `json:"next,omitzero" doc:"Send it as before=… to get the next page; absent on the last"`
}

// AssetInfo describes one asset of a dataset's version.
type AssetInfo struct {
	Asset  string `json:"asset"`
	Values int    `json:"values"`
	Filled int    `json:"filled,omitzero" doc:"Missing values to which the last value was carried forward"`
	From   string `json:"from,omitzero"`
	To     string `json:"to,omitzero"`
	Freq   string `json:"freq,omitzero"`

	Last []float64 `json:"last,omitempty" nullable:"false" doc:"The last values, the oldest first, when asked for"`
}

// Assets is a page of the assets of one version, in the order of its file.
type Assets struct {
	Dataset job.Dataset `json:"dataset"`
	Total   int         `json:"total"`
	Items   []AssetInfo `json:"items" nullable:"false"`
	Next    int         `json:"next,omitzero" doc:"Send it as offset=… to get the next page; absent on the last"`
}

// NextTimes are the times that follow the data of a dataset.
type NextTimes struct {
	Last string   `json:"last" doc:"The newest time that has a value"`
	Freq string   `json:"freq,omitzero" doc:"The frequency in which the times follow each other"`
	DS   []string `json:"ds" nullable:"false"`
}

// Audit is what reading an upload found.
type Audit struct {
	Form       string   `json:"form" doc:"long, wide or stored"`
	Dialect    string   `json:"dialect,omitzero" doc:"How a CSV file is written, if not with commas between fields and decimal points"`
	Notes      []string `json:"notes,omitempty" nullable:"false" doc:"What the reader chose: the columns it left out, how it read times and numbers"`
	Column     string   `json:"column,omitzero" doc:"The column that the values are those of, in a long file or one with the bars of prices"`
	Columns    []string `json:"columns,omitempty" nullable:"false" doc:"The columns of prices that the file has, if that is one of several"`
	Source     string   `json:"source,omitzero" doc:"Where the service has fetched the file, without what follows a question mark"`
	Rows       int64    `json:"rows"`
	AppendedTo int      `json:"appended_to,omitzero" doc:"The version that the rows were appended to. Rows and the findings with lines are those of the appended file alone; the audit of that version has the others"`
	Replaced   int64    `json:"replaced,omitzero" doc:"Values of that version that rows replaced"`
	Assets     int      `json:"assets"`
	Values     int64    `json:"values" doc:"Values of all assets, including those carried forward"`
	From       string   `json:"from" doc:"First time that has a value"`
	To         string   `json:"to"`
	Freq       string   `json:"freq" doc:"The name of the calendar as pandas writes it, such as h, B, W-FRI or ME; empty when unknown or mixed"`
	Calendar   string   `json:"calendar" doc:"The frequency in words"`
	Zone       string   `json:"zone,omitzero" doc:"The zone that the times are in, where the file or the reader says it"`
	Filled     int64    `json:"filled" doc:"Missing values to which the last value was carried forward"`

	Duplicates  Findings `json:"duplicates"`
	Unreadable  Findings `json:"unreadable"`
	Merged      Findings `json:"merged" doc:"Rows that repeat the asset and the time of an earlier row: equal to it, or merged with it as asked"`
	Missing     Findings `json:"missing" doc:"Empty values"`
	NonFinite   Findings `json:"non_finite" doc:"Infinite values, taken as missing"`
	NonPositive Findings `json:"non_positive" doc:"Values of zero or less"`
	Unsorted    Findings `json:"unsorted" doc:"Rows earlier than the row before of the same asset"`
	Gaps        Findings `json:"gaps" doc:"Times that are absent inside an asset's range"`
	Splits      Findings `json:"splits" doc:"Lasting jumps by a factor that stock splits have"`
	Empty       Findings `json:"empty" doc:"Assets without any value"`
	Zones       Findings `json:"zones" doc:"How the zone was found, where the file leaves it open"`
	OffCalendar Findings `json:"off_calendar" doc:"Times that are not on their asset's calendar"`
	SamePeriod  Findings `json:"same_period" doc:"Times that fall into the period of the time before"`
	Irregular   Findings `json:"irregular" doc:"Assets whose times follow no rule"`
}

// Findings are the findings of one kind: how many there are, and the first of them.
type Findings struct {
	Count int64     `json:"count"`
	First []Finding `json:"first,omitempty" nullable:"false"`
}

// Finding is a remark on one place in a file.
type Finding struct {
	Line   int64  `json:"line,omitzero" doc:"Line of a CSV file, or row of another; absent when the remark is on the whole file"`
	Column string `json:"column,omitzero"`
	Asset  string `json:"asset,omitzero"`
	Reason string `json:"reason"`
}

// Source is where the service fetches a file itself.
type Source struct {
	URL string `json:"url" minLength:"1" maxLength:"4000" doc:"Address of the file, which begins with https://, or of an object, as in s3://bucket/prices.csv. The version shows it, without what follows a question mark" example:"s3://bucket/prices.csv"`
	S3  *S3    `json:"s3,omitempty" doc:"Access to the object store; a bucket that everybody may read needs none"`
}

// S3 is access to an object store. The service forgets it when it has the file.
type S3 struct {
	Endpoint        string `json:"endpoint,omitzero" maxLength:"300" doc:"Address of a store that speaks the protocol of Amazon S3; Amazon's own when absent" example:"https://s3.example.com"`
	Region          string `json:"region,omitzero" maxLength:"40" doc:"Region of the bucket; us-east-1 when absent" example:"eu-central-1"`
	AccessKeyID     string `json:"access_key_id,omitzero" maxLength:"200" writeOnly:"true"`
	SecretAccessKey string `json:"secret_access_key,omitzero" maxLength:"400" writeOnly:"true"`
	SessionToken    string `json:"session_token,omitzero" maxLength:"8000" writeOnly:"true" doc:"Of a key that lasts for some hours"`
}
