//! Allocates tables that refer to each other.

use bumpalo::Bump;

/// An arena of tables. The whole arena is freed at once without running destructors, so tables must not own memory.
#[derive(Clone, Copy)]
pub(super) struct Arena<'a>(pub(super) &'a Bump);

impl<'a> Arena<'a> {
    pub(super) fn text(self, text: &str) -> &'a str {
        self.0.alloc_str(text)
    }

    pub(super) fn list<T: Copy>(self, values: impl Iterator<Item = T>) -> &'a [T] {
        self.0.alloc_slice_copy(&values.collect::<Vec<_>>())
    }

    pub(super) fn texts(self, texts: &'a [String]) -> &'a [&'a str] {
        self.list(texts.iter().map(String::as_str))
    }
}

/// Calls the builder method `set` if there is a value for it.
pub(super) fn maybe<R, T>(row: R, value: Option<T>, set: impl FnOnce(R, T) -> R) -> R {
    match value {
        Some(value) => set(row, value),
        None => row,
    }
}
