//! Bounds, patterns and formats.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::found::{Found, Shift};
use super::types::Types;
use super::values::text;
use super::view::View;
use super::walk::Walk;

/// Keywords that bound a length or a count. Each has a description, a flag for a minimum, and the type that it restricts.
const COUNTS: [(&str, &str, bool, Types); 8] = [
    ("minLength", "minimum length", true, Types::STRING),
    ("maxLength", "maximum length", false, Types::STRING),
    ("minItems", "minimum number of items", true, Types::ARRAY),
    ("maxItems", "maximum number of items", false, Types::ARRAY),
    ("minProperties", "minimum number of properties", true, Types::OBJECT),
    ("maxProperties", "maximum number of properties", false, Types::OBJECT),
    ("minContains", "minimum number of matching items", true, Types::ARRAY),
    ("maxContains", "maximum number of matching items", false, Types::ARRAY),
];

/// The formats that restrict values. Other formats are annotations.
const FORMATS: [&str; 25] = [
    "byte",
    "date",
    "date-time",
    "double",
    "duration",
    "email",
    "float",
    "hostname",
    "idn-email",
    "idn-hostname",
    "int32",
    "int64",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "regex",
    "relative-json-pointer",
    "time",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
    "binary",
];

/// Pairs of formats. All values of the first format are values of the second format.
const WITHIN: [(&str, &str); 8] = [
    ("int32", "int64"),
    ("float", "double"),
    ("uri", "uri-reference"),
    ("uri", "iri"),
    ("uri-reference", "iri-reference"),
    ("iri", "iri-reference"),
    ("email", "idn-email"),
    ("hostname", "idn-hostname"),
];

impl<'s> Walk<'_, 's> {
    /// Compares the restrictions of the types that both schemas accept.
    pub(super) fn compare_bounds(&mut self, path: &str, old: &View<'s>, new: &View<'s>, common: Types) {
        for (keyword, words, is_lower, _) in COUNTS.into_iter().filter(|(.., of)| common.meets(*of)) {
            let bound = |view: &View<'s>| {
                let value = view.get(keyword)?;
                // A minimum of zero has no effect.
                (!is_lower || value.as_f64() != Some(0.0)).then_some(Bound { value, is_exclusive: false })
            };
            self.compare_bound(path, words, is_lower, bound(old), bound(new));
        }
        if common.meets(Types::NUMBER) {
            self.compare_numeric(path, old, new);
        }
        if common.meets(Types::STRING.or(Types::NUMBER)) {
            self.compare_formats(path, old.get("format"), new.get("format"));
        }
        if common.meets(Types::STRING) {
            self.compare_texts_within(path, old, new);
        }
        let is_unique = |view: &View<'s>| view.get("uniqueItems") == Some(&Value::Bool(true));
        if is_unique(old) != is_unique(new) && common.meets(Types::ARRAY) {
            let shift = if is_unique(new) { Shift::Narrowed } else { Shift::Widened };
            let words = |is: bool| Some(if is { "unique" } else { "may repeat" }.to_owned());
            self.add(Found::new(path, shift, "items", words(is_unique(old)), words(is_unique(new))));
        }
    }

    fn compare_numeric(&mut self, path: &str, old: &View<'s>, new: &View<'s>) {
        for (inclusive, exclusive, words, is_lower) in [
            ("minimum", "exclusiveMinimum", "minimum", true),
            ("maximum", "exclusiveMaximum", "maximum", false),
        ] {
            let bound = |view: &View<'s>| stricter(view.get(inclusive), view.get(exclusive), is_lower);
            self.compare_bound(path, words, is_lower, bound(old), bound(new));
        }
        self.compare_multiples(path, old.get("multipleOf"), new.get("multipleOf"));
    }

    fn compare_texts_within(&mut self, path: &str, old: &View<'s>, new: &View<'s>) {
        self.compare_restriction(path, "pattern", old.get("pattern"), new.get("pattern"));
        // If only one schema has an encoding, a string that is valid in one schema means something else in the other, or cannot be decoded.
        for (keyword, shift) in [("contentEncoding", Shift::Changed), ("contentMediaType", Shift::Unknown)] {
            let (before, after) = (old.get(keyword), new.get(keyword));
            if before != after {
                let words = "encoding of the text";
                self.add(Found::new(path, shift, words, before.map(text), after.map(text)));
            }
        }
    }

    fn compare_bound(
        &mut self,
        path: &str,
        words: &'static str,
        is_lower: bool,
        old: Option<Bound<'s>>,
        new: Option<Bound<'s>>,
    ) {
        let shift = match (&old, &new) {
            (None, None) => return,
            (None, Some(_)) => Shift::Narrowed,
            (Some(_), None) => Shift::Widened,
            (Some(before), Some(after)) => match before.compare(after, is_lower) {
                Some(Ordering::Equal) => return,
                Some(Ordering::Less) => Shift::Narrowed,
                Some(Ordering::Greater) => Shift::Widened,
                None => Shift::Changed,
            },
        };
        let text = |bound: Option<Bound<'_>>| bound.map(|bound| bound.words(is_lower));
        self.add(Found::new(path, shift, words, text(old), text(new)));
    }

    fn compare_multiples(&mut self, path: &str, old: Option<&'s Value>, new: Option<&'s Value>) {
        if old == new {
            return;
        }
        let divides = |of: f64, by: f64| by != 0.0 && (of / by).fract() == 0.0;
        let shift = match (old.map(Value::as_f64), new.map(Value::as_f64)) {
            (None, _) => Shift::Narrowed,
            (_, None) => Shift::Widened,
            (Some(Some(before)), Some(Some(after))) if divides(after, before) => Shift::Narrowed,
            (Some(Some(before)), Some(Some(after))) if divides(before, after) => Shift::Widened,
            _ => Shift::Changed,
        };
        self.add(Found::new(path, shift, "multiple of", old.map(text), new.map(text)));
    }

    /// Compares a keyword that only restricts values, and whose restrictions cannot be ordered by strictness.
    fn compare_restriction(
        &mut self,
        path: &str,
        words: &'static str,
        old: Option<&'s Value>,
        new: Option<&'s Value>,
    ) {
        if old == new {
            return;
        }
        let shift = match (old, new) {
            (None, _) => Shift::Narrowed,
            (_, None) => Shift::Widened,
            _ => Shift::Changed,
        };
        self.add(Found::new(path, shift, words, old.map(text), new.map(text)));
    }

    fn compare_formats(&mut self, path: &str, old: Option<&'s Value>, new: Option<&'s Value>) {
        if old == new {
            return;
        }
        // Other formats, such as `password`, are annotations.
        let restricts = |format: Option<&'s Value>| format?.as_str().filter(|it| FORMATS.contains(it));
        let is_within = |one: &str, other: &str| WITHIN.contains(&(one, other));
        let shift = match (restricts(old), restricts(new)) {
            (None, None) => Shift::Unknown,
            (None, Some(_)) => Shift::Narrowed,
            (Some(_), None) => Shift::Widened,
            (Some(before), Some(after)) if is_within(before, after) => Shift::Widened,
            (Some(before), Some(after)) if is_within(after, before) => Shift::Narrowed,
            _ => Shift::Changed,
        };
        self.add(Found::new(path, shift, "format", old.map(text), new.map(text)));
    }
}

