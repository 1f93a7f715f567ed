//! Comparisons of small schemas.
