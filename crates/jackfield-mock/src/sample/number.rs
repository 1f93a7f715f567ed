//! Samples numbers within bounds.

use serde_json::{Map, Number, Value};

use super::fits::is_multiple;

/// The greatest number up to which floats represent every integer.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Returns a number within the bounds, close to 1. `nth` is the index of the array item, so that items differ.
pub(super) fn sample(keywords: &Map<String, Value>, integer: bool, nth: usize) -> Option<Value> {
    let bound = |key: &str| keywords.get(key).and_then(Value::as_f64);
    let step = bound("multipleOf").filter(|step| *step > 0.0);
    let step = match step {
        // A fractional step such as 0.5 is multiplied until the result is an integer.
        Some(step) if integer && step.fract() != 0.0 => (1..=1000)
            .map(|times| f64::from(times) * step)
            .find(|it| is_multiple(*it, 1.0))
            .map(f64::round)?,
        Some(step) => step,
        None if integer => 1.0,
        None => 0.5,
    };
    let strict = keywords.contains_key("multipleOf") || integer;
    let least = bound("minimum").unwrap_or(f64::NEG_INFINITY);
    let most = bound("maximum").unwrap_or(f64::INFINITY);
    let above = bound("exclusiveMinimum").unwrap_or(f64::NEG_INFINITY);
    let below = bound("exclusiveMaximum").unwrap_or(f64::INFINITY);
    let fits = |it: &f64| *it >= least && *it <= most && *it > above && *it < below;

    let low = least.max(above);
    let high = most.min(below);
    // The preferred number is 1 for integers, and a number with a fraction otherwise.
    let wish = if integer { 1.0 } else { 1.5 } + nth as f64;
    let near = wish.max(low).min(high);
    let times = (near / step).floor();
    let on_grid = (-1..=2).map(|more| (times + f64::from(more)) * step);
    let between =
        if strict || !(low.is_finite() && high.is_finite()) { None } else { Some((low + high) / 2.0) };
    let found = [near]
        .into_iter()
        .filter(|it| !strict || is_multiple(*it, step))
        .chain(on_grid)
        .chain(between)
        .find(fits)?;
    number(found, integer, keywords)
}

fn number(value: f64, integer: bool, keywords: &Map<String, Value>) -> Option<Value> {
    if !integer {
        return Number::from_f64(value).map(Value::Number);
    }
    if value.abs() < EXACT {
        return Some(Value::from(value as i64));
    }
    // Floats of this size cannot represent every integer, but an inclusive bound itself is exact.
    ["minimum", "maximum"]
        .iter()
        .find_map(|key| keywords.get(*key).filter(|it| it.is_i64() || it.is_u64()).cloned())
}
