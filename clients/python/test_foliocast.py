"""Tests of foliocast.py against a server that answers late, wrongly, twice or not at all. internal/e2e tests it against the real one."""

import datetime
import gzip
import http.server
import json
import os
import socket
import tempfile
import threading
import time
import unittest
import unittest.mock
import warnings

import pandas as pd

import foliocast


class Server:
    """A server whose answers a test lists: each is a function that is called with the handler of a request."""

    def __init__(self, *answers, then=None):
        self.answers, self.then, self.seen, self.lock = list(answers), then, [], threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with outer.lock:
                    outer.seen.append(self)
                    answer = outer.answers.pop(0) if outer.answers else outer.then
                self.close_connection = True
                answer(self)

            do_GET = do_POST = do_PATCH = do_DELETE = handle_any

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def say(status, body, **headers):
    """An answer with a status and a body, which is JSON unless it is text."""

    def answer(h):
        text = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        h.send_response(status)
        for name, value in headers.items():
            h.send_header(name.replace("_", "-"), value)
        h.send_header("Content-Length", str(len(text)))
        h.end_headers()
        h.wfile.write(text)

    return answer


def hang_up(h):
    """No answer: the connection ends."""
    h.connection.shutdown(socket.SHUT_RDWR)


def half(h):
    """An answer that breaks off."""
    h.send_response(200)
    h.send_header("Content-Length", "1000")
    h.end_headers()
    h.wfile.write(b'{"id":')


def stream(*lines, kind="text/event-stream"):
    """A stream of events that ends after some lines."""

    def answer(h):
        h.send_response(200)
        h.send_header("Content-Type", kind)
        h.end_headers()
        h.wfile.write("".join(line + "\n" for line in lines).encode())

    return answer


def event(position, kind, **more):
    return [f"id: {position}", "data: " + json.dumps({"id": position, "type": kind, **more}), ""]


QUEUED, DONE = {"id": "j", "state": "queued"}, {"id": "j", "state": "done"}


