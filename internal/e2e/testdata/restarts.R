# As restarts.py, in R: forecasts on and on.
options(warn = 2)
source("../../clients/r/foliocast.R")
arguments <- commandArgs(trailingOnly = TRUE)
client <- fc_local(arguments[1])
for (n in seq_len(as.integer(arguments[2])) - 1) {
  cat(n, "\n", sep = "")
  table <- data.frame(ds = seq(as.Date("2024-01-01"), by = 1, length.out = 50), A = 0:49 + n, B = 2 * 0:49 - n)
  got <- fc_forecast(client, table, 3, model = "drift", levels = 80, portfolio = "all")
  stopifnot(max(abs(got$mean - c(50:52 + n, c(100, 102, 104) - n, 75, 76.5, 78))) < 1e-6)
  stopifnot(identical(got$ds, rep(seq(as.Date("2024-02-20"), by = 1, length.out = 3), 3)))
}
cat("ok\n")
