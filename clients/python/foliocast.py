"""Forecast portfolios of time series with a Foliocast service.

    import foliocast, pandas as pd

    prices = pd.read_csv("prices.csv", parse_dates=["ds"])
    client = foliocast.Client("http://127.0.0.1:8080", token=TOKEN)
    print(client.forecast(prices, horizon=5, levels=[80, 95]))

This file needs nothing but Python 3.9 or newer. A table goes in as a pandas or
polars DataFrame, a pyarrow Table, a list of dicts or a file, and comes out in the
same form. docs/python.md of Foliocast describes everything.
"""

from __future__ import annotations

import contextlib
import csv
import datetime
import gzip
import http.client
import importlib
import io
import json
import math
import os
import random
import re
import socket
import ssl
import threading
import time as clock
import urllib.error
import urllib.parse
import urllib.request
import uuid
import warnings
import zlib
from typing import Any, Callable, Iterator, Optional, Union

__version__ = "0.1.0"
__all__ = ["Client", "Job", "Error", "Problem", "Invalid", "Unauthorized", "Forbidden", "NotFound", "Conflict", "TooLarge", "TooMany",
           "Unavailable", "Unreachable", "JobFailed", "ForecastWarning"]

CSV = "text/csv"
PARQUET = "application/vnd.apache.parquet"
ARROW = "application/vnd.apache.arrow.file"
ARROW_STREAM = "application/vnd.apache.arrow.stream"
JSON = "application/json"
JSON_LINES = "application/x-ndjson"

FINAL = ("done", "partial", "failed", "cancelled", "dead")

# The service sends a comment at least every 15 s; a stream without one is dead.
SILENCE = 45.0


class Error(Exception):
    """The base of all errors of this module."""


class Problem(Error):
    """The service refused a request, in the form of RFC 9457.

    status is the HTTP status, kind the last part of the problem's type, detail its
    sentence, faults a list of (pointer, detail) for each field at fault, and
    request_id what the service's log has.
    """

    def __init__(self, status: int, body: dict):
        self.status = status
        self.kind = str(body.get("type", "")).rpartition(":")[2]
        self.detail = str(body.get("detail") or body.get("error_description") or body.get("title") or f"status {status}")
        self.faults = [(str(f.get("pointer", "")), str(f.get("detail", ""))) for f in body.get("errors") or []]
        self.request_id = body.get("request_id")
        super().__init__("".join([self.detail] + [f"\n  {pointer}: {detail}" if pointer else f"\n  {detail}" for pointer, detail in self.faults]))


class Invalid(Problem):
    """Fields, or the file, have faults (400, 415, 422)."""


class Unauthorized(Problem):
    """There is no token, a bad one, or a wrong password (401)."""


class Forbidden(Problem):
    """The token does not have the right (403)."""


class NotFound(Problem):
    """What the request names does not exist (404)."""


class Conflict(Problem):
    """The state of the resource does not allow it (409, 412, 428)."""


class TooLarge(Problem):
    """The body or the quota is exceeded (413)."""


class TooMany(Problem):
    """Too many requests, for longer than the client's patience (429)."""


class Unavailable(Problem):
    """The service cannot work, for longer than the client's patience (502, 503, 504)."""


_KINDS = {400: Invalid, 415: Invalid, 422: Invalid, 401: Unauthorized, 403: Forbidden, 404: NotFound, 409: Conflict, 412: Conflict, 428: Conflict,
          413: TooLarge, 429: TooMany, 502: Unavailable, 503: Unavailable, 504: Unavailable}


class Unreachable(Error):
    """The service did not answer, for longer than the client's patience."""


class JobFailed(Error):
    """A job ended without a result. job is that job."""

    def __init__(self, job: Job):
        self.job = job
        why = job.record.get("error") or {}
        super().__init__(f"job {job.id} ended as {job.state}" + (f": {why['detail']}" if why.get("detail") else ""))


class ForecastWarning(UserWarning):
    """Some assets, or the portfolio, have no forecast."""


