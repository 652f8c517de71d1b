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
from great_tables import GT, nanoplot_options

import pdsync

pdsync.charts()  # pictures, which need neither scripts nor a network

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
    title=f"{report.gate.capitalize()}: {report.blocked_records:,} of {sum(report.records.values()):,} records are kept "
    "out of plans"
    if sum(report.records.values())
    else f"{report.gate.capitalize()}: nobody is there yet",
)

# %% [markdown]
# ## Is it getting better?

# %%
trend = here.trend(most=reads).to_polars().with_columns(records=pl.col("persons") + pl.col("contacts"))
moments = trend["read_at"].unique().sort()
form = "%d %b %H:%M:%S" if (moments[-1] - moments[0]).days < 1 else "%d %b"
blocking = trend.filter(severity="blocking").group_by("read_at").agg(pl.col("records").sum()).sort("read_at")
first, last = (blocking["records"][0], blocking["records"][-1]) if blocking.height else (0, 0)
change = (
    trend.sort("read_at")
    .group_by("code")
    .agg(change=pl.col("records").last().cast(pl.Int64) - pl.col("records").first().cast(pl.Int64))
    .filter(pl.col("change") != 0)
    .with_columns(word=pl.when(pl.col("change") < 0).then(pl.lit("fewer")).otherwise(pl.lit("more")))
)

line = (
    alt.Chart(blocking.with_columns(read=pl.col("read_at").dt.strftime(form)))
    .mark_line(point=True, color=COLOURS[0])
    .encode(
        x=alt.X("read:O", title="when both sides were read (UTC)", axis=alt.Axis(labelAngle=-30), sort=None),
        y=alt.Y("records:Q", title="records blocked", scale=alt.Scale(zero=True)),
    )
    .properties(width=260, height=200)
)
bars = (
    alt.Chart(change)
    .mark_bar()
    .encode(
        x=alt.X("change:Q", title="records, last read against first"),
        y=alt.Y("code:N", title=None, sort="x"),
        color=alt.Color(
            "word:N", title=None, scale=alt.Scale(domain=["fewer", "more"], range=["#0072b2", "#e69f00"])
        ),
    )
    .properties(width=260, height={"step": 20})
)
if moments.len() == 1:
    said = f"{last:,} records are blocked; there is one read only, so nothing to compare with"
elif last == first:
    said = f"{last:,} records are blocked, as at the first of {moments.len()} reads"
else:
    said = f"{last:,} records are blocked, after {first:,} at the first of {moments.len()} reads"
alt.hconcat(line, bars).properties(title=said)

# %% [markdown]
# Records concerned, audit by audit, at each read; links are left out, as only those of today are known.

# %%
order = {code: number for number, code in enumerate(found["code"])}
table = trend.filter(pl.col("code").is_in(list(order))).with_columns(
    read=pl.col("read_at").dt.strftime(form),
    place=pl.col("code").replace_strict(order, return_dtype=pl.Int64),
)
wide = table.pivot("read", index=["severity", "code", "place"], values="records").sort("place").drop("place")
reads_of = wide.columns[2:]
lines = wide.with_columns(
    course=pl.concat_list(pl.col(reads_of).fill_null(0)).cast(pl.List(pl.String)).list.join(" ")
)
STROKES = ("data_line_stroke_color", "data_point_stroke_color", "data_point_fill_color")
pages = (
    GT(lines, rowname_col="code", groupname_col="severity")
    .tab_header(title=f"Records concerned at the last {moments.len()} reads")
    .tab_spanner(label="read at (UTC)", columns=reads_of)
    .fmt_integer(reads_of)
    .sub_missing(reads_of, missing_text="")
    .cols_label(course="course")
    .tab_options(table_font_size="13px", heading_align="left", table_margin_left="0px")
)
pages.fmt_nanoplot(
    "course", options=nanoplot_options(**dict.fromkeys(STROKES, "#0072b2"), data_area_fill_color="#cfe3f1")
) if len(reads_of) > 1 else pages

# %% [markdown]
# ## What to do, in order

# %%
todo = found.with_columns(
    rank=pl.col("severity").replace_strict({"blocking": 0, "warning": 1, "info": 2})
).sort("rank", -pl.col("records"))
pdsync.Table.of(
    "What to do",
    todo.select("severity", "code", "records", "headline", pl.col("fix").alias("what to do"), "why"),
    shown=todo.height,
)
