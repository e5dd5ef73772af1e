# Forecast portfolios of time series with a Foliocast service.
#
#   source("foliocast.R")
#   client <- fc_client("http://127.0.0.1:8080", token = Sys.getenv("FOLIOCAST_TOKEN"))
#   fc_forecast(client, AirPassengers, horizon = 12, levels = c(80, 95))
#
# This file needs the packages curl and jsonlite. A data.frame or a ts goes in, and a data.frame comes out. docs/r.md of Foliocast
# describes everything. No function uses or changes R's random numbers, so that set.seed neither repeats a job nor is disturbed.

fc_final <- c("done", "partial", "failed", "cancelled", "dead")

# A client of one data service. token is an access token, or a function that returns one. With user and password instead, the client
# signs in at identity, the address of the identity service (by default port 5000 of the same host), and keeps its tokens fresh.
# patience is for how many seconds a request is repeated that the service did not answer or could not take; before it has answered at
# all, 10 s at most, as the address may be wrong. timeout bounds one attempt without progress, in seconds. ca_file is a PEM file with the
# authorities to trust at an https:// address, in place of those of the system; cert_file and key_file are the client's own certificate
# and its key, for services that ask for one.
fc_client <- function(url, token = NULL, user = NULL, password = NULL, identity = NULL, patience = 300, timeout = 60,
                      ca_file = Sys.getenv("FOLIOCAST_TLS_CA_FILE"), cert_file = NULL, key_file = cert_file) {
  if (!grepl("^https?://[^/]+", url)) stop("url must be the address of the data service, as in http://127.0.0.1:8080")
  if (is.null(token) == is.null(user) || is.null(user) != is.null(password)) stop("name either a token, or a user and a password")
  url <- sub("/+$", "", url)
  if (is.null(identity)) identity <- sub("^(https?://(\\[[^]]*\\]|[^/:]+)).*$", "\\1:5000", url)
  client <- new.env(parent = emptyenv())
  for (name in c("url", "token", "user", "password", "patience", "timeout")) assign(name, get(name), client)
  client$identity <- sub("/+$", "", identity)
  client$tls <- fc_given(list(cainfo = if (!is.null(ca_file) && nzchar(ca_file)) ca_file, sslcert = cert_file, sslkey = key_file))
  client$met <- FALSE # whether the service has ever answered
  structure(list(state = client), class = "fc_client")
}

# The client of what foliocast up runs on this machine with a state directory, as its first administrator.
fc_local <- function(state, ...) {
  run <- jsonlite::fromJSON(file.path(state, "run.json"), simplifyVector = FALSE)
  parts <- run$parts
  urls <- stats::setNames(lapply(parts, function(p) p$url), vapply(parts, function(p) p$name, ""))
  admin <- jsonlite::fromJSON(file.path(state, "admin.json"))
  fc_client(urls$frontend, user = admin$username, password = admin$password, identity = urls$authsvc, ca_file = run$ca_file, ...)
}

print.fc_client <- function(x, ...) {
  cat("<client of ", x$state$url, ">\n", sep = "")
  invisible(x)
}

# Forecast a table, and return a data.frame: a row for each step of each asset and then of the portfolio, with unique_id, ds, model,
# mean, lo-L and hi-L for each of levels, and q-P for each of quantiles.
#
# data is a data.frame (long, with a row for each asset and time; or wide, with a column for each asset), a ts, the path of a CSV,
# Parquet or Arrow file, or the name of a dataset. id, time and value name columns where their names do not say it. x names columns
# that are known in advance. portfolio names the rows of the portfolio, which have none otherwise. All other arguments are fields of a
# job: levels, quantiles, weights, combine, holdings, model and so on; named vectors are objects. The table is uploaded and removed
# again; with dataset, it is kept as the next version of that dataset. wait is how long to wait, in seconds.
fc_forecast <- function(client, data, horizon, ..., dataset = NULL, id = NULL, time = NULL, value = NULL, freq = NULL, x = NULL,
                        timezone = NULL, portfolio = NULL, wait = Inf) {
  table <- fc_table(data, timezone)
  reading <- list(id = id, time = time, value = value, freq = freq, x = x, timezone = table$zone)
  fc_with(client, table, dataset, reading, function(name) {
    job <- fc_finished(client, fc_submit(client, name, horizon, x = x, ...), wait)
    for (sentence in fc_missing(client, job)) warning(sentence, call. = FALSE)
    fc_result(client, job, portfolio = portfolio, id = id, time = time, timezone = table$zone)
  })
}