class Client:
    """One data service. Safe for use by several threads.

    url is the address of the data service. token is an access token, or a function
    that returns one. With user and password instead, the client signs in at identity,
    the address of the identity service (by default port 5000 of the same host), and
    keeps its tokens fresh.

    patience is for how many seconds the client repeats a request that the service did
    not answer or could not take: a restart of everything goes unnoticed. Before the
    service has answered at all, it is 10 s at most, as the address may be wrong. timeout
    bounds the silence of one attempt, in seconds.

    ca_file is a PEM file with the authorities to trust at an https:// address, in place of
    those of the system; the default is FOLIOCAST_TLS_CA_FILE. certificate is a PEM file with
    a certificate and its key, or a tuple of two files, for services that ask for one.
    """

    def __init__(self, url: str, token: Union[str, Callable[[], str], None] = None, *, user: Optional[str] = None, password: Optional[str] = None,
                 identity: Optional[str] = None, patience: float = 300.0, timeout: float = 60.0, ca_file: Optional[str] = None,
                 certificate: Union[str, tuple, None] = None):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"url must be the address of the data service, as in http://127.0.0.1:8080, and is {url!r}")
        if [v is not None for v in (token, user, password)] not in ([True, False, False], [False, True, True]):
            raise ValueError("name either a token, or a user and a password")
        self.url = url.rstrip("/")
        self.patience = patience
        self.timeout = timeout
        if not identity:
            host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
            identity = f"{parts.scheme}://{host}:5000"
        self._opener = _opener("https" in (parts.scheme, identity.partition(":")[0]), ca_file or os.environ.get("FOLIOCAST_TLS_CA_FILE"), certificate)
        self._met = False  # whether the service has ever answered
        self._compress = parts.hostname not in ("localhost", "127.0.0.1", "::1")  # packing takes longer than sending there
        self._tokens = _Given(token) if token is not None else _Session(self, identity.rstrip("/"), user, password)

    @classmethod
    def local(cls, state: str, **options: Any) -> Client:
        """The client of what foliocast up runs on this machine with a state directory, as its first administrator."""
        with open(os.path.join(state, "run.json")) as file:
            run = json.load(file)
        parts = {part["name"]: part.get("url") for part in run["parts"]}
        options.setdefault("ca_file", run.get("ca_file"))
        with open(os.path.join(state, "admin.json")) as file:
            admin = json.load(file)
        return cls(parts["frontend"], user=admin["username"], password=admin["password"], identity=parts["authsvc"], **options)

    # Forecasts of a table, in one call.

    def forecast(self, data: Any, horizon: int, *, dataset: Optional[str] = None, id: Optional[str] = None, time: Optional[str] = None,
                 value: Optional[str] = None, freq: Optional[str] = None, x: Optional[list] = None, timezone: Optional[str] = None,
                 portfolio: Optional[str] = None, wait: Optional[float] = None, **spec: Any) -> Any:
        """Forecast a table, and return a table in the same form.

        data is a pandas or polars DataFrame, a pyarrow Table, a list of dicts, the path of
        a CSV, JSON, Parquet or Arrow file, or the name of a dataset that was uploaded before. A
        long table has a row for each asset and time (unique_id, ds, y); a wide one has a
        column for each asset. id, time and value name the columns, where the names do not
        say it. x names columns that are known in advance.

        The result has a row for each step: unique_id, ds, model, mean, lo-L and hi-L for
        each of levels, q-P for each of quantiles, and last the rows of the portfolio,
        whose unique_id is missing, or the name that portfolio gives.

        All other arguments are fields of a job: levels, quantiles, weights, combine,
        holdings, model, point, integers, seed and so on.

        The table is uploaded and removed again. With dataset, it is kept as the next
        version of that dataset. wait is how long to wait, in seconds.
        """
        frame = _Frame(data, id=id, time=time, timezone=timezone)
        reading = {"id": id, "time": time, "value": value, "freq": freq, "x": x, "timezone": timezone or frame.zone}
        with _Uploaded(self, frame, dataset, reading) as name:
            job = self.submit(name, horizon, x=x, **spec)
            return self._finish(job, wait, lambda: job.table(like=frame, portfolio=portfolio))

    def backtest(self, data: Any, horizon: int, origins: int = 10, *, dataset: Optional[str] = None, id: Optional[str] = None,
                 time: Optional[str] = None, value: Optional[str] = None, freq: Optional[str] = None, timezone: Optional[str] = None,
                 by_series: bool = False, wait: Optional[float] = None, **spec: Any) -> Any:
        """Measure models on a table, and return their scores in the same form.

        models lists the models to compare. With by_series the result has a row for each
        forecast in place of one for each model. See forecast for the other arguments.
        """
        frame = _Frame(data, id=id, time=time, timezone=timezone)
        reading = {"id": id, "time": time, "value": value, "freq": freq, "timezone": timezone or frame.zone}
        with _Uploaded(self, frame, dataset, reading) as name:
            job = self.submit(name, horizon, kind="backtest", origins=origins, by_series=by_series or None, **spec)
            return self._finish(job, wait, lambda: frame.plain(job.fetch(CSV, table="series" if by_series else None)))

    def risk(self, data: Any, horizon: int, levels: Any = (95, 99), *, dataset: Optional[str] = None, id: Optional[str] = None,
             time: Optional[str] = None, value: Optional[str] = None, freq: Optional[str] = None, timezone: Optional[str] = None,
             wait: Optional[float] = None, **spec: Any) -> Any:
        """Say what a portfolio may lose: a row for each step, in the same form.

        It has ds, base, volatility, loss_probability, and var-L and es-L for each level.
        holdings, weights and combine say what the portfolio is; see forecast.
        """
        frame = _Frame(data, id=id, time=time, timezone=timezone)
        reading = {"id": id, "time": time, "value": value, "freq": freq, "timezone": timezone or frame.zone}
        with _Uploaded(self, frame, dataset, reading) as name:
            job = self.submit(name, horizon, risk=list(levels), **spec)
            return self._finish(job, wait, lambda: frame.build(_risk_rows(job), "ds"))

    def _finish(self, job: Job, wait: Optional[float], then: Callable[[], Any]) -> Any:
        """Wait for a job and return what then makes of it. Who gives up cancels it."""
        try:
            job.wait(wait)
        except BaseException as err:
            if job.state not in FINAL and not isinstance(err, (Unreachable, Unavailable)):
                try:
                    job.cancel()
                except Error:
                    pass
            raise
        if job.state not in ("done", "partial"):
            raise JobFailed(job)
        for sentence in job.missing():
            warnings.warn(sentence, ForecastWarning, stacklevel=3)
        return then()

    # Datasets.

    def upload(self, name: str, data: Any, *, content_type: Optional[str] = None, **reading: Any) -> dict:
        """Upload a table as the next version of a dataset, and return that version.

        data is as in forecast, or bytes with their content_type. The same content makes no
        second version. reading has the parameters of the route: id, time, value, freq,
        timezone, columns, drop, x, time_format, decimal, thousands, duplicates.
        """
        frame = data if isinstance(data, _Frame) else _Frame(data, id=reading.get("id"), time=reading.get("time"), timezone=reading.get("timezone"))
        if frame.zone:
            reading.setdefault("timezone", frame.zone)
        body, kind = frame.body()
        path = "/v1/datasets/" + _quote(name) + _query(reading)
        return json.loads(self._call("POST", path, body, {"Content-Type": content_type or kind}, slow=True))

    def append(self, name: str, data: Any, *, version: Optional[int] = None, replace: bool = False,
               content_type: Optional[str] = None, **reading: Any) -> dict:
        """Append rows to a dataset as its next version, and return that version.

        Rows follow the last value of their asset, and may have new assets; what the dataset has
        already changes nothing. Any other row at or before the end of its asset is a fault,
        unless replace is set: then it takes the place of the old value. With version, the call
        raises Conflict when there is a newer one. The rest is as in upload.
        """
        frame = data if isinstance(data, _Frame) else _Frame(data, id=reading.get("id"), time=reading.get("time"), timezone=reading.get("timezone"))
        if frame.zone:
            reading.setdefault("timezone", frame.zone)
        if replace:
            reading["replace"] = True
        body, kind = frame.body()
        path = "/v1/datasets/" + _quote(name) + _query(reading)
        tag = '"%d"' % version if version else "*"
        return json.loads(self._call("PATCH", path, body, {"Content-Type": content_type or kind, "If-Match": tag}, slow=True))

    def datasets(self) -> list:
        """List the datasets."""
        return self._pages("/v1/datasets", "items", "after")

    def remove_dataset(self, name: str) -> dict:
        """Remove all versions of a dataset. Results of jobs stay."""
        return json.loads(self._call("DELETE", "/v1/datasets/" + _quote(name)))

    # Jobs.

    def submit(self, dataset: str, horizon: int, *, assets: Any = "*", key: Optional[str] = None, **spec: Any) -> Job:
        """Submit a job on a dataset.

        assets is a list of names, or "*" for all. Two calls with the same key submit one
        job; without a key, each call submits its own, also when its request is repeated.
        """
        body = {"dataset": dataset, "horizon": horizon, "assets": [assets] if isinstance(assets, str) else list(assets)}
        body.update((k, _native(v)) for k, v in spec.items() if v is not None)
        text = json.dumps(body, allow_nan=False).encode()
        answer = self._call("POST", "/v1/jobs", text, {"Content-Type": JSON, "Idempotency-Key": key or str(uuid.uuid4())})
        return Job(self, json.loads(answer))

    def job(self, id: str) -> Job:
        """The job with an id."""
        return Job(self, json.loads(self._call("GET", "/v1/jobs/" + _quote(id))))

    def jobs(self, **filters: Any) -> list:
        """List jobs, the newest first. filters are the parameters of the route, such as state="running"."""
        return [Job(self, record) for record in self._pages("/v1/jobs", "items", "cursor", filters)]

    def events(self, after: Optional[int] = None, **filters: Any) -> Iterator[dict]:
        """Yield what happens, from now on or after a position, until the caller stops."""
        for event in self._follow("/v1/events", dict(filters), after):
            if "type" in event:
                yield event

    # Requests.

    def _pages(self, path: str, items: str, cursor: str, filters: Optional[dict] = None) -> list:
        found: list = []
        asked = dict(filters or {})
        while True:
            page = json.loads(self._call("GET", path + _query(asked)))
            found += page.get(items) or []
            if not page.get("next"):
                return found
            asked[cursor] = page["next"]

    def _call(self, method: str, path: str, body: Any = None, headers: Optional[dict] = None, slow: bool = False) -> bytes:
        """Send a request until it is answered, and return the body of the answer."""
        return self._request(method, self.url + path, body, headers, max(self.timeout, 600.0) if slow else self.timeout).body

    def _request(self, method: str, url: str, body: Any, headers: Optional[dict] = None, timeout: Optional[float] = None,
                 signed: bool = True, patience: Optional[float] = None) -> _Answer:
        """Send a request until it is answered. What got no answer, or one that asks to come
        again, is sent again as it was: each request of this module may be repeated without harm."""
        left = _Patience(self, patience)
        sent = {"Accept": JSON}
        if self._compress:
            sent["Accept-Encoding"] = "gzip"
        sent.update(headers or {})
        refused = False  # whether the service did not take a token before
        while True:
            token = self._tokens.get() if signed else None
            try:
                answer = _send(self._opener, method, url, body, sent, token, timeout or self.timeout)
            except _SILENT as err:
                left.wait(method, url, err)
                continue
            self._met = True
            if answer.status < 300:
                return answer
            if answer.status == 401 and signed and not refused and self._tokens.forget(token):
                refused = True
                continue
            fault = _problem(answer)
            if not isinstance(fault, (TooMany, Unavailable)):
                raise fault
            left.wait(method, url, fault, answer.header("Retry-After"))

    def _follow(self, path: str, asked: dict, after: Optional[int] = None, polls: bool = False) -> Iterator[dict]:
        """Yield the events of a stream, {} for each sign of life between them, and _ENDED when
        it ends; then connect again behind the last event. With polls, the caller can ask in
        place of listening: a stream that may not be opened, or is silent, is an error at once."""
        left = _Patience(self)
        refused = False
        while True:
            token = self._tokens.get()
            sent = {"Accept": "text/event-stream"}
            if after is not None:
                sent["Last-Event-ID"] = str(after)
            try:
                with _open(self._opener, "GET", self.url + path + _query(asked), None, sent, token, SILENCE) as stream:
                    if stream.status == 204:
                        yield _ENDED
                        return
                    if stream.headers.get_content_type() != "text/event-stream":
                        raise _NoStream
                    refused = False
                    for position, event in _events(stream):
                        left = _Patience(self)
                        after = position if position is not None else after
                        yield event
            except urllib.error.HTTPError as err:
                answer = _answer(err)
                if answer.status == 401 and not refused and self._tokens.forget(token):
                    refused = True
                    continue
                fault = _problem(answer)
                if not isinstance(fault, (TooMany, Unavailable)) or polls and isinstance(fault, TooMany):
                    raise fault from None
                left.wait("GET", self.url + path, fault, answer.header("Retry-After"))
                continue
            except _SILENT as err:
                if polls and isinstance(err, socket.timeout):
                    raise _NoStream from None
                left.wait("GET", self.url + path, err)
                continue
            yield _ENDED
            clock.sleep(0.1)


