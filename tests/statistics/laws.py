"""Four laws on [0, 1] with the mean 0.6, from the widest to a narrow one."""

from scipy import stats

LAWS = {
    "Bernoulli(.6)": stats.bernoulli(0.6),
    "Beta(.6, .4)": stats.beta(0.6, 0.4),
    "Beta(6, 4)": stats.beta(6, 4),
    "Beta(30, 20)": stats.beta(30, 20),
}
