# Forecasts on and on. After each line that it prints the test kills something.
import sys
import pandas as pd
import foliocast

client = foliocast.Client.local(sys.argv[1])
rounds = int(sys.argv[2])
days = pd.date_range("2024-01-01", periods=50)
for n in range(rounds):
    print(n, flush=True)
    table = pd.DataFrame({"A": [float(k + n) for k in range(50)], "B": [float(2 * k - n) for k in range(50)]}, index=days)
    got = client.forecast(table, 3, model="drift", levels=[80], portfolio="all")
    want = [50.0 + n, 51.0 + n, 52.0 + n, 100.0 - n, 102.0 - n, 104.0 - n, 75.0, 76.5, 78.0]
    assert max(abs(a - b) for a, b in zip(got["mean"], want)) < 1e-6, got
    assert got["ds"].tolist() == list(pd.date_range("2024-02-20", periods=3)) * 3, got
assert len(client.jobs()) == rounds, client.jobs()
assert client.datasets() == [], client.datasets()
print("ok")