class Job:
    """A job of a client. record is what the service said of it last."""

    def __init__(self, client: Client, record: dict):
        self.client = client
        self.record = record

    def __repr__(self) -> str:
        return f"<Job {self.id} {self.state}>"

    @property
    def id(self) -> str:
        return self.record["id"]

    @property
    def state(self) -> str:
        """queued, running, done, partial, failed, cancelled or dead."""
        return self.record["state"]

    @property
    def _path(self) -> str:
        return "/v1/jobs/" + _quote(self.id)

    def refresh(self) -> Job:
        """Ask the service for the job's state."""
        self.record = json.loads(self.client._call("GET", self._path))
        return self

    def wait(self, timeout: Optional[float] = None) -> Job:
        """Wait until the job has ended; after timeout seconds, raise TimeoutError.

        The service's events say when. Where no stream gets through, as behind some proxies,
        the service is asked again and again, and holds each answer back for up to 20 s.
        """
        seconds = timeout if timeout is not None else math.inf
        deadline = clock.monotonic() + seconds
        streams = True
        while self.state not in FINAL:
            now = clock.monotonic()
            left = min(20.0, deadline - now)
            if left <= 0:
                raise TimeoutError(f"job {self.id} is {self.state} after {seconds:g} s")
            if streams and deadline - now > SILENCE:  # a stream may be silent for as long
                try:
                    self._until_news(deadline - SILENCE)
                    self.refresh()
                    continue
                except (_NoStream, TooMany):
                    streams = False
            self.record = json.loads(self.client._call("GET", self._path + f"?wait={max(left, 0.01):.3f}s"))
        return self

    def _until_news(self, until: float) -> None:
        """Follow the events of the job until it has ended, the stream breaks off, or it is time to look."""
        with contextlib.closing(self.client._follow(self._path + "/events", {}, polls=True)) as events:
            for event in events:
                if event is _ENDED or event.get("type", "").rpartition(".")[2] in FINAL + ("removed",) or clock.monotonic() >= until:
                    return

    def cancel(self) -> Job:
        """Cancel the job. It may still end otherwise, if it was about to."""
        text = self.client._call("DELETE", self._path)
        if text:
            self.record = json.loads(text)
        return self

    def fetch(self, media_type: str = JSON, table: Optional[str] = None) -> bytes:
        """The result in a form: JSON, text/csv, Parquet or Arrow."""
        return self.client._call("GET", self._path + "/result" + _query({"table": table}), None, {"Accept": media_type})

    def answer(self) -> dict:
        """The whole result, as the service's JSON has it."""
        return json.loads(self.fetch())

    def table(self, like: Any = None, portfolio: Optional[str] = None) -> Any:
        """The result as a table in the form of like, or of pandas if it is there, or as a list of dicts."""
        frame = like if isinstance(like, _Frame) else _Frame(like if like is not None else "")
        return frame.result(self.fetch(frame.takes), portfolio)

    def missing(self, most: int = 20) -> list:
        """Sentences that say which assets, or that the portfolio, have no forecast: at most so many."""
        if self.state != "partial":
            return []
        found, cursor = [], None
        error = self.record.get("error") or {}
        if error.get("detail"):
            found.append("the portfolio has no forecast: " + error["detail"])
        while True:
            page = json.loads(self.client._call("GET", self._path + "/answer" + _query({"brief": True, "limit": 1000, "cursor": cursor})))
            for asset in page.get("assets") or []:
                if asset.get("error"):
                    found.append(f"{asset['asset']} has no forecast: {asset['error']['detail']}")
            cursor = page.get("next")
            if not cursor or len(found) > most:
                break
        if len(found) > most:
            found[most:] = ["and further assets have no forecast"]
        return found