class Requests(unittest.TestCase):
    def client(self, server, **options):
        options.setdefault("token", "T")
        return foliocast.Client(server.url, patience=options.pop("patience", 5.0), **options)

    def test_a_request_is_repeated_as_it_was(self):
        with Server(hang_up, half, say(503, {"title": "starting"}, Retry_After="0"), say(429, {}), say(502, "<html>"), say(201, QUEUED)) as s:
            c = self.client(s)
            c._met = True  # else it would give up early
            self.assertEqual(c.submit("prices", 5, levels=[80], weights=pd.Series({"A": 0.5}), assets=["A"]).state, "queued")
        keys = {h.headers["Idempotency-Key"] for h in s.seen}
        bodies = {h.body for h in s.seen}
        self.assertEqual((len(s.seen), len(keys), len(bodies)), (6, 1, 1))
        self.assertEqual(json.loads(bodies.pop()), {"dataset": "prices", "horizon": 5, "assets": ["A"], "levels": [80], "weights": {"A": 0.5}})

    def test_each_submission_has_its_own_key(self):
        with Server(then=say(201, QUEUED)) as s:
            c = self.client(s)
            c.submit("prices", 5), c.submit("prices", 5), c.submit("prices", 5, key="monday")
        self.assertEqual(len({h.headers["Idempotency-Key"] for h in s.seen}), 3)
        self.assertEqual(s.seen[2].headers["Idempotency-Key"], "monday")

    def test_a_refusal_names_the_fields(self):
        body = {"type": "urn:foliocast:problem:invalid", "status": 422, "detail": "the request has faults", "request_id": "r",
                "errors": [{"pointer": "/horizon", "detail": "must be at least 1"}, {"detail": "is wrong"}]}
        with Server(say(422, body)) as s, self.assertRaises(foliocast.Invalid) as raised:
            self.client(s).submit("prices", 0)
        e = raised.exception
        self.assertEqual(str(e), "the request has faults\n  /horizon: must be at least 1\n  is wrong")
        self.assertEqual((e.status, e.kind, e.request_id, e.faults[0]), (422, "invalid", "r", ("/horizon", "must be at least 1")))
        self.assertEqual(len(s.seen), 1)

    def test_the_kinds_of_refusals(self):
        for status, kind in ((401, foliocast.Unauthorized), (403, foliocast.Forbidden), (404, foliocast.NotFound), (409, foliocast.Conflict),
                             (413, foliocast.TooLarge), (415, foliocast.Invalid), (500, foliocast.Problem), (418, foliocast.Problem)):
            with self.subTest(status), Server(say(status, "not JSON")) as s, self.assertRaises(kind) as raised:
                self.client(s).job("j")
            self.assertEqual(raised.exception.status, status)
            self.assertIn("not JSON", str(raised.exception))

    def test_patience_ends(self):
        with Server(then=say(503, {"detail": "starting"})) as s:
            with self.assertRaises(foliocast.Unavailable):
                self.client(s, patience=0.3).job("j")
        with self.assertRaises(foliocast.Unreachable) as raised:
            self.client(s, patience=0.3).job("j")
        self.assertIn(s.url + "/v1/jobs/j", str(raised.exception))

    def test_an_address_that_may_be_wrong_is_not_asked_for_long(self):
        c = foliocast.Client("http://127.0.0.1:1", token="T", patience=1e6)
        left = foliocast._Patience(c)
        left.begun = time.monotonic() - 10
        with self.assertRaises(foliocast.Unreachable):
            left.wait("GET", "u", ConnectionRefusedError())
        c._met = True
        left.wait("GET", "u", ConnectionRefusedError())  # goes on

    def test_a_file_that_is_refused_before_it_was_sent(self):
        c = foliocast.Client("http://127.0.0.1:1", token="T")
        left = foliocast._Patience(c)
        left.broken = 7  # attempts were cut off
        with self.assertRaises(foliocast.Unreachable) as raised:
            left.wait("POST", "u", BrokenPipeError())
        self.assertIn("too large", str(raised.exception))

    def test_a_token_goes_nowhere_else(self):
        with Server(then=say(200, DONE)) as other, Server(say(307, "", Location=other.url + "/v1/jobs/j")) as s:
            with self.assertRaises(foliocast.Problem) as raised:
                self.client(s).job("j")
        self.assertEqual((raised.exception.status, other.seen), (307, []))

    def test_a_function_gives_another_token(self):
        tokens = iter(["old", "new"])
        with Server(say(401, {}), say(200, DONE)) as s:
            self.client(s, token=lambda: next(tokens)).job("j")
        self.assertEqual([h.headers["Authorization"] for h in s.seen], ["Bearer old", "Bearer new"])
        with Server(then=say(401, {"detail": "ended"})) as s, self.assertRaises(foliocast.Unauthorized):
            self.client(s).job("j")
        self.assertEqual(len(s.seen), 1)

    def test_packed_answers(self):
        with Server(say(200, gzip.compress(json.dumps(DONE).encode()), Content_Encoding="gzip"), say(200, b"no gzip", Content_Encoding="gzip"), say(200, DONE)) as s:
            c = self.client(s)
            c._compress = True
            self.assertEqual((c.job("j").state, c.job("j").state), ("done", "done"))
        self.assertEqual(s.seen[0].headers["Accept-Encoding"], "gzip")

    def test_pages(self):
        with Server(say(200, {"items": [QUEUED], "next": "c d"}), say(200, {"items": [DONE]})) as s:
            self.assertEqual([j.state for j in self.client(s).jobs(state=["queued", "done"], owner=None)], ["queued", "done"])
        self.assertEqual([h.path for h in s.seen], ["/v1/jobs?state=queued&state=done", "/v1/jobs?state=queued&state=done&cursor=c+d"])

    def test_what_cannot_be_an_address(self):
        for address in ("127.0.0.1:8080", "ftp://h", ""):
            with self.assertRaises(ValueError):
                foliocast.Client(address, token="T")
        for options in ({}, {"token": "T", "user": "u", "password": "p"}, {"user": "u"}):
            with self.assertRaises(ValueError):
                foliocast.Client("http://h", **options)