# Measure models on a table, and return their scores: a row for each model, or with by_series = TRUE for each forecast.
fc_backtest <- function(client, data, horizon, origins = 10, ..., by_series = FALSE, dataset = NULL, id = NULL, time = NULL, value = NULL,
                        freq = NULL, timezone = NULL, wait = Inf) {
  table <- fc_table(data, timezone)
  reading <- list(id = id, time = time, value = value, freq = freq, timezone = table$zone)
  fc_with(client, table, dataset, reading, function(name) {
    job <- fc_submit(client, name, horizon, kind = "backtest", origins = origins, by_series = if (by_series) TRUE, ...)
    job <- fc_finished(client, job, wait)
    text <- fc_fetch(client, job, "text/csv", table = if (by_series) "series")
    utils::read.csv(text = rawToChar(text), check.names = FALSE, encoding = "UTF-8")
  })
}

# Say what a portfolio may lose: a row for each step with ds, base, volatility, loss_probability, and var-L and es-L for each level.
fc_risk <- function(client, data, horizon, levels = c(95, 99), ..., dataset = NULL, id = NULL, time = NULL, value = NULL, freq = NULL,
                    timezone = NULL, wait = Inf) {
  table <- fc_table(data, timezone)
  reading <- list(id = id, time = time, value = value, freq = freq, timezone = table$zone)
  fc_with(client, table, dataset, reading, function(name) {
    job <- fc_finished(client, fc_submit(client, name, horizon, risk = levels, ...), wait)
    whole <- fc_answer(client, job)$overall
    risk <- whole$risk
    if (is.null(risk)) fc_failed(job)
    ds <- if (is.null(whole$ds)) seq_along(whole$mean) else fc_times(unlist(whole$ds), table$zone)
    out <- data.frame(ds = ds, base = risk$base, volatility = unlist(risk$volatility), loss_probability = unlist(risk$loss_probability))
    for (level in names(risk$var)[order(as.numeric(names(risk$var)))]) {
      out[[paste0("var-", level)]] <- unlist(risk$var[[level]])
      out[[paste0("es-", level)]] <- unlist(risk$es[[level]])
    }
    out
  })
}

# Upload a table as the next version of a dataset, and return that version. The same content makes no second one. Further arguments are
# those of the route: id, time, value, freq, timezone, columns, drop, x, time_format, decimal, thousands, duplicates.
fc_upload <- function(client, name, data, ..., timezone = NULL) {
  table <- if (inherits(data, "fc_table")) data else fc_table(data, timezone)
  reading <- list(...)
  if (is.null(reading$timezone)) reading$timezone <- table$zone
  fc_json(fc_call(client, "POST", paste0("/v1/datasets/", fc_quote(name), fc_query(reading)), table$body, table$type))
}

# Append the rows of a table to a dataset as its next version, and return that version. Rows follow the last value of their asset, and may
# have new assets; what the dataset has already changes nothing. Any other row at or before the end of its asset is a fault, unless replace
# is TRUE: then it takes the place of the old value. With version, the newest that the caller saw, a newer one is an error of the class
# fc_conflict. The rest is as in fc_upload.
fc_append <- function(client, name, data, ..., version = NULL, replace = FALSE, timezone = NULL) {
  table <- if (inherits(data, "fc_table")) data else fc_table(data, timezone)
  reading <- list(...)
  if (is.null(reading$timezone)) reading$timezone <- table$zone
  if (replace) reading$replace <- TRUE
  tag <- if (is.null(version)) "*" else sprintf("\"%d\"", as.integer(version))
  fc_json(fc_call(client, "PATCH", paste0("/v1/datasets/", fc_quote(name), fc_query(reading)), table$body, table$type, list("If-Match" = tag)))
}

# Remove all versions of a dataset. Results of jobs stay.
fc_remove <- function(client, name) fc_json(fc_call(client, "DELETE", paste0("/v1/datasets/", fc_quote(name))))