# What follows is not for callers.


class _Uploaded:
    """A table as a dataset: one that is there by name, or one that is uploaded, and removed again unless it has a name."""

    def __init__(self, client: Client, frame: _Frame, name: Optional[str], reading: dict):
        self.client, self.frame, self.name, self.reading = client, frame, name, reading
        self.passing = False

    def __enter__(self) -> str:
        if self.frame.name is not None:
            if self.name is not None:
                raise ValueError("data names a dataset, so that dataset has nothing to name")
            return self.frame.name
        if not self.name:
            self.name, self.passing = "python-" + uuid.uuid4().hex, True
        self.client.upload(self.name, self.frame, **self.reading)
        return self.name

    def __exit__(self, kind: Any, err: Any, trace: Any) -> None:
        if not self.passing:
            return
        if isinstance(err, (Unreachable, Unavailable)):  # and will not take this either
            warnings.warn(f"the dataset {self.name} was left behind", stacklevel=3)
            return
        for attempt in range(6):  # a job that was cancelled may take a moment to end
            try:
                self.client.remove_dataset(self.name)
                return
            except NotFound:
                return
            except Conflict:
                clock.sleep(0.2 * 2**attempt)
            except Error as err:
                warnings.warn(f"the dataset {self.name} was left behind: {err}", stacklevel=3)
                return
        warnings.warn(f"the dataset {self.name} was left behind: a job still uses it", stacklevel=3)


