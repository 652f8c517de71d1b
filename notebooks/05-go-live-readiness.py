# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # Ready to go live?
#
# What stands between these two databases and a first sync, and whether it is getting better.

# %% tags=["parameters"]
account = "demo"  # the folder with pdsync.toml and .pdsync; "demo": invented people, no account needed
reads = 5  # so many past reads are compared

# %%
import altair as alt
import polars as pl

import pdsync

alt.renderers.enable("svg")  # pictures, which need neither scripts nor a network


@alt.theme.register("pdsync", enable=True)
def theme() -> dict[str, object]:
    """Titles begin where the chart begins."""
    return {"config": {"title": {"anchor": "start", "fontSize": 14, "offset": 10}}}


SEVERITIES, COLOURS = ["blocking", "warning", "info"], ["#d55e00", "#e69f00", "#56b4e9"]

here = pdsync.open_account(account)
report = here.audit()
here

# %% [markdown]
# ## The answer

# %%
report

# %% [markdown]
# ## What it rests on

# %%
found = (
    report.summary.to_polars()
    .filter(pl.col("findings") > 0)
    .with_columns(records=pl.col("persons") + pl.col("contacts"))
)

alt.Chart(found).mark_bar().encode(
    x=alt.X("records:Q", title="records concerned (persons and contacts)"),
    y=alt.Y("code:N", sort=alt.EncodingSortField("records", order="descending"), title=None),
    color=alt.Color("severity:N", scale=alt.Scale(domain=SEVERITIES, range=COLOURS), title=None),
).properties(
    width=480,
    height={"step": 20},
    title=f"{report.gate.capitalize()}: {report.blocked_records} of {sum(report.records.values()):,} records "
    "are kept out of plans",
)

# %% [markdown]
# ## Is it getting better?

# %%
trend = here.trend(most=reads).to_polars().with_columns(records=pl.col("persons") + pl.col("contacts"))
moments = trend["read_at"].unique().sort()
form = "%d %b %H:%M:%S" if (moments[-1] - moments[0]).days < 1 else "%d %b"
of_interest = trend.filter(pl.col("severity") != "info").filter(pl.col("records").max().over("code") > 0)
blocking = trend.filter(severity="blocking").group_by("read_at").agg(pl.col("records").sum()).sort("read_at")
first, last = (blocking["records"][0], blocking["records"][-1]) if blocking.height else (0, 0)
word = "as" if last == first else f"after {first}"

alt.Chart(of_interest).mark_line(point=True).encode(
    x=alt.X("read_at:T", title="when both sides were read (UTC)", axis=alt.Axis(format=form, labelAngle=-30)),
    y=alt.Y("records:Q", title="records concerned", scale=alt.Scale(zero=True)),
    color=alt.Color("code:N", scale=alt.Scale(scheme="viridis"), title=None),
    strokeDash=alt.StrokeDash("code:N", title=None),
).properties(
    width=520,
    height=240,
    title=f"{last} records are blocked, {word} at the first of {moments.len()} reads",
)

# %% [markdown]
# ## What to do, in order

# %%
todo = found.with_columns(
    rank=pl.col("severity").replace_strict({"blocking": 0, "warning": 1, "info": 2})
).sort("rank", -pl.col("records"))
pdsync.Table.of(
    "What to do",
    todo.select("severity", "code", "records", "headline", pl.col("fix").alias("what to do"), "why"),
)
