"""scikit-learn behind the adapters."""

from __future__ import annotations

from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.preprocessing import PolynomialFeatures

from harness.adapters.adapter import adapter

k_fold = adapter("k_fold", KFold, arrays="sklearn")
stratified_k_fold = adapter("stratified_k_fold", StratifiedKFold, arrays="sklearn")
polynomial_features = adapter("polynomial_features", PolynomialFeatures, arrays="sklearn")