def _risk_rows(job: Job) -> list:
    """A row for each step of a portfolio's risk."""
    overall = job.answer().get("overall") or {}
    risk = overall.get("risk")
    if not risk:
        raise JobFailed(job)
    times = overall.get("ds") or list(range(1, len(overall["mean"]) + 1))
    rows = []
    for k, time in enumerate(times):
        row = {"ds": time, "base": risk["base"], "volatility": risk["volatility"][k], "loss_probability": risk["loss_probability"][k]}
        for level in sorted(risk["var"], key=float):
            row["var-" + level], row["es-" + level] = risk["var"][level][k], risk["es"][level][k]
        rows.append(row)
    return rows


# Tables.


def _module(name: str) -> Any:
    """A module, or None where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


_SUFFIXES = {".csv": CSV, ".tsv": CSV, ".txt": CSV, ".parquet": PARQUET, ".arrow": ARROW, ".feather": ARROW, ".arrows": ARROW_STREAM,
             ".json": JSON, ".ndjson": JSON_LINES, ".jsonl": JSON_LINES}


class _Frame:
    """A table that came from a caller, and the form that answers take."""

    def __init__(self, data: Any, id: Optional[str] = None, time: Optional[str] = None, timezone: Optional[str] = None):
        self.data, self.id, self.time = data, id or "unique_id", time or "ds"
        self.name = self.path = None
        family = type(data).__module__.partition(".")[0]
        if isinstance(data, os.PathLike) or isinstance(data, str) and os.path.splitext(data)[1].lower() in _SUFFIXES:
            self.path = os.fspath(data)
        elif isinstance(data, str):
            self.name = data
        elif isinstance(data, (bytes, bytearray)) or isinstance(data, list) and all(isinstance(row, dict) for row in data):
            family = "rows"
        elif not (family in ("pandas", "polars") and type(data).__name__ == "DataFrame" or family == "pyarrow" and type(data).__name__ == "Table"):
            raise TypeError(f"data must be a DataFrame of pandas or polars, a Table of pyarrow, a list of dicts, a path or the name of a dataset, "
                            f"and is a {type(data).__module__}.{type(data).__qualname__}")
        if self.path is not None or self.name is not None:
            family = "pandas" if _module("pandas") else "rows"
            self.data = None
        self.family = family
        arrow = family == "pyarrow" or family == "pandas" and _module("pyarrow")
        self.takes = ARROW_STREAM if arrow else PARQUET if family == "polars" else CSV
        self.zone = timezone or self._zone()

    def _zone(self) -> Optional[str]:
        """The time zone of the column of times, where the table says it."""
        zone = None
        if self.family == "pandas" and self.data is not None:
            named = [k for k, name in enumerate(self.data.columns) if name == self.time]
            columns = [self.data.iloc[:, k] for k in named or range(min(8, self.data.shape[1]))]
            zone = next((z for z in (getattr(c.dtype, "tz", None) for c in ([] if named else [self.data.index]) + columns) if z is not None), None)
        elif self.family == "polars":
            zone = next((z for z in (getattr(t, "time_zone", None) for t in self.data.dtypes) if z), None)
        elif self.family == "pyarrow":
            zone = next((z for z in (getattr(f.type, "tz", None) for f in self.data.schema) if z), None)
        if not zone:
            return None
        name = str(getattr(zone, "zone", None) or getattr(zone, "key", None) or zone)
        return name if re.fullmatch(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*|[+-]\d\d:\d\d", name) else None

    def body(self) -> tuple:
        """The table as a body, or a function that opens it, and its content type."""
        if self.path is not None:
            kind = _SUFFIXES.get(os.path.splitext(self.path)[1].lower())
            if not kind:
                raise ValueError(f"{self.path} must end in one of {', '.join(_SUFFIXES)}")
            return lambda: open(self.path, "rb"), kind
        if self.family == "polars":
            out = io.BytesIO()
            self.data.write_parquet(out)
            return out.getvalue(), PARQUET
        if self.family == "rows":
            return (bytes(self.data), CSV) if isinstance(self.data, (bytes, bytearray)) else (_csv_of(self.data), CSV)
        table = self.data
        if self.family == "pandas":
            if table.columns.nlevels > 1:  # as of yfinance; the service knows how pandas writes it
                return table.to_csv().encode(), CSV
            table = table.reset_index() if _has_index(table) else table
            if self.takes == CSV:
                return _csv_of_pandas(table), CSV
            periods = {c: table[c].astype(str) for c in table.columns if str(table[c].dtype).startswith("period")}
            table = _module("pyarrow").Table.from_pandas(table.assign(**periods) if periods else table, preserve_index=False)
        pa = _module("pyarrow")
        out = io.BytesIO()
        with pa.ipc.new_stream(out, table.schema) as writer:
            writer.write_table(table)
        return out.getvalue(), ARROW_STREAM

    def result(self, body: bytes, portfolio: Optional[str]) -> Any:
        """The table of a result."""
        if self.family == "rows":
            return [self._row(row, portfolio) for row in csv.DictReader(io.StringIO(body.decode(), newline=""))]
        if self.family == "polars":
            pl = _module("polars")
            table = pl.read_parquet(io.BytesIO(body))
            if portfolio is not None:
                table = table.with_columns(pl.col("unique_id").fill_null(portfolio))
            if self.zone and getattr(table.schema["ds"], "time_zone", None):
                table = table.with_columns(pl.col("ds").dt.convert_time_zone(self.zone))
            return table.rename({"unique_id": self.id, "ds": self.time})
        if self.takes == ARROW_STREAM:
            table = _module("pyarrow").ipc.open_stream(body).read_all()
            if self.family == "pyarrow":
                if portfolio is not None:
                    table = table.set_column(0, "unique_id", _module("pyarrow.compute").fill_null(table["unique_id"], portfolio))
                return table.rename_columns([self.id, self.time] + table.column_names[2:])
            table = table.to_pandas()
        else:
            table = _pandas_csv(body)
        return self._pandas(table, portfolio)

    def _row(self, row: dict, portfolio: Optional[str]) -> dict:
        made = {self.id: _uncell(row.pop("unique_id")) or portfolio, self.time: _time(row.pop("ds")), "model": _uncell(row.pop("model")) or None}
        for name, text in row.items():
            made[name] = text or None if name == "members" else float(text) if text else None
        return made

    def _pandas(self, table: Any, portfolio: Optional[str]) -> Any:
        pd = _module("pandas")
        times = table["ds"]
        if times.dtype.kind == "O" and len(times):
            zoned = "T" in str(times.iloc[0])
            try:
                times = pd.to_datetime(times, utc=zoned)
            except (pd.errors.OutOfBoundsDatetime, OverflowError):
                pass  # pandas has no times as late as these, which stay as they are
        if self.zone and getattr(times.dtype, "tz", None) is not None:
            times = times.dt.tz_convert(self.zone)
        table["ds"] = times
        if portfolio is not None:
            table["unique_id"] = table["unique_id"].fillna(portfolio)
        elif self.data is not None and self.id in self.data.columns and str(self.data[self.id].dtype).startswith(("int", "uint")):
            table["unique_id"] = table["unique_id"].astype("Int64")
        return table.rename(columns={"unique_id": self.id, "ds": self.time})

    def plain(self, body: bytes) -> Any:
        """Any table in CSV."""
        if self.family == "pandas":
            return _module("pandas").read_csv(io.BytesIO(body), float_precision="round_trip")
        if self.family == "polars":
            return _module("polars").read_csv(io.BytesIO(body), infer_schema_length=None)
        if self.family == "pyarrow":
            return _module("pyarrow.csv").read_csv(io.BytesIO(body))
        return [{name: _number(text) for name, text in row.items()} for row in csv.DictReader(io.StringIO(body.decode(), newline=""))]

    def build(self, rows: list, time: str) -> Any:
        """A table of rows, with one column of times."""
        rows = [{**row, time: _time(str(row[time]))} for row in rows]
        if self.family == "pandas":
            table = _module("pandas").DataFrame(rows)
            if table[time].dtype.kind == "O":
                table[time] = _module("pandas").to_datetime(table[time])
            return table
        if self.family == "polars":
            return _module("polars").DataFrame(rows)
        if self.family == "pyarrow":
            return _module("pyarrow").Table.from_pylist(rows)
        return rows


def _has_index(table: Any) -> bool:
    """Whether the index of a table of pandas says something."""
    return table.index.name is not None or table.index.nlevels > 1 or type(table.index).__name__ in ("DatetimeIndex", "PeriodIndex")


def _csv_of(rows: list) -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _csv_of_pandas(table: Any) -> bytes:
    """A table of pandas in CSV. It takes a third of the time of to_csv, as names and times repeat."""
    pd = _module("pandas")
    columns = []
    for place in range(table.shape[1]):
        column = table.iloc[:, place]
        kind = column.dtype.kind if type(column.dtype).__module__.partition(".")[0] == "numpy" else "O"
        if kind == "f":
            columns.append(["" if v != v else repr(v) for v in column.tolist()])
        elif kind in "iu":
            columns.append(list(map(str, column.tolist())))
        else:
            codes, values = pd.factorize(column)
            texts = [_field(text) for text in pd.Series(values).astype(str)] + [""]  # the code of a missing value is -1
            columns.append([texts[code] for code in codes.tolist()])
    head = ",".join(_field(str(name)) for name in table.columns)
    return "\n".join([head, *map(",".join, zip(*columns)), ""]).encode()


def _field(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\r\n') else text


def _pandas_csv(body: bytes) -> Any:
    """A result in CSV. Only numbers may be missing: an asset named NA is one."""
    head = body[: body.index(b"\n")].decode()
    names = next(csv.reader([head]))
    kinds = {n: str if n in ("unique_id", "model", "members") else float for n in names if n != "ds"}
    table = _module("pandas").read_csv(io.BytesIO(body), dtype=kinds, keep_default_na=False, na_values={n: [""] for n in names}, float_precision="round_trip")
    for name in ("unique_id", "model", "members"):
        if name in table.columns:
            table[name] = table[name].str.replace(_GUARDED, lambda m: m.group(1), regex=True)
            table[name] = table[name].astype(object).where(table[name].notna(), None)
    return table


# In CSV the service puts an apostrophe before a name that a spreadsheet would take for a formula.
_GUARDED = re.compile(r"^'('*[=+\-@\t\r])")


def _uncell(text: str) -> str:
    return _GUARDED.sub(r"\1", text)


def _number(text: str) -> Any:
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            pass
    return text or None


def _time(text: str) -> Any:
    """A time of an answer: a step, a date, a local time, or an instant."""
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    try:
        if len(text) == 10:
            return datetime.date.fromisoformat(text)
        whole, dot, rest = text.partition(".")
        digits = re.match(r"\d*", rest).group()
        zone = (rest[len(digits):] if dot else "").replace("Z", "+00:00")
        return datetime.datetime.fromisoformat(whole.replace("Z", "+00:00") + (f".{digits:0<6.6}" if dot else "") + zone)
    except ValueError:
        return text


def _native(value: Any) -> Any:
    """A value of a job, without the types of numpy and of tables."""
    if isinstance(value, dict):
        return {str(k): _native(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_native(v) for v in value]
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    for method in ("to_dict", "tolist", "item"):
        if not isinstance(value, (str, int, float, bool)) and hasattr(value, method):
            return _native(getattr(value, method)())
    return value


# Requests.


class _Answer:
    def __init__(self, status: int, headers: Any, body: bytes):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name: str) -> Optional[str]:
        return self.headers.get(name)


class _NoStream(Exception):
    """What should be a stream of events is something else, or silent."""


_ENDED: dict = {}  # in place of an event, when a stream has ended


class _SameAddress(urllib.request.HTTPRedirectHandler):
    """A token goes to the address that the caller named, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