class Waiting(unittest.TestCase):
    def job(self, s, **options):
        return foliocast.Job(foliocast.Client(s.url, token="T", patience=5.0, **options), dict(QUEUED))

    def test_events_say_when(self):
        with Server(stream(": 1", "", *event(5, "job.running"), *event(6, "job.done")), say(200, DONE)) as s:
            self.assertEqual(self.job(s).wait().state, "done")
        self.assertEqual([h.path for h in s.seen], ["/v1/jobs/j/events", "/v1/jobs/j"])

    def test_a_stream_goes_on_behind_the_last_event(self):
        with Server(stream(*event(5, "job.running"), "id: 7", ": beat", ""), hang_up, say(401, {}), stream("event: reset", 'data: {"after": 9, "detail": "gone"}', "", *event(10, "job.done"))) as s:
            c = foliocast.Client(s.url, token=lambda: "T", patience=5.0)
            found = []
            for e in c.events(state="done"):
                found.append(e["id"])
                if e["id"] == 10:
                    break
        self.assertEqual(found, [5, 10])
        self.assertEqual([h.headers["Last-Event-ID"] for h in s.seen], [None, "7", "7", "7"])

    def test_a_stream_that_says_no_more(self):
        with Server(say(204, ""), say(200, DONE)) as s:
            self.assertEqual(self.job(s).wait().state, "done")

    def test_polls_where_no_stream_gets_through(self):
        for refusal in (stream("<html>", kind="text/html"), say(429, {"detail": "50 streams are open"})):
            with Server(refusal, say(200, QUEUED), say(200, DONE)) as s:
                self.assertEqual(self.job(s).wait().state, "done")
            self.assertEqual([h.path for h in s.seen], ["/v1/jobs/j/events", "/v1/jobs/j?wait=20.000s", "/v1/jobs/j?wait=20.000s"])

    def test_polls_where_a_stream_is_silent(self):
        over = threading.Event()

        def silent(h):
            stream()(h)
            over.wait(30)

        with Server(silent, then=say(200, DONE)) as s, unittest.mock.patch("foliocast.SILENCE", 0.2):
            self.assertEqual(self.job(s).wait().state, "done")
            over.set()
        self.assertEqual([h.path for h in s.seen], ["/v1/jobs/j/events", "/v1/jobs/j?wait=20.000s"])

    def test_a_wait_ends_between_signs_of_life(self):
        lines = [": 1", ""] * 3
        with Server(stream(*lines), then=say(200, QUEUED)) as s, unittest.mock.patch("foliocast.SILENCE", 0.2), self.assertRaises(TimeoutError):
            self.job(s).wait(0.3)
        self.assertEqual([h.path.partition("?")[0] for h in s.seen][:2], ["/v1/jobs/j/events", "/v1/jobs/j"])

    def test_the_wait_is_over(self):
        with Server(then=say(200, QUEUED)) as s, self.assertRaises(TimeoutError) as raised:
            self.job(s).wait(0.2)
        self.assertIn("job j is queued after 0.2 s", str(raised.exception))

    def test_who_gives_up_cancels(self):
        with Server(say(201, {}), say(201, QUEUED), then=say(200, {"id": "j", "state": "cancelled"})) as s:
            with self.assertRaises(TimeoutError):
                foliocast.Client(s.url, token="T").forecast([{"ds": 1, "y": 2}], 1, wait=0.0)
        self.assertEqual([h.command for h in s.seen], ["POST", "POST", "DELETE", "DELETE"])
        self.assertEqual(s.seen[2].path, "/v1/jobs/j")
        self.assertTrue(s.seen[3].path.startswith("/v1/datasets/python-"))

    def test_nothing_more_is_asked_of_a_service_that_is_gone(self):
        with Server(say(201, {}), say(201, QUEUED), then=say(503, {})) as s, warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            with self.assertRaises(foliocast.Unavailable):
                foliocast.Client(s.url, token="T", patience=0.2).forecast([{"ds": 1, "y": 2}], 1)
        self.assertEqual({h.command for h in s.seen[2:]}, {"GET"})
        self.assertRegex(str(said[-1].message), "the dataset python-[0-9a-f]{32} was left behind")

    def test_a_job_that_fails(self):
        failed = {"id": "j", "state": "failed", "error": {"code": "no-data", "detail": "the range holds no data"}}
        with Server(say(201, failed)) as s, self.assertRaises(foliocast.JobFailed) as raised:
            foliocast.Client(s.url, token="T").forecast("prices", 1)
        self.assertEqual((str(raised.exception), raised.exception.job.id), ("job j ended as failed: the range holds no data", "j"))

    def test_what_is_missing_is_said(self):
        partial = {"id": "j", "state": "partial", "error": {"detail": "mixed"}}
        page = {"assets": [{"asset": "A"}, {"asset": "OLD", "error": {"detail": "too old"}}]}
        with Server(say(201, partial), say(200, page), say(200, "unique_id,ds,model,mean\nA,3,naive,1\n")) as s, warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            foliocast.Client(s.url, token="T").forecast("prices", 1)
        self.assertEqual([str(w.message) for w in said], ["the portfolio has no forecast: mixed", "OLD has no forecast: too old"])
        self.assertEqual({os.path.basename(w.filename) for w in said}, {os.path.basename(__file__)})


