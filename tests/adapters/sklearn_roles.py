"""scikit-learn behind the doors."""

from __future__ import annotations

from sklearn.model_selection import KFold
from sklearn.preprocessing import PolynomialFeatures

from harness.adapters.door import door

k_fold = door("k_fold", KFold, arrays="sklearn")
polynomial_features = door("polynomial_features", PolynomialFeatures, arrays="sklearn")