# The errors of a service that gives no answer.
_SILENT = (OSError, http.client.HTTPException, EOFError, zlib.error)


def _opener(secure: bool, ca_file: Optional[str], certificate: Union[str, tuple, None]) -> urllib.request.OpenerDirector:
    if not secure:
        return urllib.request.build_opener(_SameAddress)
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate is not None:
        context.load_cert_chain(*([certificate] if isinstance(certificate, str) else certificate))
    return urllib.request.build_opener(_SameAddress, urllib.request.HTTPSHandler(context=context))


def _insecure(err: ssl.SSLError) -> str:
    """Why a connection over TLS was refused, as one sentence."""
    if not isinstance(err, ssl.SSLCertVerificationError):
        if err.reason in ("WRONG_VERSION_NUMBER", "UNEXPECTED_EOF_WHILE_READING"):
            return "it does not speak TLS there: an address without TLS begins with http://"
        return f"it refused the connection over TLS, as when it asks for a certificate that this program does not show ({err.reason})"
    if err.verify_code in (9, 10):  # not yet valid, expired (OpenSSL's X509_V_ERR)
        return "its certificate has expired, or is not valid yet"
    if err.verify_code in (62, 64):  # another name, another address
        return "its certificate is not for the name in this address: use one that it is for"
    if err.verify_code in (2, 18, 19, 20, 21):  # issuer unknown, self-signed, chain incomplete
        return "its certificate is from an authority that this program does not trust: name a file with that authority as ca_file, if it is the right one"
    return f"its certificate is invalid: {err.verify_message}"