# Submit a job on a dataset, and return it as a list. Two calls with the same key submit one job; without a key, each call submits its
# own, also when its request is repeated.
fc_submit <- function(client, dataset, horizon, assets = "*", key = NULL, ...) {
  given <- fc_given(list(...))
  body <- c(list(dataset = jsonlite::unbox(dataset), horizon = jsonlite::unbox(horizon), assets = I(as.character(assets))), lapply(given, fc_field))
  lists <- c("levels", "quantiles", "bands", "risk", "models", "x", "after", "after_any") # also of one, and of none
  for (name in intersect(names(given), lists)) body[[name]] <- if (length(given[[name]])) I(unlist(given[[name]])) else list()
  text <- jsonlite::toJSON(body, digits = NA, always_decimal = FALSE, null = "null")
  fc_json(fc_call(client, "POST", "/v1/jobs", charToRaw(enc2utf8(text)), "application/json", list("Idempotency-Key" = if (is.null(key)) fc_key() else key)))
}

# What the service says of a job now. A job is what fc_submit returned, or an id.
fc_job <- function(client, job) fc_json(fc_call(client, "GET", fc_path(job)))

# Wait until a job has ended, and return it. After wait seconds it is an error of the class fc_timeout.
fc_wait <- function(client, job, wait = Inf) {
  deadline <- fc_now() + wait
  job <- if (is.list(job)) job else fc_job(client, job)
  while (!job$state %in% fc_final) {
    left <- min(20, deadline - fc_now())
    if (left <= 0) fc_stop("timeout", sprintf("job %s is %s after %g s", job$id, job$state, wait), job = job)
    job <- fc_json(fc_call(client, "GET", paste0(fc_path(job), sprintf("?wait=%.3fs", max(left, 0.01)))))
  }
  job
}

# Cancel a job. It may still end otherwise, if it was about to.
fc_cancel <- function(client, job) fc_json(fc_call(client, "DELETE", fc_path(job)))

# The result of a job as bytes in a form: application/json, text/csv, application/vnd.apache.parquet and others.
fc_fetch <- function(client, job, type = "application/json", table = NULL)
  fc_call(client, "GET", paste0(fc_path(job), "/result", fc_query(list(table = table))), headers = list(Accept = type))

# The whole result of a job, as a list.
fc_answer <- function(client, job) fc_json(fc_fetch(client, job))

# The result of a job as a data.frame.
fc_result <- function(client, job, portfolio = NULL, id = NULL, time = NULL, timezone = NULL) {
  text <- rawToChar(fc_fetch(client, job, "text/csv"))
  Encoding(text) <- "UTF-8"
  names <- names(utils::read.csv(text = text, nrows = 1, check.names = FALSE))
  kinds <- ifelse(names %in% c("unique_id", "ds", "model", "members"), "character", "numeric")
  out <- utils::read.csv(text = text, check.names = FALSE, colClasses = kinds, na.strings = "", encoding = "UTF-8")
  for (name in intersect(c("unique_id", "model", "members"), names)) { # an apostrophe keeps spreadsheets from taking a name for a formula
    out[[name]] <- sub("^'('*[=+@\t\r-])", "\\1", out[[name]])
  }
  out$ds <- fc_times(out$ds, timezone)
  if (!is.null(portfolio)) out$unique_id[is.na(out$unique_id)] <- portfolio
  names(out)[1:2] <- c(if (is.null(id)) "unique_id" else id, if (is.null(time)) "ds" else time)
  out
}

# What follows is not for callers.

fc_stop <- function(kind, message, ...) {
  stop(structure(class = c(paste0("fc_", kind), "fc_error", "error", "condition"), list(message = message, call = NULL, ...)))
}

fc_failed <- function(job) {
  why <- if (is.null(job$error$detail)) "" else paste0(": ", job$error$detail)
  fc_stop("job_failed", paste0("job ", job$id, " ended as ", job$state, why), job = job)
}

# Wait for a job of a call. Who gives up cancels it.
fc_finished <- function(client, job, wait) {
  done <- FALSE
  on.exit(if (!done) try(fc_briefly(client, function() fc_cancel(client, job)), silent = TRUE))
  job <- fc_wait(client, job, wait)
  done <- TRUE
  if (!job$state %in% c("done", "partial")) fc_failed(job)
  job
}

