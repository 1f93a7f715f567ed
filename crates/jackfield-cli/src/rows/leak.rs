//! Leaks values, and applies optional values to row builders.

pub(super) fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

pub(super) fn list<T>(values: impl Iterator<Item = T>) -> &'static [T] {
    leak(values.collect::<Vec<_>>())
}

pub(super) fn texts(texts: &'static [String]) -> &'static [&'static str] {
    list(texts.iter().map(String::as_str))
}

/// Calls a method of a row builder if there is a value for it.
pub(super) fn maybe<R, T>(row: R, value: Option<T>, set: impl FnOnce(R, T) -> R) -> R {
    match value {
        Some(value) => set(row, value),
        None => row,
    }
}
