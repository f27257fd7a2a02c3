"""Four laws on [0, 1] with the mean 0.6, from the widest to a narrow one."""

from scipy import stats

# Bernoulli(.6), and the parameters of Beta laws that are ever narrower.
PARAMETERS = {
    "Bernoulli(.6)": None,
    "Beta(.6, .4)": (0.6, 0.4),
    "Beta(6, 4)": (6.0, 4.0),
    "Beta(30, 20)": (30.0, 20.0),
}
LAWS = {
    name: stats.bernoulli(0.6) if law is None else stats.beta(*law)
    for name, law in PARAMETERS.items()
}
# Values that are enough to end every run of betting against a mean of 0.5 at one in a million.
HORIZONS = {"Bernoulli(.6)": 4500, "Beta(.6, .4)": 2500, "Beta(6, 4)": 400, "Beta(30, 20)": 200}