# Do something that is not worth much patience.
fc_briefly <- function(client, do) {
  patience <- client$state$patience
  on.exit(client$state$patience <- patience)
  client$state$patience <- min(patience, 5)
  do()
}

# Sentences that say what has no forecast.
fc_missing <- function(client, job, most = 20) {
  if (job$state != "partial") return(character())
  found <- if (is.null(job$error$detail)) character() else paste("the portfolio has no forecast:", job$error$detail)
  cursor <- NULL
  repeat {
    page <- fc_json(fc_call(client, "GET", paste0(fc_path(job), "/answer", fc_query(list(brief = TRUE, limit = 1000, cursor = cursor)))))
    for (asset in page$assets) if (!is.null(asset$error)) found <- c(found, paste0(asset$asset, " has no forecast: ", asset$error$detail))
    cursor <- page$`next`
    if (is.null(cursor) || length(found) > most) break
  }
  if (length(found) > most) c(found[seq_len(most)], "further assets have no forecast") else found
}

# Do something with a table as a dataset, which is removed again unless it has a name.
fc_with <- function(client, table, dataset, reading, do) {
  if (!is.null(table$name)) {
    if (!is.null(dataset)) stop("data names a dataset, so that dataset has nothing to name")
    return(do(table$name))
  }
  name <- dataset
  if (is.null(name)) {
    name <- paste0("r-", fc_key())
    on.exit(fc_forget(client, name))
  }
  do.call(fc_upload, c(list(client, name, table), fc_given(reading)))
  do(name)
}

# Remove a dataset. A job that was cancelled may take a moment to end.
fc_forget <- function(client, name) {
  for (attempt in 0:5) {
    gone <- tryCatch({ fc_briefly(client, function() fc_remove(client, name)); TRUE }, fc_not_found = function(e) TRUE, fc_conflict = function(e) FALSE, fc_error = function(e) e)
    if (isTRUE(gone)) return(invisible())
    if (!isFALSE(gone)) break
    Sys.sleep(0.2 * 2^attempt)
  }
  warning("the dataset ", name, " was left behind", call. = FALSE)
}

fc_types <- c(csv = "text/csv", parquet = "application/vnd.apache.parquet", arrow = "application/vnd.apache.arrow.file",
              feather = "application/vnd.apache.arrow.file", arrows = "application/vnd.apache.arrow.stream")

# A table that came from a caller: its bytes and their type, or the name of a dataset, and its time zone.
fc_table <- function(data, timezone = NULL) {
  out <- list(zone = timezone)
  if (is.character(data) && length(data) == 1) {
    ending <- tolower(sub("^.*\\.", "", data))
    if (grepl(".", data, fixed = TRUE) && ending %in% names(fc_types)) {
      out$type <- fc_types[[ending]]
      out$body <- readBin(data, "raw", file.size(data))
    } else {
      out$name <- data
    }
    return(structure(out, class = "fc_table"))
  }
  if (stats::is.ts(data)) data <- fc_frame(data)
  if (!is.data.frame(data)) stop("data must be a data.frame, a ts, a path or the name of a dataset")
  if (is.null(out$zone)) {
    zoned <- Filter(function(column) inherits(column, "POSIXct"), data)
    if (length(zoned)) out$zone <- fc_zone(zoned[[1]])
  }
  columns <- lapply(data, function(column) fc_cells(column, out$zone))
  head <- paste(fc_cell(names(data)), collapse = ",")
  out$body <- charToRaw(enc2utf8(paste0(paste(c(head, do.call(paste, c(unname(columns), sep = ","))), collapse = "\n"), "\n")))
  out$type <- fc_types[["csv"]]
  structure(out, class = "fc_table")
}

# A ts as a table: with dates for years, quarters and months, and with steps otherwise.
fc_frame <- function(data) {
  begin <- stats::tsp(data)[1]
  n <- NROW(data)
  if (stats::frequency(data) %in% c(1, 4, 12)) {
    months <- round(begin * 12) + (seq_len(n) - 1) * 12 / stats::frequency(data)
    ds <- sprintf("%04d-%02d-01", as.integer(months %/% 12), as.integer(months %% 12 + 1))
  } else {
    ds <- seq_len(n)
  }
  values <- if (is.matrix(data)) as.data.frame(unclass(data)) else data.frame(y = as.numeric(data))
  cbind(data.frame(ds = ds), values)
}

