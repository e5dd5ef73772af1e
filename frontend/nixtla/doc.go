// Package nixtla translates the flat form of series that the forecasting API of Nixtla has, and its public clients send, into
// jobs of this house and their answers back. It knows the bodies of requests and answers and what they mean. It does not know
// HTTP, datasets or the queue.
//
// A request has its series one behind the other. What it asks for becomes pieces: the beginning of a series, and the steps after it
// that are asked for. A forecast has one piece for each series, a cross-validation one for each window, and a historic forecast
// one for each of its origins. Each piece is an asset of one dataset, and all are forecast by one job, so that the ranks of the
// world share them, and each has the numbers that a job about the same values has. The names of the assets say which piece they
// are, so that the answer of the job is enough to make that of the request.
package nixtla
