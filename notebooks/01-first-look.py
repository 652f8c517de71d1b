# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # First look
#
# Who is in there: where people came from, how old the records are, how well the fields are filled, which options are used.

# %% tags=["parameters"]
account = "demo"  # the folder with pdsync.toml and .pdsync; "demo": invented people, no account needed

# %%
from datetime import timedelta

import altair as alt
import polars as pl

import pdsync

pdsync.charts()  # pictures, which need neither scripts nor a network

BLUE, ORANGE = "#0072b2", "#e69f00"  # told apart by everybody (Okabe and Ito)
SIDES = alt.Scale(domain=["Pipedrive", "Plezi"], range=[BLUE, ORANGE])

here = pdsync.open_account(account)
sides = {"Pipedrive": here.persons, "Plezi": here.contacts}
here

# %% [markdown]
# ## How well the fields are filled

# %%
filled = pl.concat(
    [snapshot.fields.to_polars().with_columns(pl.lit(name).alias("side")) for name, snapshot in sides.items()]
)
poor = filled.filter(pl.col("percent") < 50).height


def fill_rates(name: str, colour: str) -> alt.Chart:
    return (
        alt.Chart(filled.filter(side=name), title=alt.Title(name, anchor="start", fontSize=12))
        .mark_bar(color=colour)
        .encode(
            x=alt.X("percent:Q", title="filled, % of records", scale=alt.Scale(domain=[0, 100])),
            y=alt.Y("column:N", sort="-x", title=None),
        )
        .properties(width=280, height={"step": 15})
    )


alt.hconcat(fill_rates("Pipedrive", BLUE), fill_rates("Plezi", ORANGE)).properties(
    title=f"{poor} of {filled.height} fields are filled in fewer than half of the records"
)

# %% [markdown]
# ## Where they came from


# %%
def sources(snapshot: pdsync.Snapshot) -> pl.DataFrame:
    name = snapshot.side.capitalize()
    if "source" not in snapshot.records.columns:
        return pl.DataFrame(schema={"source": pl.String, "records": pl.UInt32, "side": pl.String})
    counted = (
        snapshot.records.lazy().group_by(pl.col("source").fill_null("(empty)")).agg(pl.len().alias("records"))
    )
    return (
        counted.with_columns(pl.lit(name).alias("side")).sort("records", descending=True).head(12).collect()
    )


came = pl.concat([sources(snapshot) for snapshot in sides.values()])
known = came.filter((pl.col("side") == "Plezi") & (pl.col("source") != "(empty)")).sort(
    "records", descending=True
)
said = (
    f"'{known['source'][0]}' brought most contacts: {known['records'][0]:,} of {here.contacts.rows:,}"
    if known.height
    else "No source is known"
)

alt.Chart(came).mark_bar().encode(
    x=alt.X("records:Q", title="records"),
    y=alt.Y("source:N", sort="-x", title=None),
    color=alt.Color("side:N", scale=SIDES, legend=None),
    column=alt.Column("side:N", title=None),
).resolve_scale(x="independent", y="independent").properties(width=260, height={"step": 18}, title=said)

# %% [markdown]
# ## How old the records are


# %%
def by_month(snapshot: pdsync.Snapshot) -> pl.DataFrame:
    changed = snapshot.records.lazy().filter(pl.col("updated_at").is_not_null())
    months = changed.group_by(pl.col("updated_at").dt.truncate("1mo").alias("month")).agg(
        pl.len().alias("records")
    )
    return months.with_columns(pl.lit(snapshot.side.capitalize()).alias("side")).sort("month").collect()


ages = pl.concat([by_month(snapshot) for snapshot in sides.values()])
newest = max(snapshot.taken_at for snapshot in sides.values())
old = ages.filter(pl.col("month") < newest - timedelta(days=365))["records"].sum()
dated = ages["records"].sum()

alt.Chart(ages).mark_bar().encode(
    x=alt.X("yearmonth(month):T", title="month of the last change"),
    y=alt.Y("records:Q", title="records"),
    color=alt.Color("side:N", scale=SIDES, title=None),
    row=alt.Row("side:N", title=None, header=alt.Header(labels=False)),
).properties(
    width=600,
    height=110,
    title=f"{old / dated:.0%} of the records were not changed for a year"
    if dated
    else "Nothing says when a record was changed",
)

# %% [markdown]
# ## Which options are used
#
# Of the fields that the mapping names; of a long list, those that most records hold.

# %%
options = here.options.to_polars().with_columns(pl.col("side").str.to_titlecase())
unused = options.filter(records=0).height
if not options.height:
    said = "The mapping names no field with options"
elif unused:
    said = f"{unused} of {options.height} options are used by nobody"
else:
    said = "Every option is used by somebody"

most = options.sort("records", descending=True).group_by("field", "side", maintain_order=True).head(15)
alt.Chart(most).mark_bar().encode(
    x=alt.X("records:Q", title="records that hold it"),
    y=alt.Y("label:N", sort="-x", title=None),
    color=alt.Color("side:N", scale=SIDES, legend=None),
    column=alt.Column("side:N", title=None, align="all"),
    row=alt.Row("field:N", title=None, spacing=10, align="each"),
).resolve_scale(y="independent").properties(width=260, height={"step": 18}, title=said)