fc_zone <- function(times) {
  zone <- attr(times, "tzone")[1]
  if (is.null(zone) || is.na(zone) || zone == "") zone <- Sys.timezone()
  if (is.na(zone)) "UTC" else zone
}

# The cells of a column. A missing value is empty.
fc_cells <- function(column, zone) {
  missing <- is.na(column)
  cells <- if (inherits(column, "POSIXct")) {
    seconds <- ifelse(missing, 0, as.numeric(column)) %% 1 != 0
    text <- format(column, if (any(seconds)) "%Y-%m-%dT%H:%M:%OS6%z" else "%Y-%m-%dT%H:%M:%S%z", tz = fc_zone(column))
    sub("([+-][0-9]{2})([0-9]{2})$", "\\1:\\2", text)
  } else if (inherits(column, "Date")) {
    format(column, "%Y-%m-%d")
  } else if (is.logical(column)) {
    ifelse(column, "1", "0")
  } else if (is.integer(column) && !is.factor(column)) {
    as.character(column)
  } else if (is.numeric(column) && !is.factor(column)) {
    there <- ifelse(missing, 0, column)
    short <- formatC(there, digits = 15, format = "g", width = 1)
    ifelse(as.numeric(short) == there, short, formatC(there, digits = 17, format = "g", width = 1))
  } else {
    fc_cell(as.character(column))
  }
  ifelse(missing, "", cells)
}

fc_cell <- function(text) {
  text <- enc2utf8(text)
  ifelse(grepl("[,\"\r\n]", text), paste0("\"", gsub("\"", "\"\"", text, fixed = TRUE), "\""), text)
}

# Times of an answer: steps, dates, local times, or instants.
fc_times <- function(text, zone = NULL) {
  if (!length(text)) return(text)
  first <- text[!is.na(text)][1]
  if (grepl("^-?[0-9]+$", first)) return(as.numeric(text))
  if (grepl("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", first)) return(as.Date(text))
  if (grepl("^[0-9]{4}-[0-9]{2}-[0-9]{2} ", first)) return(as.POSIXct(text, format = "%Y-%m-%d %H:%M:%OS", tz = "UTC"))
  if (grepl("^[0-9]{4}-[0-9]{2}-[0-9]{2}T", first)) {
    offset <- sub("([+-][0-9]{2}):([0-9]{2})$", "\\1\\2", sub("Z$", "+0000", text))
    times <- as.POSIXct(offset, format = "%Y-%m-%dT%H:%M:%OS%z", tz = "UTC")
    attr(times, "tzone") <- if (is.null(zone)) "UTC" else zone
    return(times)
  }
  text
}

# A field of a job: a named vector or list is an object, a single value is one, several are a list.
fc_field <- function(value) {
  if (!is.null(names(value))) return(lapply(as.list(value), function(v) if (is.list(v)) fc_field(v) else jsonlite::unbox(v)))
  if (is.list(value)) return(lapply(value, fc_field))
  if (inherits(value, "POSIXct")) value <- fc_cells(value, NULL)
  if (inherits(value, "Date")) value <- format(value)
  if (length(value) == 1) jsonlite::unbox(value) else value
}

fc_given <- function(list) Filter(Negate(is.null), list)

# Seconds that only go forward, as far as R knows such.
fc_now <- function() proc.time()[["elapsed"]]

# A key that nobody else has.
fc_key <- function() {
  random <- tryCatch(suppressWarnings({
    source <- file("/dev/urandom", "rb", raw = TRUE)
    on.exit(close(source))
    paste(readBin(source, "raw", 16), collapse = "")
  }), error = function(e) "")
  if (nchar(random) == 32) return(random)
  gsub("[^a-z0-9]", "", tolower(paste0(basename(tempfile("k")), Sys.getpid(), format(as.numeric(Sys.time()) * 1e6, digits = 20, scientific = FALSE))))
}