def _open(opener: Any, method: str, url: str, body: Any, headers: dict, token: Optional[str], timeout: float) -> Any:
    request = urllib.request.Request(url, method=method, data=body, headers={"User-Agent": "foliocast.py/" + __version__, **headers})
    if token is not None:
        request.add_unredirected_header("Authorization", "Bearer " + token)
    return opener.open(request, timeout=timeout)


def _send(opener: Any, method: str, url: str, body: Any, headers: dict, token: Optional[str], timeout: float) -> _Answer:
    """Send a request once, and read its answer."""
    if callable(body):
        with body() as file:
            return _send(opener, method, url, file, {**headers, "Content-Length": str(os.fstat(file.fileno()).st_size)}, token, timeout)
    try:
        with _open(opener, method, url, body, headers, token, timeout) as answer:
            return _answer(answer)
    except urllib.error.HTTPError as err:
        with err:
            return _answer(err)


def _answer(response: Any) -> _Answer:
    body = response.read()
    if response.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    return _Answer(response.status, response.headers, body)


def _problem(answer: _Answer) -> Problem:
    try:
        body = json.loads(answer.body)
    except ValueError:
        body = {}
    if not isinstance(body, dict) or not body:  # from something on the way
        body = {"detail": f"status {answer.status}: " + answer.body[:200].decode(errors="replace").strip()}
    return _KINDS.get(answer.status, Problem)(answer.status, body)


