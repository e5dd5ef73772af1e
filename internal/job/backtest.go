package job

// Backtest is the accuracy of models on values that were held out. A measure that is undefined is null.
type Backtest struct {
	Scores     []Score      `json:"scores" nullable:"false" doc:"One line a model, in the order of the job, and last the benchmark (Naive2)"`
	Kinds      []KindScores `json:"kinds,omitzero" nullable:"false" doc:"The same for each kind of series, as the job's field by groups them"`
	Comparison *Comparison  `json:"comparison,omitzero" doc:"The two models of the job's field compare, over all series"`
	Omitted    int          `json:"series_omitted,omitzero" doc:"Series that are too short for a single origin"`
	Short      int          `json:"series_with_fewer_origins,omitzero" doc:"Series that are too short for all origins, and were evaluated at fewer"`
	Remarks    []string     `json:"remarks,omitzero" nullable:"false"`
}

// Score is the accuracy of one model on a set of series.
type Score struct {
	Model     string              `json:"model"`
	Series    int                 `json:"series" doc:"Series with a forecast"`
	Forecasts int                 `json:"forecasts" doc:"Forecasts of these series, one for each origin"`
	SMAPE     *float64            `json:"smape" doc:"Symmetric mean absolute percentage error, 0 to 200, the mean over the forecasts"`
	MASE      *float64            `json:"mase" doc:"Mean absolute scaled error, the mean over the forecasts"`
	OWA       *float64            `json:"owa" doc:"Mean of sMAPE and MASE, each relative to Naive2; below 1 beats it"`
	WQL       *float64            `json:"wql" doc:"Weighted quantile loss: twice the quantile loss, its mean over the quantiles, divided by the sum of the absolute values"`
	Coverage  map[string]*float64 `json:"coverage,omitzero" doc:"Share of the values inside the interval of each level"`
	MSIS      map[string]*float64 `json:"msis,omitzero" doc:"Mean scaled interval score of each level"`
	Millis    *float64            `json:"ms_per_series,omitzero" doc:"Milliseconds of one core for each forecast; absent when several models shared the ranks"`
	Failed    int                 `json:"failed,omitzero" doc:"Forecasts that the model could not make"`
}

// KindScores is the accuracy on the series of one kind.
type KindScores struct {
	Kind       string      `json:"kind" example:"ME, smooth demand, strong season"`
	Scores     []Score     `json:"scores" nullable:"false"`
	Comparison *Comparison `json:"comparison,omitzero"`
}

// Comparison compares the errors of model A with those of model B, series by series: d is the MASE of A minus that of B, a mean
// over the origins of the series.
type Comparison struct {
	A           string   `json:"a"`
	B           string   `json:"b"`
	Series      int      `json:"series" doc:"Series that both could forecast and whose MASE is defined"`
	Difference  *float64 `json:"mean_difference" doc:"Mean over the series of the MASE of a minus that of b; below 0, a is better"`
	Lo          *float64 `json:"lo-95" doc:"Lower end of its 95 % confidence interval by Student's t"`
	Hi          *float64 `json:"hi-95" doc:"Upper end"`
	P           *float64 `json:"p_t" doc:"Two-sided p-value of the paired t test"`
	PSignedRank *float64 `json:"p_signed_rank" doc:"Two-sided p-value of Wilcoxon's signed-rank test"`
	MedianRatio *float64 `json:"median_ratio" doc:"Median over the series of the MASE of a divided by that of b"`
	Better      int      `json:"better" doc:"Series on which a has the smaller error"`
	Worse       int      `json:"worse" doc:"Series on which b has"`
	DM          *DM      `json:"diebold_mariano,omitzero" doc:"The Diebold-Mariano test within each series of several origins"`
}

// DM sums up the Diebold-Mariano tests of the series, with the correction of Harvey, Leybourne and Newbold.
type DM struct {
	Series int      `json:"series" doc:"Series that were tested"`
	Better int      `json:"better" doc:"Those on which a is better at the 5 % level"`
	Worse  int      `json:"worse" doc:"Those on which b is"`
	P      *float64 `json:"p,omitzero" doc:"The p-value, where one series was tested"`
}

// Evaluation is the accuracy of one model from one origin of a series.
type Evaluation struct {
	Origin   string              `json:"origin" doc:"Time of the last value that the model was given"`
	Model    string              `json:"model" doc:"As in the job"`
	Used     string              `json:"used,omitzero" doc:"The model that made the forecast"`
	Members  []Member            `json:"members,omitzero" doc:"What auto combined"`
	Values   int                 `json:"values" doc:"Values that were compared with the forecast"`
	SMAPE    *float64            `json:"smape"`
	MASE     *float64            `json:"mase"`
	WQL      *float64            `json:"wql"`
	Coverage map[string]*float64 `json:"coverage,omitzero"`
	MSIS     map[string]*float64 `json:"msis,omitzero"`
	Error    string              `json:"error,omitzero" doc:"Why the model has no forecast"`
}
