import datetime
import io
import pickle
import sqlite3

import pandas as pd
from shown import uses

uses(pandas="pandas", numpy="numpy", pytz="pytz")
sales = pd.DataFrame(
    {
        "day": pd.date_range("2024-01-30", periods=6, freq="D", tz="Europe/Berlin"),
        "shop": pd.Categorical(["a", "b", "a", "c", "b", "a"]),
        "sold": [3, 5, 2, 8, 1, 4],
    }
)
print(sales.groupby("shop", observed=True)["sold"].agg(["sum", "mean", "max"]).to_string())
shops = pd.DataFrame({"shop": ["a", "b", "d"], "town": ["Ulm", "Bonn", "Kiel"]})
merged = sales.assign(shop=sales["shop"].astype(str)).merge(shops, on="shop", how="outer", indicator=True)
print(merged.sort_values(["shop", "day"])[["shop", "sold", "town", "_merge"]].to_csv(index=False))
print(sales.set_index("day")["sold"].resample("2D").sum().to_dict())
read = pd.read_csv(io.StringIO("when,value\n2024-03-01,1.5\n2024-03-02,\n"), parse_dates=["when"])
print(read.dtypes.astype(str).to_dict(), read["value"].fillna(0).tolist())
again = pickle.loads(pickle.dumps(sales))
pd.testing.assert_frame_equal(again, sales)
with sqlite3.connect(":memory:") as connection:
    shops.to_sql("shops", connection, index=False)
    print(pd.read_sql("select town from shops order by town", connection)["town"].tolist())
print(sales.pivot_table(index="shop", values="sold", aggfunc="sum", observed=True).query("sold > 6").index.tolist())
print(sales["sold"].rolling(2).mean().round(2).tolist(), sales["sold"].quantile(0.25))
print(pd.Timestamp("2024-02-29") + pd.offsets.MonthEnd(1), pd.Timedelta(datetime.timedelta(hours=25)))
print(pd.json_normalize([{"a": {"b": 1}}, {"a": {"b": 2}}])["a.b"].tolist())
print(shops.style.format(str.upper, subset=["town"]).hide(axis="index").to_html(table_uuid="t").count("ULM"))