fc_path <- function(job) paste0("/v1/jobs/", fc_quote(if (is.list(job)) job$id else job))

fc_quote <- function(text) curl::curl_escape(enc2utf8(as.character(text)))

fc_query <- function(parameters) {
  pairs <- unlist(lapply(names(fc_given(parameters)), function(name) {
    value <- parameters[[name]]
    if (is.logical(value)) value <- tolower(value)
    paste0(name, "=", fc_quote(if (is.numeric(value)) format(value, scientific = FALSE, trim = TRUE) else value))
  }))
  if (length(pairs)) paste0("?", paste(pairs, collapse = "&")) else ""
}

fc_json <- function(body) if (length(body)) jsonlite::fromJSON(fc_text(body), simplifyVector = FALSE) else list()

fc_text <- function(body) {
  text <- rawToChar(body[body != 0])
  Encoding(text) <- "UTF-8"
  text
}

# Send a request to the data service until it is answered, and return the body of the answer.
fc_call <- function(client, method, path, body = NULL, type = NULL, headers = list()) {
  fc_request(client$state, method, paste0(client$state$url, path), body, type, headers, TRUE)
}

# Send a request. What got no answer, or one that asks to come again, is sent again as it was: each request of this file may be
# repeated without harm.
fc_request <- function(state, method, url, body, type, headers, signed, patience = state$patience) {
  begun <- NULL
  attempts <- 0
  refused <- FALSE
  repeat {
    token <- if (signed) fc_token(state)
    answer <- tryCatch(fc_send(state, method, url, body, type, headers, token), error = function(e) e)
    if (!inherits(answer, "error")) {
      state$met <- TRUE
      if (answer$status < 300) return(answer$body)
      if (answer$status == 401 && signed && !refused && fc_another(state, token)) {
        refused <- TRUE
        next
      }
    }
    if (inherits(answer, "error")) {
      insecure <- fc_insecure(conditionMessage(answer))
      if (!is.null(insecure)) fc_stop("unreachable", paste0("no secure connection to ", url, ": ", insecure))
    }
    if (is.null(begun)) begun <- fc_now()
    attempts <- attempts + 1
    left <- begun + (if (state$met) patience else min(patience, 10)) - fc_now()
    again <- inherits(answer, "error") || answer$status %in% c(429, 502, 503, 504)
    if (!again || left <= 0) {
      if (inherits(answer, "error")) {
        fc_stop("unreachable", sprintf("no answer to %s %s in %d attempts: %s", method, url, attempts, conditionMessage(answer)))
      }
      fc_refuse(answer)
    }
    spread <- 0.5 + (as.numeric(Sys.time()) * 1e4) %% 1 / 2
    pause <- min(5, 0.05 * 2^min(attempts, 10)) * spread
    after <- if (inherits(answer, "error")) NA else suppressWarnings(as.numeric(answer$headers[["retry-after"]]))
    if (length(after) == 1 && !is.na(after)) pause <- max(pause, after)
    Sys.sleep(min(pause, left))
  }
}

# Why a connection over TLS was refused, as one sentence; NULL when curl says something else.
fc_insecure <- function(said) {
  if (grepl("issuer certificate|self.signed|unable to verify", said)) {
    "its certificate is from an authority that this program does not trust: name a file with that authority as ca_file, if it is the right one"
  } else if (grepl("expired|not yet valid", said)) {
    "its certificate has expired, or is not valid yet"
  } else if (grepl("subject name|does not match", said)) {
    "its certificate is not for the name in this address: use one that it is for"
  } else if (grepl("wrong version number|packet length too long", said)) {
    "it does not speak TLS there: an address without TLS begins with http://"
  } else if (grepl("alert", said) && grepl("certificate", said)) {
    "it refused the connection over TLS, as when it asks for a certificate that this program does not show"
  } else if (grepl("SSL certificate|SSL peer", said)) {
    paste("its certificate is invalid:", said)
  }
}

