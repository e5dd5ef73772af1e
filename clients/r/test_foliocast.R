# Tests of foliocast.R. server is the address of one that answers late, wrongly or not at all: TestR of the package clients.
options(warn = 2)
source("foliocast.R")
server <- commandArgs(trailingOnly = TRUE)[1]
caught <- function(expr, class) {
  e <- tryCatch(expr, error = function(e) e)
  if (!inherits(e, class)) stop("not a ", class, ": ", paste(class(e), collapse = " "), ": ", if (inherits(e, "error")) conditionMessage(e) else "")
  invisible(e)
}
text <- function(data, ...) rawToChar(fc_table(data, ...)$body)

# A request is repeated as it was.
set.seed(7)
before <- .Random.seed
client <- fc_client(paste0(server, "/"), token = "T", patience = 20)
job <- fc_submit(client, "repeated", 5, assets = c("A", "B"), levels = 80, risk = NULL, quantiles = numeric(), weights = c(A = 0.5, B = 1e-20), holdings = NULL, x = "promo", explain = TRUE)
stopifnot(job$state == "queued", identical(before, .Random.seed), fc_key() != fc_key(), nchar(fc_key()) == 32)

# A refusal names the fields.
e <- caught(fc_submit(client, "refused", 0), "fc_invalid")
stopifnot(conditionMessage(e) == "the request has faults\n  /horizon: must be at least 1", e$status == 422, inherits(e, "fc_problem"), inherits(e, "fc_error"))
stopifnot(grepl("no JSON", conditionMessage(caught(fc_job(client, "nonsense"), "fc_problem"))))
caught(fc_job(client, "missing"), "fc_not_found")

# Rows are appended to the version that the caller saw, and a newer one is a conflict.
stopifnot(fc_append(client, "p", data.frame(ds = as.Date("2024-01-02"), y = 2), version = 1, replace = TRUE, value = "y")$version == 2)
caught(fc_append(client, "p", data.frame(ds = as.Date("2024-01-02"), y = 2)), "fc_conflict")

# A token follows no redirect, and another is asked for once.
stopifnot(caught(fc_job(client, "redirected"), "fc_problem")$status == 307)
caught(fc_job(client, "ended"), "fc_unauthorized")
tokens <- c("ended", "new")
called <- 0
stopifnot(fc_job(fc_client(server, token = function() tokens[called <<- called + 1]), "ended")$state == "done", called == 2)

# A session is kept fresh.
session <- fc_client(server, user = "ada", password = "secret", identity = server)
stopifnot(fc_job(session, "session")$state == "done", fc_job(session, "session")$state == "done")
stopifnot(fc_client("http://[::1]:8080", token = "T")$state$identity == "http://[::1]:5000")

# Patience ends.
caught(fc_job(fc_client("http://127.0.0.1:1", token = "T", patience = 0.2), "j"), "fc_unreachable")
caught(fc_job(fc_client(server, token = "T", patience = 0.2), "starting"), "fc_unavailable")
caught(fc_wait(client, list(id = "never", state = "queued"), 0.2), "fc_timeout")
stopifnot(conditionMessage(caught(fc_finished(client, list(id = "failed", state = "queued"), Inf), "fc_job_failed")) == "job failed ended as failed: no data")
for (wrong in list(list("127.0.0.1:8080", token = "T"), list("http://h"), list("http://h", token = "T", user = "u", password = "p"))) caught(do.call(fc_client, wrong), "error")

# Tables.
stopifnot(text(data.frame(a = c("x,y", "q\"", NA), ds = as.Date(c("2024-01-31", "2024-02-29", NA)), y = c(0.1, NA, 1e300), n = 1:3, b = c(TRUE, FALSE, NA))) ==
  "a,ds,y,n,b\n\"x,y\",2024-01-31,0.1,1,1\n\"q\"\"\",2024-02-29,,2,0\n,,1e+300,3,\n")
stopifnot(text(data.frame(y = c(1 / 3, 2^53, 0.1 + 0.2))) == "y\n0.33333333333333331\n9007199254740992\n0.30000000000000004\n")
hours <- as.POSIXct("2024-03-30 23:00", tz = "Europe/Berlin") + c(0, 3 * 3600)
stopifnot(text(data.frame(ds = hours)) == "ds\n2024-03-30T23:00:00+01:00\n2024-03-31T03:00:00+02:00\n", fc_table(data.frame(ds = hours))$zone == "Europe/Berlin")
stopifnot(text(ts(c(1.5, 2, 3), start = c(2023, 11), frequency = 12)) == "ds,y\n2023-11-01,1.5\n2023-12-01,2\n2024-01-01,3\n")
stopifnot(text(ts(1:2, start = c(2023, 4), frequency = 4)) == "ds,y\n2023-10-01,1\n2024-01-01,2\n", text(ts(1:2, start = 1999)) == "ds,y\n1999-01-01,1\n2000-01-01,2\n")
stopifnot(text(ts(cbind(A = 1:2, B = 3:4), frequency = 7)) == "ds,A,B\n1,1,3\n2,2,4\n", fc_table("prices")$name == "prices")
stopifnot(text(data.frame(f = factor(c("u", "v")))) == "f\nu\nv\n")
caught(fc_table(7), "error")
got <- fc_result(client, "result", portfolio = "all", id = "name")
stopifnot(identical(names(got), c("name", "ds", "model", "mean", "lo-80", "members")), identical(got$name, c("-A", "NA", "'=x", "all")))
stopifnot(identical(got$ds, as.Date(rep("2024-01-02", 4))), identical(got$`lo-80`, c(0.1, NA, NA, 3.5)), identical(got$members, c("ar 1", NA, NA, NA)))
stopifnot(identical(fc_times(c("-3", "4")), c(-3, 4)), fc_times("2024-02-29 16:30:00") == as.POSIXct("2024-02-29 16:30:00", tz = "UTC"))
stopifnot(format(fc_times("2024-07-01T00:00:00Z", "Europe/Berlin")) == "2024-07-01 02:00:00", fc_times("2024-07-01T00:00:00.5+01:00") == as.POSIXct("2024-06-30 23:00:00.5", tz = "UTC"))
cat("ok\n")
