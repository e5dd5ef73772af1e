# Each form and each kind of time gives the numbers and the times of the service's JSON.
import sys, warnings
import pandas as pd
import foliocast

warnings.simplefilter("error")
client = foliocast.Client.local(sys.argv[1])
begin = pd.Timestamp("2024-12-01 03:00")
kinds = {
    "step": [k for k in range(40)],
    "date": [(begin + pd.Timedelta(days=k)).normalize() for k in range(40)],
    "datetime": [begin + pd.Timedelta(hours=k) for k in range(40)],
    "instant": [begin.tz_localize("America/New_York") + pd.Timedelta(hours=k) for k in range(40)],
}
options = dict(model="ar", levels=[80], quantiles=[0.25], combine="value", holdings={"-A": 2.0, "NA": -3.0, 'Ä, "C"': 1.0})


def text(table):
    out = table.rename(columns={"when": "ds", "name": "unique_id"}).copy()
    out["ds"] = [str(t).removesuffix(" 00:00:00") for t in out["ds"]]
    return out.fillna("").astype(str).values.tolist()


for kind, times in kinds.items():
    names = ["-A", "NA", 'Ä, "C"']
    y = {name: [50 + (i + 3) * k + k * k % (11 + i) for k in range(40)] for i, name in enumerate(names)}
    wide = pd.DataFrame({"when": times, **y})
    long = pd.DataFrame({"name": [n for n in names for _ in times], "when": times * 3, "y": [v for n in names for v in y[n]]})
    rows = long.rename(columns={"name": "unique_id", "when": "ds"}).to_dict("records")
    first = client.forecast(long, 4, id="name", time="when", **options)
    assert list(first.columns) == ["name", "when", "model", "mean", "lo-80", "hi-80", "q-0.25"], first.columns
    assert first["when"].dtype == long["when"].dtype, (first["when"].dtype, long["when"].dtype)
    assert first["name"].tolist() == [n for n in names for _ in range(4)] + [None] * 4, first["name"]
    assert first["when"].tolist()[12:] == [times[-1] + (k if kind == "step" else (k * (times[-1] - times[-2]))) for k in range(1, 5)], first["when"]
    assert text(client.forecast(wide, 4, time="when", **options)) == text(first), kind
    assert text(client.forecast(wide.set_index("when"), 4, time="when" if kind == "step" else None, **options)) == text(first), kind
    listed = client.forecast(rows, 4, **options)
    assert [r["mean"] for r in listed] == first["mean"].tolist() and [r["unique_id"] for r in listed] == first["name"].tolist(), kind
    assert listed[0]["ds"] == first["when"][0], (listed[0], kind)

    client.upload("forms-" + kind, long, id="name", time="when")
    job = client.submit("forms-" + kind, 4, **options).wait(60)
    answer = job.answer()
    assert answer["time"] == kind, answer["time"]
    parts = answer["assets"] + [answer["overall"]]
    assert first["mean"].tolist() == [v for p in parts for v in p["mean"]], kind
    assert first["lo-80"].tolist() == [v for p in parts for v in p["lo"]["80"]], kind
    assert first["q-0.25"].tolist() == [v for p in parts for v in p["quantiles"]["0.25"]], kind
    assert text(job.table()) == text(first) or kind == "instant", kind  # which it does not know to be of a zone
    assert client.forecast("forms-" + kind, 4, portfolio="all", **options).iloc[-1, 0] == "all"
    client.remove_dataset("forms-" + kind)

# As yfinance has it: columns of two levels.
days = pd.bdate_range("2024-01-01", periods=60, name="Date")
levels = pd.MultiIndex.from_product([["Close", "Volume"], ["AAPL", "MSFT"]], names=["Price", "Ticker"])
bars = pd.DataFrame([[100.0 + k, 300.0 - k, 1e6, 2e6] for k in range(60)], columns=levels, index=days)
got = client.forecast(bars, 2, model="drift", portfolio="all")
assert [round(v) for v in got["mean"]] == [160, 161, 240, 239, 200, 200] and got["unique_id"].unique().tolist() == ["AAPL", "MSFT", "all"], got
assert got["ds"].tolist() == list(pd.bdate_range("2024-03-25", periods=2)) * 3, got

assert not [d["name"] for d in client.datasets() if d["name"].startswith("python-")], "a table was left behind"
print("ok")
