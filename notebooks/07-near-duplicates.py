# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # Near duplicates
#
# Records under different addresses that are probably one person. pdsync knows people by their address, so it would make a
# contact of each. Nothing is held back because of them: this is for people to look at, with the evidence beside each.

# %% tags=["parameters"]
account = "demo"  # the folder with pdsync.toml and .pdsync; "demo": invented people, no account needed
shown = 200  # so many records are listed, the surest first
searchable = True  # tables to search and sort, which need scripts; False in report pages, which have none

# %%
import altair as alt
import polars as pl
from IPython.display import display
from itables import init_notebook_mode, show

import pdsync

pdsync.charts()  # pictures, which need neither scripts nor a network
if searchable:
    init_notebook_mode(connected=False)  # its scripts come from this machine

BLUE, ORANGE, GREEN = "#0072b2", "#e69f00", "#009e73"  # told apart by everybody (Okabe and Ito)
LAYOUT = {"topStart": "search", "topEnd": None, "bottomStart": "info", "bottomEnd": "paging"}


def listed(title: str, rows: pl.DataFrame) -> None:
    """A table to search and sort, or the first rows of it; what stands in it is shown as text, never run."""
    if searchable:
        show(
            rows,
            caption=title,
            layout=LAYOUT,
            classes="display compact",
            show_dtypes=False,
            allow_html=False,
            maxBytes=0,
        )
    else:
        display(pdsync.Table.of(title, rows, shown=shown))


here = pdsync.open_account(account)
here

# %% [markdown]
# ## How many, and where

# %%
doubles = here.audit(near_duplicates=True).near_duplicates.to_polars()
people = doubles["person"].n_unique()
spare = doubles.height - people

PLACES = ["within Pipedrive", "within Plezi", "across both sides"]
places = (
    pl.DataFrame({"where": PLACES})
    .join(doubles.group_by("where").agg(people=pl.col("person").n_unique()), on="where", how="left")
    .fill_null(0)
)
alt.Chart(places).mark_bar().encode(
    x=alt.X("people:Q", title="people with several records", axis=alt.Axis(tickMinStep=1)),
    y=alt.Y("where:N", sort=PLACES, title=None),
    color=alt.Color("where:N", scale=alt.Scale(domain=PLACES, range=[BLUE, ORANGE, GREEN]), legend=None),
).properties(
    width=460,
    height=90,
    title=f"{people:,} people probably have {doubles.height:,} records: {spare:,} more than they need"
    if people
    else "Nobody seems to have several records",
)

# %% [markdown]
# ## What speaks for it
#
# Names alone are never enough: something else has to agree as well, and what many people share says little. Two birthdays
# are two people, whatever else agrees.


# %%
def evidence(column: str, word: str) -> pl.DataFrame:
    said = doubles.select("person", pl.col(column).alias("what")).explode("what").drop_nulls()
    return said.group_by("what").agg(people=pl.col("person").n_unique()).with_columns(says=pl.lit(word))


speaks = pl.concat([evidence("agree", "for it"), evidence("differ", "against it")])
best = speaks.filter(says="for it", what="the same name")["people"].sum()
alt.Chart(speaks).mark_bar().encode(
    x=alt.X("people:Q", title="people", axis=alt.Axis(tickMinStep=1)),
    y=alt.Y("what:N", sort="-x", title=None, axis=alt.Axis(labelLimit=320)),
    color=alt.Color(
        "says:N", scale=alt.Scale(domain=["for it", "against it"], range=[BLUE, ORANGE]), title="speaks"
    ),
).properties(
    width=420,
    height={"step": 20},
    title=f"{best:,} of {people:,} people bear exactly the same name twice; the others are written otherwise"
    if best < people
    else f"All {people:,} people bear exactly the same name on each record",
)

# %% [markdown]
# ## How sure it is

# %%
GRADES = ["99 to 99.9 %", "99.9 to 99.99 %", "over 99.99 %"]
chance = pl.col("probability").max()
sure = (
    doubles.group_by("person")
    .agg(
        grade=pl.when(chance > 0.9999)
        .then(pl.lit(GRADES[2]))
        .when(chance > 0.999)
        .then(pl.lit(GRADES[1]))
        .otherwise(pl.lit(GRADES[0]))
    )
    .group_by("grade")
    .agg(people=pl.len())
)
surest = sure.filter(grade=GRADES[2])["people"].sum()
alt.Chart(sure).mark_bar(color=BLUE).encode(
    x=alt.X(
        "grade:O",
        sort=GRADES,
        scale=alt.Scale(domain=GRADES),
        title="probability of one person",
        axis=alt.Axis(labelAngle=0),
    ),
    y=alt.Y("people:Q", title="people", axis=alt.Axis(tickMinStep=1)),
).properties(
    width=420,
    height=180,
    title=f"{surest:,} of {people:,} are as good as certain; look at the others first"
    if surest < people
    else f"All {people:,} are as good as certain",
)

# %% [markdown]
# ## Side by side
#
# Rows with the same number are probably the same person. Merge in Pipedrive with care: it cannot be undone.

# %%
listed(
    "Probably one person",
    doubles.head(shown).select(
        "person",
        "side",
        "id",
        "name",
        "address",
        pl.col("agree").list.join(", "),
        pl.col("differ").list.join(", "),
        "sure",
    ),
)
