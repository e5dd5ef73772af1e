# How long a table of many series takes, there and back.
import sys, time
import numpy as np, pandas as pd
import foliocast

client = foliocast.Client.local(sys.argv[1])
series, values = int(sys.argv[2]), 100
walks = 100 + np.random.default_rng(int(sys.argv[3])).normal(size=(series, values)).cumsum(axis=1)
table = pd.DataFrame({"unique_id": np.repeat([f"S{i}" for i in range(series)], values), "ds": np.tile(pd.date_range("2024-01-01", periods=values), series), "y": walks.ravel()})
begun = time.monotonic()
got = client.forecast(table, 12, levels=[80, 95])
took = time.monotonic() - begun
assert got.shape[0] == 12 * (series + 1) and got["ds"].min() == pd.Timestamp("2024-04-10") and got["hi-95"].notna().all()
print(f"{took:.3f}")