class Sessions(unittest.TestCase):
    @staticmethod
    def tokens(n, life=600):
        return say(200, {"access_token": f"access{n}", "refresh_token": f"refresh{n}", "expires_in": life})

    def test_many_threads_sign_in_once(self):
        with Server(then=say(200, DONE)) as s, Server(self.tokens(1)) as identity:
            c = foliocast.Client(s.url, user="ada", password="secret", identity=identity.url)
            threads = [threading.Thread(target=c.job, args=("j",)) for _ in range(20)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
        self.assertEqual([h.path for h in identity.seen], ["/v1/login"])
        self.assertEqual({h.headers["Authorization"] for h in s.seen}, {"Bearer access1"})
        self.assertEqual((len(s.seen), identity.seen[0].headers["Authorization"]), (20, None))

    def test_tokens_are_refreshed(self):
        with Server(then=say(200, DONE)) as s, Server(self.tokens(1, 0), self.tokens(2, 0), say(400, {"error": "invalid_grant", "error_description": "ended"}), self.tokens(3)) as identity:
            c = foliocast.Client(s.url, user="ada", password="secret", identity=identity.url)
            for _ in range(4):
                c.job("j")
        self.assertEqual([h.path for h in identity.seen], ["/v1/login", "/v1/token", "/v1/token", "/v1/login"])
        self.assertIn(b"refresh_token=refresh1", identity.seen[1].body)
        self.assertIn(b"refresh_token=refresh2", identity.seen[2].body)
        self.assertEqual([h.headers["Authorization"] for h in s.seen], ["Bearer access1", "Bearer access2", "Bearer access3", "Bearer access3"])

    def test_a_token_is_used_while_it_is_valid(self):
        with Server(then=say(200, DONE)) as s, Server(self.tokens(1)) as identity:
            c = foliocast.Client(s.url, user="ada", password="secret", identity=identity.url)
            c.job("j")
        with Server(then=say(200, DONE)) as s:
            c.url, c._tokens.renew = s.url, 0.0
            c.job("j")  # while the identity service is down
        self.assertEqual(s.seen[0].headers["Authorization"], "Bearer access1")

    def test_a_session_that_was_ended(self):
        with Server(say(401, {}), say(200, DONE)) as s, Server(self.tokens(1), self.tokens(2)) as identity:
            foliocast.Client(s.url, user="ada", password="secret", identity=identity.url).job("j")
        self.assertEqual([h.headers["Authorization"] for h in s.seen], ["Bearer access1", "Bearer access2"])

    def test_a_wrong_password_is_not_repeated(self):
        with Server(say(401, {"detail": "the username or the password is wrong"})) as identity, self.assertRaises(foliocast.Unauthorized):
            foliocast.Client("http://127.0.0.1:1", user="ada", password="x", identity=identity.url).job("j")
        self.assertEqual(len(identity.seen), 1)


class Tables(unittest.TestCase):
    def sent(self, data, **options):
        frame = foliocast._Frame(data, **options)
        body, kind = frame.body()
        self.assertEqual(kind, foliocast.CSV)
        if callable(body):
            with body() as file:
                body = file.read()
        return body.decode(), frame

    def test_the_text_of_a_table(self):
        days = pd.to_datetime(["2024-01-31", "2024-02-29", None])
        text, frame = self.sent(pd.DataFrame({'a "b"': ["x,y", 'q"', None], "ds": days, "y": [0.1, float("nan"), 1e300], "n": [1, 2, 3], "b": [True, False, True]}))
        self.assertEqual(text, '"a ""b""",ds,y,n,b\n"x,y",2024-01-31,0.1,1,True\n"q""",2024-02-29,,2,False\n,,1e+300,3,True\n')
        self.assertIsNone(frame.zone)

    def test_times_keep_their_zone(self):
        hours = pd.date_range("2024-03-30 23:00", periods=2, freq="h", tz="Europe/Berlin")
        text, frame = self.sent(pd.DataFrame({"ds": hours, "y": [1.0, 2.0]}))
        self.assertEqual((text, frame.zone), ("ds,y\n2024-03-30 23:00:00+01:00,1.0\n2024-03-31 00:00:00+01:00,2.0\n", "Europe/Berlin"))

    def test_an_index_of_times_is_a_column(self):
        for index, first in ((pd.bdate_range("2024-01-01", periods=2), "2024-01-01"), (pd.period_range("2024Q1", periods=2, freq="Q"), "2024Q1")):
            text, _ = self.sent(pd.DataFrame({"A": [1, 2], "B": [3, 4]}, index=index))
            self.assertTrue(text.startswith(f"index,A,B\n{first},1,3\n"), text)
        text, _ = self.sent(pd.DataFrame({"y": [1]}, index=[7]))
        self.assertEqual(text, "y\n1\n")

    def test_columns_of_two_levels(self):
        columns = pd.MultiIndex.from_product([["Close", "Volume"], ["AAPL", "MSFT"]], names=["Price", "Ticker"])
        table = pd.DataFrame([[1.0, 2.0, 3, 4]], columns=columns, index=pd.DatetimeIndex(["2024-01-02"], name="Date"))
        self.assertEqual(self.sent(table)[0], "Price,Close,Close,Volume,Volume\nTicker,AAPL,MSFT,AAPL,MSFT\nDate,,,,\n2024-01-02,1.0,2.0,3,4\n")

    def test_columns_of_the_same_name(self):
        text, frame = self.sent(pd.DataFrame([[1, 2, 3]], columns=["ds", "y", "y"]))
        self.assertEqual((text, frame.zone), ("ds,y,y\n1,2,3\n", None))

    def test_rows_and_files(self):
        text, _ = self.sent([{"unique_id": "A", "ds": datetime.date(2024, 1, 2), "y": 1.5}, {"ds": datetime.date(2024, 1, 3), "y": None, "x": 1}])
        self.assertEqual(text, "unique_id,ds,y,x\nA,2024-01-02,1.5,\n,2024-01-03,,1\n")
        with tempfile.NamedTemporaryFile(suffix=".csv") as file:
            file.write(b"ds,y\n1,2\n")
            file.flush()
            self.assertEqual(self.sent(file.name)[0], "ds,y\n1,2\n")
        self.assertEqual(foliocast._Frame("prices").name, "prices")
        for wrong in (7, {"a": 1}, pd.Series([1])):
            with self.assertRaises(TypeError):
                foliocast._Frame(wrong)

    def test_a_file_is_sent_whole_each_time(self):
        with tempfile.NamedTemporaryFile(suffix=".parquet") as file, Server(hang_up, say(201, {"version": 1})) as s:
            file.write(b"PAR1" * 1000)
            file.flush()
            c = foliocast.Client(s.url, token="T")
            self.assertEqual(c.upload("p", file.name, x=["a", "b"], number_rows=True), {"version": 1})
        self.assertEqual({h.body for h in s.seen}, {b"PAR1" * 1000})
        self.assertEqual((s.seen[0].headers["Content-Type"], s.seen[0].path), (foliocast.PARQUET, "/v1/datasets/p?x=a&x=b&number_rows=true"))

    def test_rows_are_appended_to_a_version(self):
        with Server(say(201, {"version": 4}), say(201, {"version": 5}), say(412, {"kind": "stale", "detail": "dataset p has changed", "status": 412})) as s:
            c = foliocast.Client(s.url, token="T")
            rows = [{"unique_id": "A", "ds": datetime.date(2024, 1, 2), "y": 1.5}]
            self.assertEqual(c.append("p", rows, version=3), {"version": 4})
            self.assertEqual(c.append("p", rows, replace=True), {"version": 5})
            with self.assertRaises(foliocast.Conflict):
                c.append("p", rows, version=3)
        self.assertEqual([(h.command, h.path, h.headers["If-Match"]) for h in s.seen[:2]],
                         [("PATCH", "/v1/datasets/p", '"3"'), ("PATCH", "/v1/datasets/p?replace=true", "*")])

    RESULT = ("unique_id,ds,model,mean,lo-80,members\n'-A,2024-01-02,ar,1,0.1,ar 1\nNA,2024-01-02,ar,2,,theta 0.5; ar 0.5\n''=x,2024-01-02,ar,3,,\n"
              "'quoted',2024-01-02,ar,3,,\n,2024-01-02,,4,3.5,\n")

    def test_the_table_of_a_result(self):
        frame = foliocast._Frame(pd.DataFrame({"ticker": ["NA"], "day": [1], "y": [1]}), id="ticker", time="day")
        got = frame.result(self.RESULT.encode(), None)
        self.assertEqual(list(got.columns), ["ticker", "day", "model", "mean", "lo-80", "members"])
        self.assertEqual(list(got["ticker"]), ["-A", "NA", "'=x", "'quoted'", None])
        self.assertEqual(list(got["members"]), ["ar 1", "theta 0.5; ar 0.5", None, None, None])
        self.assertEqual([str(t) for t in got.dtypes], ["object", "datetime64[ns]", "object", "float64", "float64", "object"])
        self.assertEqual(list(frame.result(self.RESULT.encode(), "all")["ticker"])[-1], "all")

    def test_the_rows_of_a_result(self):
        got = foliocast._Frame([{"ds": 1}]).result(self.RESULT.encode(), "all")
        self.assertEqual(got[0], {"unique_id": "-A", "ds": datetime.date(2024, 1, 2), "model": "ar", "mean": 1.0, "lo-80": 0.1, "members": "ar 1"})
        self.assertEqual((got[-1]["unique_id"], got[-1]["model"], got[1]["lo-80"]), ("all", None, None))

    def test_names_of_integers_stay_integers(self):
        frame = foliocast._Frame(pd.DataFrame({"unique_id": [7], "ds": [1], "y": [1.0]}))
        got = frame.result(b"unique_id,ds,model,mean\n7,2,ar,1\n,2,,1\n", None)
        self.assertEqual((str(got["unique_id"].dtype), got["unique_id"][0], str(got["ds"].dtype)), ("Int64", 7, "int64"))

    def test_times_of_a_result(self):
        for text, want in {"-3": -3, "2024-02-29": datetime.date(2024, 2, 29), "2024-02-29 16:30:00": datetime.datetime(2024, 2, 29, 16, 30),
                           "2024-02-29 16:30:00.25": datetime.datetime(2024, 2, 29, 16, 30, 0, 250000), "12024-02-29": "12024-02-29",
                           "2024-02-29T16:30:00Z": datetime.datetime(2024, 2, 29, 16, 30, tzinfo=datetime.timezone.utc),
                           "2024-02-29T16:30:00.5+01:00": datetime.datetime(2024, 2, 29, 16, 30, 0, 500000, datetime.timezone(datetime.timedelta(hours=1)))}.items():
            self.assertEqual(foliocast._time(text), want, text)
        hours = pd.date_range("2024-01-01", periods=1, freq="h", tz="Europe/Berlin")
        got = foliocast._Frame(pd.DataFrame({"ds": hours, "y": [1.0]})).result(b"unique_id,ds,model,mean\nA,2024-07-01T00:00:00Z,ar,1\n", None)
        self.assertEqual(str(got["ds"][0]), "2024-07-01 02:00:00+02:00")
        late = foliocast._Frame(pd.DataFrame({"ds": ["x"], "y": [1.0]})).result(b"unique_id,ds,model,mean\nA,9999-07-01,ar,1\n", None)
        self.assertEqual(str(late["ds"][0]), "9999-07-01")


if __name__ == "__main__":
    unittest.main()