# Send a request once. The token goes to the address that the caller named, and follows no redirect.
fc_send <- function(state, method, url, body, type, headers, token) {
  handle <- curl::new_handle(customrequest = method, followlocation = FALSE, useragent = "foliocast.R", connecttimeout = 10,
                             low_speed_limit = 1, low_speed_time = state$timeout, accept_encoding = if (grepl("^https?://(localhost|127\\.|\\[::1)", url)) "identity" else "gzip")
  if (length(state$tls)) do.call(curl::handle_setopt, c(list(handle), state$tls))
  if (!is.null(body)) curl::handle_setopt(handle, post = TRUE, postfieldsize_large = length(body), postfields = body)
  all <- c(list(Accept = "application/json", Expect = ""), if (!is.null(type)) list("Content-Type" = type), if (!is.null(token)) list(Authorization = paste("Bearer", token)))
  all[names(headers)] <- headers
  do.call(curl::handle_setheaders, c(list(handle), all))
  answer <- curl::curl_fetch_memory(url, handle)
  lines <- curl::parse_headers_list(answer$headers)
  list(status = answer$status_code, body = answer$content, headers = lines)
}

# Raise what a refusal says.
fc_refuse <- function(answer) {
  said <- tryCatch(fc_json(answer$body), error = function(e) NULL)
  if (!is.list(said) || is.null(names(said))) said <- list(detail = paste0("status ", answer$status, ": ", substr(fc_text(answer$body), 1, 200)))
  detail <- c(said$detail, said$error_description, said$title, paste("status", answer$status))[1]
  faults <- vapply(said$errors, function(f) paste0(if (is.null(f$pointer) || f$pointer == "") "" else paste0(f$pointer, ": "), f$detail), "")
  kinds <- c("400" = "invalid", "415" = "invalid", "422" = "invalid", "401" = "unauthorized", "403" = "forbidden", "404" = "not_found", "409" = "conflict",
             "412" = "conflict", "413" = "too_large", "428" = "conflict", "429" = "too_many", "502" = "unavailable", "503" = "unavailable", "504" = "unavailable")
  kind <- kinds[as.character(answer$status)]
  message <- paste(c(detail, if (length(faults)) paste0("  ", faults)), collapse = "\n")
  stop(structure(class = c(if (!is.na(kind)) paste0("fc_", kind), "fc_problem", "fc_error", "error", "condition"),
                 list(message = message, call = NULL, status = answer$status, faults = said$errors, request_id = said$request_id)))
}

# The token of a client: the one that the caller named, or that of a session which is kept fresh.
fc_token <- function(state) {
  if (is.function(state$token)) return(state$token())
  if (!is.null(state$token)) return(state$token)
  now <- fc_now()
  if (is.null(state$access) || now >= state$renew) {
    valid <- !is.null(state$access) && now < state$expires
    tryCatch(fc_sign_in(state, if (valid) 0 else state$patience), fc_error = function(e) {
      if (!valid || !inherits(e, c("fc_unreachable", "fc_unavailable", "fc_too_many"))) stop(e)
      state$renew <- now + 5
    })
  }
  state$access
}

# Whether there may be another token than one that was refused.
fc_another <- function(state, token) {
  if (is.null(state$token)) state$access <- NULL
  is.null(state$token) || is.function(state$token)
}

fc_sign_in <- function(state, patience) {
  begun <- fc_now()
  tokens <- NULL
  if (!is.null(state$refresh)) {
    form <- paste0("grant_type=refresh_token&resource=", fc_quote("foliocast:frontend"), "&refresh_token=", fc_quote(state$refresh))
    tokens <- tryCatch(fc_json(fc_request(state, "POST", paste0(state$identity, "/v1/token"), charToRaw(form), "application/x-www-form-urlencoded", list(), FALSE, patience)),
                       fc_problem = function(e) if (inherits(e, c("fc_unavailable", "fc_too_many"))) stop(e)) # otherwise the session has ended
  }
  if (is.null(tokens)) {
    who <- jsonlite::toJSON(list(username = state$user, password = state$password), auto_unbox = TRUE)
    tokens <- fc_json(fc_request(state, "POST", paste0(state$identity, "/v1/login"), charToRaw(enc2utf8(who)), "application/json", list(), FALSE, patience))
  }
  state$access <- tokens$access_token
  if (!is.null(tokens$refresh_token)) state$refresh <- tokens$refresh_token
  state$renew <- begun + tokens$expires_in - min(60, tokens$expires_in / 2)
  state$expires <- begun + tokens$expires_in
}
