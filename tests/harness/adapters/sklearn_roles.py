"""scikit-learn behind the doors."""

from __future__ import annotations

from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.preprocessing import PolynomialFeatures

from harness.adapters.adapter import door

k_fold = door("k_fold", KFold, arrays="sklearn")
stratified_k_fold = door("stratified_k_fold", StratifiedKFold, arrays="sklearn")
polynomial_features = door("polynomial_features", PolynomialFeatures, arrays="sklearn")