class _Patience:
    """How long one request is repeated."""

    def __init__(self, client: Client, seconds: Optional[float] = None):
        self.client, self.seconds = client, seconds if seconds is not None else client.patience
        self.begun = 0.0  # when it first failed
        self.attempts = self.broken = 0

    def wait(self, method: str, url: str, err: Exception, after: Optional[str] = None) -> None:
        """Wait before the next attempt, or raise what it was about when there are no more."""
        now = clock.monotonic()
        if not self.begun:
            self.begun = now
        self.attempts += 1
        left = self.begun + (self.seconds if self.client._met else min(self.seconds, 10.0)) - now
        reason = getattr(err, "reason", None)
        reason = reason if isinstance(reason, Exception) else err
        hint = ""
        if isinstance(reason, (BrokenPipeError, ConnectionResetError)):
            self.broken += 1
            if method == "POST" and self.broken >= 8:
                left, hint = 0.0, ": it may refuse what is sent, as a file that is too large"
        if isinstance(reason, ssl.SSLError) and (isinstance(reason, ssl.SSLCertVerificationError) or not self.client._met):
            raise Unreachable(f"no secure connection to {url}: {_insecure(reason)}") from err
        if isinstance(reason, socket.gaierror) and not self.client._met:
            left = 0.0
        if left <= 0:
            if isinstance(err, Problem):
                raise err
            raise Unreachable(f"no answer to {method} {url} in {self.attempts} attempts: {reason or type(reason).__name__}{hint}") from err
        pause = min(5.0, 0.05 * 2 ** min(self.attempts, 10)) * random.uniform(0.5, 1.0)
        if after is not None and after.isdigit():
            pause = max(pause, float(after))
        clock.sleep(min(pause, left))


def _events(stream: Any) -> Iterator[tuple]:
    """Read Server-Sent Events: positions, which may be unknown, with an event or, for a comment, {}."""
    position, name, data = None, "", []
    for line in stream:
        text = line.decode("utf-8").rstrip("\r\n")
        if not text:
            if data:
                event = json.loads("\n".join(data))
                if name == "reset":
                    position, event = event.get("after", position), {}
                yield position, event
            else:
                yield position, {}
            name, data = "", []
            continue
        field, _, value = text.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if field == "id" and value.isdigit():
            position = int(value)
        elif field == "event":
            name = value
        elif field == "data":
            data.append(value)


class _Given:
    """A token that the caller named, or a function that returns one."""

    def __init__(self, token: Union[str, Callable[[], str]]):
        self.token = token

    def get(self) -> str:
        return self.token() if callable(self.token) else self.token

    def forget(self, token: str) -> bool:
        """Whether there may be another token than one that was refused."""
        return callable(self.token)


class _Session:
    """Tokens of a person who signs in, kept fresh."""

    def __init__(self, client: Client, identity: str, user: str, password: str):
        self.client, self.identity, self.user, self.password = client, identity, user, password
        self.lock = threading.Lock()
        self.access: Optional[str] = None
        self.refresh: Optional[str] = None
        self.renew = self.expires = 0.0

    def get(self) -> str:
        with self.lock:
            now = clock.monotonic()
            if not self.access or now >= self.renew:
                valid = self.access is not None and now < self.expires
                try:
                    self._fetch(0.0 if valid else None)
                except (Unreachable, TooMany, Unavailable):
                    if not valid:
                        raise
                    self.renew = now + 5.0
            return self.access

    def forget(self, token: str) -> bool:
        with self.lock:
            if self.access == token:
                self.access = None
        return True

    def _fetch(self, patience: Optional[float]) -> None:
        begun = clock.monotonic()
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        tokens = None
        if self.refresh is not None:
            body = urllib.parse.urlencode({"grant_type": "refresh_token", "refresh_token": self.refresh, "resource": "foliocast:frontend"}).encode()
            try:
                tokens = self._post("/v1/token", body, form, patience)
            except (TooMany, Unavailable):
                raise
            except Problem:
                self.refresh = None  # the session has ended
        if not tokens:
            body = json.dumps({"username": self.user, "password": self.password}).encode()
            tokens = self._post("/v1/login", body, {"Content-Type": JSON}, patience)
        self.access, self.refresh = tokens["access_token"], tokens.get("refresh_token", self.refresh)
        life = float(tokens["expires_in"])
        self.renew, self.expires = begun + life - min(60.0, life / 2), begun + life

    def _post(self, path: str, body: bytes, headers: dict, patience: Optional[float]) -> dict:
        answer = self.client._request("POST", self.identity + path, body, headers, signed=False, patience=patience)
        return json.loads(answer.body)


def _quote(text: str) -> str:
    return urllib.parse.quote(str(text), safe="")


def _query(parameters: dict) -> str:
    """The part of an address after its path. None is left out, and lists are repeated."""
    pairs: list = []
    for name, value in parameters.items():
        for one in value if isinstance(value, (list, tuple, set)) else [value]:
            if one is not None:
                pairs.append((name, str(one).lower() if isinstance(one, bool) else str(one)))
    return "?" + urllib.parse.urlencode(pairs) if pairs else ""