/// A bound of a number or a count.
#[derive(Clone, Copy)]
struct Bound<'s> {
    value: &'s Value,
    is_exclusive: bool,
}

impl Bound<'_> {
    /// Compares how strict two bounds are. `Less` means that `self` is looser.
    fn compare(&self, next: &Self, is_lower: bool) -> Option<Ordering> {
        let order = compare_numbers(self.value.as_number()?, next.value.as_number()?)?;
        let order = if is_lower { order } else { order.reverse() };
        Some(order.then(self.is_exclusive.cmp(&next.is_exclusive)))
    }

    fn words(&self, is_lower: bool) -> String {
        match (self.is_exclusive, is_lower) {
            (false, _) => text(self.value),
            (true, true) => format!("more than {}", text(self.value)),
            (true, false) => format!("less than {}", text(self.value)),
        }
    }
}

/// Returns the stricter of two bounds.
fn stricter<'s>(
    inclusive: Option<&'s Value>,
    exclusive: Option<&'s Value>,
    is_lower: bool,
) -> Option<Bound<'s>> {
    let inclusive = inclusive.map(|value| Bound { value, is_exclusive: false });
    let exclusive = exclusive.map(|value| Bound { value, is_exclusive: true });
    match (inclusive, exclusive) {
        (Some(one), Some(other)) => {
            Some(if one.compare(&other, is_lower) == Some(Ordering::Greater) { one } else { other })
        }
        (one, other) => one.or(other),
    }
}

/// Compares two numbers exactly. Returns None for differently spelled numbers that are equal only as floating-point
/// numbers and are too large to be exact.
fn compare_numbers(one: &Number, other: &Number) -> Option<Ordering> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if let (Some(one), Some(other)) = (one.as_i128(), other.as_i128()) {
        return Some(one.cmp(&other));
    }
    let order = one.as_f64()?.partial_cmp(&other.as_f64()?)?;
    let is_exact = order != Ordering::Equal || one == other || one.as_f64()?.abs() < EXACT;
    is_exact.then_some(order)
}
